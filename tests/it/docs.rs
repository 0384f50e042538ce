//! `docs/cli`: one page per command, written from the command tree. `UPDATE=1 cargo test docs` writes them.

use crate::support::golden_folder;
use std::collections::BTreeMap;
use std::fmt::Write;

fn pages(command: &clap::Command, path: &str, pages: &mut BTreeMap<String, String>) {
    pages.insert(format!("{}.md", path.replace(' ', "_")), page(command, path));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        pages_of_sub(sub, path, pages);
    }
}

fn pages_of_sub(sub: &clap::Command, path: &str, all: &mut BTreeMap<String, String>) {
    pages(sub, &format!("{path} {}", sub.get_name()), all);
}

fn page(command: &clap::Command, path: &str) -> String {
    let mut text = format!("# {path}\n\n");
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        writeln!(text, "{about}\n").unwrap();
    }
    let names: Vec<String> = command.get_all_aliases().map(|alias| format!("`{alias}`")).collect();
    if !names.is_empty() {
        writeln!(text, "Also called {}.\n", names.join(", ")).unwrap();
    }
    let positionals: Vec<String> = command
        .get_positionals()
        .filter(|arg| !arg.is_hide_set())
        .map(|arg| format!(" [{}]", arg.get_id().as_str().to_lowercase()))
        .collect();
    let tail = if command.has_subcommands() { " [command]" } else { "" };
    writeln!(text, "```\n{path}{tail}{} [options]\n```\n", positionals.concat()).unwrap();
    let subs: Vec<_> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
    if !subs.is_empty() {
        text.push_str("| command | |\n|---|---|\n");
        for sub in subs {
            let file = format!("{path} {}", sub.get_name()).replace(' ', "_");
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            writeln!(text, "| [{}]({file}.md) | {about} |", sub.get_name()).unwrap();
        }
        text.push('\n');
    }
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let lines = examples.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line));
        writeln!(text, "## Examples\n\n```sh\n{}\n```\n", lines.collect::<Vec<_>>().join("\n")).unwrap();
    }
    let is_root = !path.contains(' ');
    for heading in headings(command).into_iter().filter(|heading| is_root || !GLOBAL.contains(heading)) {
        let mut flags: Vec<_> = flags(command).filter(|flag| heading_of(flag) == heading).collect();
        flags.sort_by_key(|flag| flag.get_display_order());
        writeln!(text, "## {heading}\n\n| flag | default | |\n|---|---|---|").unwrap();
        for flag in flags {
            text.push_str(&row(flag));
        }
        text.push('\n');
    }
    if !is_root {
        text.push_str("The options that every command has are listed with [fluxr](fluxr.md).\n");
    }
    text
}

/// Headings of what every command has.
const GLOBAL: [&str; 2] = ["Global options", "Connection to the cluster"];

fn flags(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|arg| arg.get_long().is_some() && !arg.is_hide_set())
}

fn heading_of(flag: &clap::Arg) -> &str {
    flag.get_help_heading().unwrap_or("Options")
}

/// The headings in the order of help: those without one first.
fn headings(command: &clap::Command) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for heading in flags(command).map(heading_of) {
        if !found.contains(&heading) {
            found.push(heading);
        }
    }
    found.sort_by_key(|heading| *heading != "Options");
    found
}

fn row(flag: &clap::Arg) -> String {
    let long = flag.get_long().unwrap_or_default();
    let short = flag.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let takes = flag.get_num_args().is_some_and(|range| range.takes_values());
    let value = flag.get_value_names().filter(|_| takes).map(|names| format!(" <{}>", names.join(" ")));
    let default: Vec<_> = flag.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = default.join(",");
    let default =
        if default.is_empty() || default == "false" { String::new() } else { format!("`{default}`") };
    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| {short}`--{long}{}` | {default} | {} |\n", value.unwrap_or_default(), help.replace('|', "\\|"))
}

#[test]
fn the_pages_of_the_commands_are_what_the_command_tree_says() {
    let root = fluxr::testing::commands::manual("fluxr");
    let mut wanted = BTreeMap::new();
    pages(&root, "fluxr", &mut wanted);
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
