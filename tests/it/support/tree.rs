//! The tree of the commands: which of them do something, and which one a line names.

use clap::Command;
use fluxr::testing::api::Kind;
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

/// The verbs that are written once for all kinds.
pub const VERBS_OF_KINDS: [&str; 6] = ["delete", "export", "get", "reconcile", "resume", "suspend"];

/// The words behind one of [`VERBS_OF_KINDS`] that name a kind, if the verb is offered for it.
pub fn words_behind(verb: &str, kind: &Kind) -> Option<String> {
    let is_offered = match verb {
        "get" | "export" => true,
        "delete" => kind.verbs.delete,
        "reconcile" => kind.verbs.reconcile,
        "resume" | "suspend" => kind.verbs.suspend,
        other => panic!("is {other} offered for kinds?"),
    };
    let words = if verb == "get" { kind.noun.many } else { kind.noun.one };
    is_offered.then(|| words.join(" "))
}
