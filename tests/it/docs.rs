//! `docs/cli`: one page per command, written from the command tree. `UPDATE=1 cargo test docs` writes them.

use crate::support::golden_folder;
use std::collections::BTreeMap;
use std::fmt::Write;

#[test]
fn the_pages_of_the_commands_are_what_the_command_tree_says() {
    let root = fluxr::testing::commands::manual("fluxr");
    let mut wanted = fluxr::testing::commands::pages(&root);
    wanted.insert("README.md".into(), index(&wanted));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli");
    golden_folder(&folder, &wanted);
}

fn index(pages: &BTreeMap<String, String>) -> String {
    let mut text =
        String::from("# The commands\n\nWritten from the command tree by `UPDATE=1 cargo test docs`.\n\n");
    for name in pages.keys() {
        let command = name.trim_end_matches(".md").replace('_', " ");
        writeln!(text, "- [{command}]({name})").unwrap();
    }
    text
}
