//! The reference of the commands in Markdown: a page for each, made from the same tree as help.

use clap::Arg;
use clap::Command;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Headings of what every command has.
const GLOBAL: [&str; 2] = [super::help_text::GLOBAL, super::help_text::CONNECTION];

/// The pages by their file names; `root` is the tree as people read it.
pub fn pages(root: &Command) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    add(root, root.get_name(), &mut all);
    all
}

fn add(command: &Command, path: &str, all: &mut BTreeMap<String, String>) {
    all.insert(file_name(path), page(command, path));
    for below in shown(command) {
        add(below, &format!("{path} {}", below.get_name()), all);
    }
}

fn file_name(path: &str) -> String {
    format!("{}.md", path.replace(' ', "_"))
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set())
}

fn page(command: &Command, path: &str) -> String {
    let mut text = format!("# {path}\n\n");
    // Writing to a text cannot fail.
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        let _ = writeln!(text, "{about}\n");
    }
    let names: Vec<String> = command.get_all_aliases().map(|alias| format!("`{alias}`")).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "Also called {}.\n", names.join(", "));
    }
    let positionals: Vec<String> = command
        .get_positionals()
        .filter(|arg| !arg.is_hide_set())
        .map(|arg| format!(" [{}]", arg.get_id().as_str().to_lowercase()))
        .collect();
    let tail = if command.has_subcommands() { " [command]" } else { "" };
    let _ = writeln!(text, "```\n{path}{tail}{} [options]\n```\n", positionals.concat());
    if shown(command).next().is_some() {
        text.push_str("| command | |\n|---|---|\n");
        for below in shown(command) {
            let name = below.get_name();
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "| [{name}]({}) | {about} |", file_name(&format!("{path} {name}")));
        }
        text.push('\n');
    }
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let lines = examples.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line));
        let _ = writeln!(text, "## Examples\n\n```sh\n{}\n```\n", lines.collect::<Vec<_>>().join("\n"));
    }
    let is_root = !path.contains(' ');
    for heading in headings(command).into_iter().filter(|heading| is_root || !GLOBAL.contains(heading)) {
        let mut flags: Vec<_> = flags(command).filter(|flag| heading_of(flag) == heading).collect();
        flags.sort_by_key(|flag| flag.get_display_order());
        let _ = writeln!(text, "## {heading}\n\n| flag | default | |\n|---|---|---|");
        for flag in flags {
            text.push_str(&row(flag));
        }
        text.push('\n');
    }
    if let Some((program, _)) = path.split_once(' ') {
        let root = file_name(program);
        let _ = writeln!(text, "The options that every command has are listed with [{program}]({root}).");
    }
    text
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_long().is_some() && !arg.is_hide_set())
}

fn heading_of(flag: &Arg) -> &str {
    flag.get_help_heading().unwrap_or("Options")
}

/// The headings in the order of help: those without one first.
fn headings(command: &Command) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for heading in flags(command).map(heading_of) {
        if !found.contains(&heading) {
            found.push(heading);
        }
    }
    found.sort_by_key(|heading| *heading != "Options");
    found
}

fn row(flag: &Arg) -> String {
    let long = flag.get_long().unwrap_or_default();
    let short = flag.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let takes = flag.get_num_args().is_some_and(|range| range.takes_values());
    let value = flag.get_value_names().filter(|_| takes).map(|names| format!(" <{}>", names.join(" ")));
    let default: Vec<_> = flag.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = match default.join(",").as_str() {
        "" | "false" => String::new(),
        default => format!("`{default}`"),
    };
    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| {short}`--{long}{}` | {default} | {} |\n", value.unwrap_or_default(), help.replace('|', "\\|"))
}
