//! Programs that are commands: an unknown command may be a plugin, which then runs in place of this program with all arguments.

use super::Env;
use super::Tree;
use super::words::command_at;
use crate::ops::plugins::Directory;
use crate::ops::plugins::Plugin;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Becomes the plugin that the words name, and returns only if that fails, with the reason; `None` if they name no plugin.
pub fn run_instead(tree: Tree, program: &'static str, arguments: &[OsString], env: &Env) -> Option<String> {
    let (plugin, arguments) = named(tree, program, arguments.get(1..)?, env)?;
    let mut command = Command::new(&plugin.path);
    command.args(arguments);
    Some(format!("running the plugin \"{}\" ({}): {}", plugin.name, plugin.path.display(), command.exec()))
}

/// The plugin that the words name, and its arguments: flags before the name go in front, they are the plugin's too.
pub fn named<'a>(
    tree: Tree,
    program: &'static str,
    words: &'a [OsString],
    env: &Env,
) -> Option<(Plugin, impl Iterator<Item = &'a OsString>)> {
    if words.first()?.to_str().is_some_and(tree.has) {
        return None;
    }
    let at = command_at(&[&(tree.root)(program)], words)?;
    let plugin = find(tree, env, words[at].to_str()?)?;
    Some((plugin, words[..at].iter().chain(&words[at + 1..])))
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
