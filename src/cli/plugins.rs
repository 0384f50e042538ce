//! Programs that are commands: an unknown command may be a plugin, which then runs in place of this program with all arguments.

use super::Env;
use super::Tree;
use super::words::command_at;
use crate::ops::plugins::Directory;
use crate::ops::plugins::Plugin;
use std::ffi::OsString;
use std::process::Command;

/// Becomes the plugin that the words name, and returns only if that fails, with the reason; `None` if they name no plugin.
pub fn run_instead(tree: Tree, program: &'static str, arguments: &[OsString], env: &Env) -> Option<String> {
    let first = arguments.get(1)?;
    if first.to_str().is_some_and(tree.has) {
        return None;
    }
    let words = arguments.get(1..)?;
    let at = command_at(&(tree.root)(program), words)?;
    let plugin = find(tree, env, words[at].to_str()?)?;
    // Flags before the name go in front: they are the plugin's too.
    let mut command = Command::new(&plugin.path);
    command.args(&words[..at]).args(&words[at + 1..]);
    Some(format!(
        "running the plugin \"{}\" ({}): {}",
        plugin.name,
        plugin.path.display(),
        become_it(command)
    ))
}

/// The plugin of this name.
pub fn find(tree: Tree, env: &Env, name: &str) -> Option<Plugin> {
    Directory::of(|name| env.get(name)).ok()?.plugin(name, tree.has)
}

/// All plugins.
pub fn all(tree: Tree, env: &Env) -> Vec<Plugin> {
    let directory = Directory::of(|name| env.get(name));
    directory.map(|directory| directory.plugins(tree.has)).unwrap_or_default()
}

#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
