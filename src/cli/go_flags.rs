//! The habits of cobra and Go's flags, as one pass over the tree of commands.

use super::go_values::go_bool;
use super::list_flag::Items;
use super::words::takes_next;
use crate::text::Secret;
use clap::Arg;
use clap::ArgAction;
use clap::Command;
use clap::builder::OsStringValueParser;
use clap::builder::TypedValueParser;
use std::any::TypeId;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The group that the arguments of a command are in which takes no words: `#[group(id = NO_WORDS)]`.
pub const NO_WORDS: &str = "no-words";

/// Every command with an argument for the words that are too many, which are ignored as upstream does; not those with [`NO_WORDS`].
pub fn with_ignored_words(command: Command) -> Command {
    let takes_several = |arg: &Arg| {
        matches!(arg.get_action(), ArgAction::Append)
            || arg.get_num_args().is_some_and(|range| range.max_values() > 1)
    };
    let is_full = command.has_subcommands() || command.get_positionals().any(takes_several);
    if is_full || command.get_groups().any(|group| group.get_id() == NO_WORDS) {
        return command.mut_subcommands(with_ignored_words);
    }
    command.arg(clap::Arg::new("ignored-words").num_args(0..).hide(true))
}

/// The types of values by which pflag calls them.
const TYPE_NAMES: [(TypeId, &str); 7] = [
    (TypeId::of::<String>(), "string"),
    (TypeId::of::<PathBuf>(), "string"),
    (TypeId::of::<Secret>(), "string"),
    (TypeId::of::<Items>(), "strings"),
    (TypeId::of::<Duration>(), "duration"),
    (TypeId::of::<i64>(), "int"),
    (TypeId::of::<f32>(), "float32"),
];

/// Flags as they are declared in Go: a text without a default is empty, and a value without a name has that of its type.
pub fn with_go_types(command: Command) -> Command {
    command.mut_args(typed).mut_subcommands(with_go_types)
}

/// Flags as Go reads them: beside their types, every bool also takes `=false`, every value may begin with a hyphen, and every path may be empty.
pub fn with_go_flags(command: Command) -> Command {
    command.mut_args(|arg| lenient(typed(arg))).mut_subcommands(with_go_flags)
}

/// The arguments with `--help=true` as `--help` and `-h=true` as `-h`, and without those that are false.
///
/// # Errors
/// Another value, in the words of pflag.
pub fn without_value_of_help(arguments: &[OsString]) -> anyhow::Result<Cow<'_, [OsString]>> {
    let value_of_help = |argument: &OsString| {
        let (flag, value) = argument.to_str()?.split_once('=')?;
        ["--help", "-h"].into_iter().find(|help| *help == flag).map(|flag| (flag, value.to_owned()))
    };
    // Behind `--` are words.
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let (flags, words) = arguments.split_at(end);
    if !flags.iter().any(|argument| value_of_help(argument).is_some()) {
        return Ok(Cow::Borrowed(arguments));
    }
    let mut kept = Vec::with_capacity(arguments.len());
    for argument in flags {
        match value_of_help(argument).map(|(flag, value)| (flag, go_bool(&value), value)) {
            None => kept.push(argument.clone()),
            Some((flag, Ok(true), _)) => kept.push(flag.into()),
            Some((_, Ok(false), _)) => {}
            Some((_, Err(reason), value)) => {
                anyhow::bail!("invalid argument \"{value}\" for \"-h, --help\" flag: {reason}")
            }
        }
    }
    kept.extend_from_slice(words);
    Ok(Cow::Owned(kept))
}

fn typed(arg: Arg) -> Arg {
    if arg.get_long().is_none() || !arg.get_action().takes_values() {
        return arg;
    }
    let found = arg.get_value_parser().type_id();
    let is_text = found == TypeId::of::<String>();
    // clap's derived names are those of the fields in capitals.
    let is_named = arg
        .get_value_names()
        .is_some_and(|names| names.iter().any(|name| name.chars().any(char::is_lowercase)));
    let name = match TYPE_NAMES.iter().find(|(known, _)| found == *known) {
        _ if is_named => None,
        Some(_) if is_text && matches!(arg.get_action(), ArgAction::Append) => Some("stringArray"),
        known => known.map(|(_, name)| *name),
    };
    let arg = if let Some(name) = name { arg.value_name(name) } else { arg };
    if is_text && arg.is_required_set() {
        return arg.required(false).default_value("").hide_default_value(true);
    }
    arg
}

fn lenient(arg: Arg) -> Arg {
    // The argument behind a flag is its value, whatever it begins with: passwords begin with anything.
    let arg = if arg.get_long().is_some() && takes_next(&arg) { arg.allow_hyphen_values(true) } else { arg };
    let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    if is_path && arg.get_long().is_some() {
        // clap's own parser refuses the empty path.
        return arg.value_parser(OsStringValueParser::new().map(PathBuf::from));
    }
    if !matches!(arg.get_action(), ArgAction::SetTrue) {
        return arg;
    }
    let default_is_set = !arg.get_default_values().is_empty();
    let arg = arg
        .action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .value_parser(go_bool)
        .value_name("bool")
        .hide_possible_values(true);
    if default_is_set { arg } else { arg.default_value("false").hide_default_value(true) }
}
