//! Secrets that need not be on the command line: beside every flag that takes one there are `--<flag>-file` and `--<flag>-stdin`.
//!
//! The flags are found by the type of their value when the tree is built, so that no command has to do anything. What a sibling reads is
//! given to the parser as the value of the flag, in a second pass over the line.

use crate::text::Secret;
use crate::text::WithHint;
use crate::ui::Ui;
use anyhow::Context;
use clap::Arg;
use clap::ArgAction;
use clap::ArgMatches;
use clap::Command;
use clap::parser::ValueSource;
use clap::value_parser;
use std::any::TypeId;
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

/// Nothing that is called a secret is longer.
const LONGEST: u64 = 1024 * 1024;

/// Every command with the siblings of its flags.
pub fn with_siblings(command: Command) -> Command {
    let siblings: Vec<Arg> =
        command.get_arguments().filter(|arg| is_secret(arg)).filter_map(siblings).flatten().collect();
    command.args(siblings).mut_subcommands(with_siblings)
}

fn is_secret(arg: &Arg) -> bool {
    arg.get_long().is_some() && arg.get_value_parser().type_id() == TypeId::of::<Secret>()
}

fn siblings(arg: &Arg) -> Option<[Arg; 2]> {
    let flag = arg.get_long()?;
    let sibling = |end: &str, help: String| {
        // The tree lives as long as the process.
        let id: &str = format!("{}-{end}", arg.get_id()).leak();
        let long: &str = format!("{flag}-{end}").leak();
        let heading = arg.get_help_heading().map(str::to_owned).map(|heading| &*heading.leak());
        let new = Arg::new(id).long(long).help(help).help_heading(heading);
        new.global(arg.is_global_set()).hide_short_help(true).hide(arg.is_hide_set())
    };
    let file = sibling("file", format!("File that holds the value of --{flag}"));
    let stdin = sibling("stdin", format!("Read the value of --{flag} from standard input"));
    Some([file.value_parser(value_parser!(PathBuf)), stdin.action(ArgAction::SetTrue)])
}

/// The command that a line names, and what it was given.
fn leaf<'a>(root: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    let (mut command, mut given) = (root, matches);
    while let Some((name, below)) = given.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, given) = (found, below);
    }
    (command, given)
}

/// Whether the command that a line names has a flag of its own in the place of one of the whole program.
pub fn is_shadowed(root: &Command, matches: &ArgMatches, id: &str) -> bool {
    leaf(root, matches).0.get_arguments().any(|arg| arg.get_id() == id && !arg.is_global_set())
}

/// Where the value of a flag comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin<'a> {
    Line,
    File(&'a Path),
    Stdin,
}

impl Origin<'_> {
    fn flag(self, flag: &str) -> String {
        match self {
            Self::Line => format!("--{flag}"),
            Self::File(_) => format!("--{flag}-file"),
            Self::Stdin => format!("--{flag}-stdin"),
        }
    }
}

/// Reads what the siblings on a line name, and returns it as words that the line would have without them. Tells who can see the secrets
/// that are on the line itself.
///
/// # Errors
/// Two sources for one flag, two flags that read stdin, what cannot be read, is not text or is too long.
pub fn read(root: &Command, matches: &ArgMatches, ui: &Ui) -> anyhow::Result<Vec<OsString>> {
    let (command, given) = leaf(root, matches);
    let mut words = Vec::new();
    let mut visible = Vec::new();
    let mut reads_stdin: Option<String> = None;
    for arg in command.get_arguments().filter(|arg| is_secret(arg)) {
        let Some(flag) = arg.get_long() else { continue };
        let sources = sources(given, arg.get_id().as_str());
        if let [first, second, ..] = sources[..] {
            anyhow::bail!("{} and {} cannot be used together", first.flag(flag), second.flag(flag));
        }
        let Some(source) = sources.first() else { continue };
        let called = source.flag(flag);
        let bytes = match source {
            Origin::Line => {
                visible.push(flag);
                continue;
            }
            Origin::File(path) => read_file(path),
            Origin::Stdin => {
                if let Some(other) = reads_stdin.replace(called.clone()) {
                    anyhow::bail!(
                        "{other} and {called} cannot be used together: there is one standard input"
                    );
                }
                let instead = format!("pipe the secret into the command, or use --{flag}-file");
                ui.piped(LONGEST + 1).hint(instead)
            }
        };
        let text = bytes.and_then(text_of).with_context(|| format!("reading {called}"))?;
        words.push(format!("--{flag}={text}").into());
    }
    if let [first, ..] = visible[..]
        && ui.err.is_terminal
    {
        let all = visible.iter().map(|flag| format!("--{flag}")).collect::<Vec<_>>().join(", ");
        ui.warning(format!(
            "other users of this machine can see {all} on the command line; --{first}-file and --{first}-stdin hide it"
        ));
    }
    Ok(words)
}

/// As everywhere, an empty value counts as not set.
fn sources<'a>(given: &'a ArgMatches, id: &str) -> Vec<Origin<'a>> {
    let secret = given.try_get_one::<Secret>(id).ok().flatten();
    let on_line = secret.is_some_and(|secret| !secret.is_empty())
        && given.value_source(id) == Some(ValueSource::CommandLine);
    let file = given.try_get_one::<PathBuf>(&format!("{id}-file")).ok().flatten();
    let file = file.filter(|path| !path.as_os_str().is_empty());
    let is_stdin = given.try_get_one::<bool>(&format!("{id}-stdin")).ok().flatten() == Some(&true);
    let line = on_line.then_some(Origin::Line);
    let stdin = is_stdin.then_some(Origin::Stdin);
    line.into_iter().chain(file.map(|path| Origin::File(path))).chain(stdin).collect()
}

/// A pipe or a device is read as well, but not without end.
fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    read.map_err(|why| crate::text::NotReadable::new(path, why))?;
    Ok(bytes)
}

/// The text without the newline that editors and `echo` leave at its end.
fn text_of(bytes: Vec<u8>) -> anyhow::Result<String> {
    anyhow::ensure!(bytes.len() as u64 <= LONGEST, "it is longer than 1 MiB");
    // The error of the standard library would repeat the bytes.
    let mut text = String::from_utf8(bytes).ok().context("it is not UTF-8 text")?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
