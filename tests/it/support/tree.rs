//! The tree of the commands: which of them do something, and which one a line names.

use clap::Command;
use std::collections::BTreeSet;

/// The whole tree, as the parser sees it.
pub fn command_tree() -> Command {
    let mut root = fluxr::testing::commands::command("fluxr");
    root.build();
    root
}

/// The commands with no other below them, by their words: `create source git`. Hidden ones are left out.
pub fn leaf_commands(root: &Command) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![(String::new(), root)];
    while let Some((path, command)) = open.pop() {
        if !command.has_subcommands() {
            found.insert(path);
            continue;
        }
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            open.push((format!("{path} {}", below.get_name()).trim_start().to_owned(), below));
        }
    }
    found
}

/// The command that a line names, by its own words: `get kustomizations` for `get ks app`.
pub fn command_of(root: &Command, line: &str) -> String {
    let mut path = Vec::new();
    let mut at = root;
    for word in line.split(' ') {
        let Some(below) = at.find_subcommand(word) else { break };
        path.push(below.get_name());
        at = below;
    }
    path.join(" ")
}
