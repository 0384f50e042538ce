//! What the commands about plugins share.

use crate::cli::CommandContext;
use crate::cli::completion::Line;
use crate::ops::plugins::Catalog;
use crate::ops::plugins::Directory;
use crate::ops::plugins::Fetch;
use crate::ops::plugins::Plugin;

/// What a row about a plugin is, for programs.
pub(super) const API_VERSION: &str = "cli.fluxcd.io/v1beta1";
pub(super) const KIND: &str = "Plugin";

pub(super) fn catalog(context: &CommandContext) -> Catalog {
    Catalog::of(|name| context.env.get(name), fetch(context))
}

/// How plugins are downloaded: without a time limit of the whole, unless one was asked for.
pub(super) fn fetch(context: &CommandContext) -> Fetch {
    Fetch { proxy: context.proxy(), deadline: context.timeout_was_given.then_some(context.deadline) }
}

pub(super) fn directory(context: &CommandContext) -> anyhow::Result<Directory> {
    Directory::of(|name| context.env.get(name))
}

/// The plugins that are commands.
pub(super) fn installed(context: &CommandContext, directory: &Directory) -> Vec<Plugin> {
    directory.plugins(context.tree.has)
}

/// The names of the plugins, for the shell.
pub(super) fn names(line: &Line, _: &str) -> Vec<String> {
    let directory = Directory::of(|name| line.env.get(name));
    let plugins = directory.map(|directory| directory.plugins(line.tree.has)).unwrap_or_default();
    plugins.into_iter().map(|plugin| plugin.name).collect()
}
