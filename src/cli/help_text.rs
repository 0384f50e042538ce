//! Help as people read it: options under headings, the common ones first, an example at the end. `-h` is one screen, `--help` everything.
//!
//! The tree of commands is meant for parsing. When help is asked for, a second one is prepared for reading here, so that ordinary runs
//! pay nothing for it. What it shows comes from the commands' own files: `help_heading`, `hide_short_help` and `value_name` of an argument, and
//! `after_help` of a command: its examples, lines of shell below comments. The pages of `docs/cli` are generated from the same tree.

use super::Tree;
use super::for_kind::leaf_of;
use crate::text::Painted;
use crate::ui::Ui;
use anstyle::AnsiColor;
use anstyle::Style;
use clap::Arg;
use clap::ArgAction;
use clap::Command;
use clap::builder::Styles;
use std::ffi::OsString;
use std::fmt::Write;

/// Heading of the options that every command has.
pub const GLOBAL: &str = "Global options";
/// Heading of what says how the API server is reached.
pub const CONNECTION: &str = "Connection to the cluster";
/// Heading of the repository that a cluster follows, and of its folder in there.
pub const REPOSITORY: &str = "Repository";
/// Heading of credentials and of how the other side is verified.
pub const AUTHENTICATION: &str = "Authentication";
/// Heading of signatures that are asked for.
pub const VERIFICATION: &str = "Verification";
/// Heading of the chart of a release.
pub const CHART: &str = "Chart";
/// Heading of the values of a release.
pub const VALUES: &str = "Values";
/// Heading of what is installed.
pub const COMPONENTS: &str = "Components";
/// Heading of the flags for commits.
pub const COMMITS: &str = "Commits";
/// Heading of the signatures of commits.
pub const SIGNING: &str = "Signing";
/// Heading of the request that proposes a change.
pub const REQUEST: &str = "Pull request";
/// Heading of what is written, and in which form.
pub const OUTPUT: &str = "Output";
/// Heading of which objects a command is about.
pub const SELECTION: &str = "Selection";

/// Headings whose options only `--help` shows.
const DETAILS: [&str; 4] = [CONNECTION, COMMITS, SIGNING, REQUEST];

/// The widest that help becomes; longer lines are hard to read.
const WIDEST: usize = 100;

const HEADING: Style = Style::new().bold();
const COMMENT: Style = Style::new().dimmed();
const STYLES: Styles = Styles::styled()
    .header(HEADING)
    .usage(HEADING)
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The command tree for reading: what the pages of the documentation and the manual are generated from.
pub fn manual(tree: Tree, program: &'static str) -> Command {
    let mut root = dressed(tree.for_reading(program, None, |root| root), program, 0);
    root.build();
    root
}

/// Shows the help of the command that these words name; the long one has every option.
///
/// # Errors
/// When stdout cannot be written.
pub fn show(
    ui: &Ui,
    tree: Tree,
    program: &'static str,
    path: &[String],
    is_long: bool,
) -> anyhow::Result<()> {
    let root = match path.first() {
        Some(word) => tree.for_reading(program, Some(word), |root| only(root, path)),
        None => tree.alone_for_reading(program),
    };
    let mut root = dressed(root, program, 0)
        .styles(STYLES)
        .term_width(ui.width().map_or(WIDEST, |width| width.min(WIDEST)));
    if path.is_empty() {
        root = in_groups(root, tree, program);
    }
    root.build();
    let mut at = &mut root;
    for word in path {
        if at.find_subcommand(word).is_none() {
            break;
        }
        at = at.find_subcommand_mut(word).expect("it was found a line above");
    }
    if is_long {
        // The long form of clap takes three lines for an option; with nothing hidden, the short one is everything too.
        let whole = std::mem::take(at).mut_args(|arg| arg.hide_short_help(false));
        *at = match whole.get_long_about().cloned() {
            Some(about) => whole.about(about),
            None => whole,
        };
    }
    let help = at.render_help();
    // As the tree that was parsed with: to drop it takes time, and the process ends.
    std::mem::forget(root);
    let help = if ui.out.colour { help.ansi().to_string() } else { help.to_string() };
    ui.show(&Painted::trusted(help))
}

/// The command whose help a line asks for that has nothing but names of commands before the flag, and whether all of it is wanted. To
/// parse such a line takes longer than to answer it.
pub fn plainly_asked(tree: Tree, arguments: &[OsString]) -> Option<(Vec<String>, bool)> {
    let words: Option<Vec<&str>> = arguments.get(1..)?.iter().map(|word| word.to_str()).collect();
    let words = words?;
    let (names, flags) = words.split_at(words.iter().position(|word| is_help(word))?);
    if !flags.iter().all(|word| is_help(word)) {
        return None;
    }
    let mut path = Vec::new();
    if let Some((first, rest)) = names.split_first() {
        let command = (tree.one)(first)?;
        path.push(command.get_name().to_owned());
        let mut at = &command;
        for name in rest {
            at = at.find_subcommand(name)?;
            path.push(at.get_name().to_owned());
        }
        // Dropping it takes time, and the process ends.
        std::mem::forget(command);
    }
    Some((path, flags.contains(&"--help")))
}

fn is_help(word: &str) -> bool {
    word == "--help" || word == "-h"
}

/// The command whose help these arguments ask for, as far as they can be understood, and whether all of it is wanted.
pub fn asked(tree: Tree, program: &'static str, arguments: &[OsString]) -> (Vec<String>, bool) {
    let is_long = arguments.iter().any(|word| word == "--help");
    let (root, arguments) = tree.for_line(program, arguments);
    let words = arguments.iter().filter(|word| !word.to_str().is_some_and(is_help));
    let Ok(matches) = root.disable_help_flag(true).ignore_errors(true).try_get_matches_from(words) else {
        return (Vec::new(), is_long);
    };
    let path = leaf_of(&matches).0;
    (path.into_iter().map(str::to_owned).collect(), is_long)
}

/// A command with what is on the path below it; what is beside the path and below its end keeps only what lists show of it, because to prepare
/// and build a command takes longer than anything else here.
fn only(command: Command, path: &[String]) -> Command {
    let shows_examples = command.get_after_help().is_none();
    command.mut_subcommands(|below| {
        let is_named =
            |word: &String| below.get_name() == word || below.get_all_aliases().any(|alias| alias == word);
        match path.split_first() {
            Some((word, rest)) if is_named(word) => only(below, rest),
            _ => listed(&below, shows_examples),
        }
    })
}

/// A command as its group lists it.
fn listed(command: &Command, shows_examples: bool) -> Command {
    let mut listed = Command::new(&*command.get_name().to_owned().leak()).hide(command.is_hide_set());
    if let Some(about) = command.get_about() {
        listed = listed.about(about.clone());
    }
    if let Some(examples) = Some(command).filter(|_| shows_examples).and_then(raw_examples) {
        listed = listed.after_help(examples);
    }
    let aliases: Vec<String> = command.get_all_aliases().map(str::to_owned).collect();
    listed.aliases(aliases.into_iter().map(|alias| &*alias.leak()))
}

/// A command and all below it.
fn dressed(command: Command, program: &str, depth: usize) -> Command {
    let examples = raw_examples(&command).map(|text| examples(&text, program));
    // What is declared further down comes first.
    let mut order = 1000_usize.saturating_sub(depth * 100);
    let mut command = command.mut_args(|arg| {
        order += 1;
        readable(arg).display_order(order)
    });
    if depth == 0 {
        let help = Arg::new("help").long("help").short('h').action(ArgAction::Help).global(true);
        let help = help.help("Print help (-h: common options, --help: all)");
        command = command.disable_help_flag(true).arg(help.help_heading(GLOBAL).display_order(1000));
    }
    if let Some(examples) = examples {
        command = command.after_help(examples);
    }
    command.mut_subcommands(|below| dressed(below, program, depth + 1))
}

/// An argument whose value has the name of what it is, not of its type in Go.
fn readable(arg: Arg) -> Arg {
    let is_detail = arg.get_help_heading().is_some_and(|heading| DETAILS.contains(&heading));
    let arg = if is_detail { arg.hide_short_help(true) } else { arg };
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        let is_on = arg.get_default_values().iter().any(|value| value == "true");
        let about = arg.get_help().filter(|_| is_on).map(|help| format!("{help} [default: true]"));
        return if let Some(about) = about { arg.help(about) } else { arg };
    }
    if arg.is_require_equals_set() {
        return arg.action(ArgAction::SetTrue).require_equals(false).num_args(0);
    }
    let Some([name]) = arg.get_value_names() else { return arg };
    let Some(long) = arg.get_long() else {
        let name = name.to_uppercase();
        return arg.value_name(&*name.leak());
    };
    // What most values are, the name of their flag ends with.
    let last = long.rsplit('-').next().unwrap_or(long).to_owned();
    match name.as_str() {
        "string" | "stringArray" => arg.value_name(&*last.leak()),
        "strings" => arg.value_name(&*format!("{last},…").leak()),
        "int" | "float32" => arg.value_name("number"),
        alternatives if alternatives.contains('|') => arg.value_name(&*last.leak()),
        _ => arg,
    }
}

/// The examples of a command; of a group without any, the first one of each of the first commands below it.
fn raw_examples(command: &Command) -> Option<String> {
    if let Some(own) = command.get_after_help() {
        return Some(own.to_string());
    }
    let mut found: Vec<String> = Vec::new();
    for text in command.get_subcommands().filter_map(raw_examples) {
        let example = first_example(&text);
        let is_new = |known: &String| known.lines().next() != example.lines().next();
        if found.iter().all(is_new) {
            found.push(example);
        }
        if found.len() == 2 {
            break;
        }
    }
    (!found.is_empty()).then(|| found.join("\n"))
}

/// The comment that a text begins with, and the command below it.
fn first_example(text: &str) -> String {
    let is_comment = |line: &&str| line.starts_with('#');
    let comment = text.lines().take_while(is_comment).count();
    let lines = text.lines().skip(comment).take_while(|line| !is_comment(line)).count();
    text.lines().take(comment + lines).collect::<Vec<_>>().join("\n")
}

/// Examples below their heading, with the name that the program was called by.
fn examples(text: &str, program: &str) -> String {
    let mut shown = format!("{HEADING}Examples:{HEADING:#}");
    for line in text.lines() {
        let line = line.replace("fluxr", program);
        let _ = match line.starts_with('#') {
            true => write!(shown, "\n  {COMMENT}{line}{COMMENT:#}"),
            false => write!(shown, "\n  {line}"),
        };
    }
    shown
}

/// The root with the commands in groups, each after what it is for. It need not have them: to build them takes longer.
fn in_groups(root: Command, tree: Tree, program: &str) -> Command {
    let mut template = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    let literal = STYLES.get_literal();
    let all = (tree.all)(Command::new(""));
    for (title, names) in tree.groups {
        let _ = write!(template, "\n{HEADING}{title}:{HEADING:#}\n");
        for name in *names {
            let about = all.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(template, "  {literal}{name:<10}{literal:#}  {}", about.unwrap_or_default());
        }
    }
    std::mem::forget(all);
    template.push_str("\n{all-args}{after-help}");
    root.override_usage(format!("{program} [OPTIONS] <COMMAND>")).help_template(template)
}
