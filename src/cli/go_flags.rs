//! The habits of cobra and Go's flags, as one pass over the tree of commands.

use super::go_values::go_bool;
use clap::builder::OsStringValueParser;
use clap::builder::TypedValueParser;
use std::any::TypeId;
use std::path::PathBuf;

/// Commands that take no words at all; the others ignore those that are too many, as upstream does.
const WITHOUT_WORDS: [&str; 4] = ["check", "install", "stats", "uninstall"];

pub fn with_ignored_words(command: clap::Command) -> clap::Command {
    let takes_several = |arg: &clap::Arg| {
        matches!(arg.get_action(), clap::ArgAction::Append)
            || arg.get_num_args().is_some_and(|range| range.max_values() > 1)
    };
    let is_full = command.has_subcommands() || command.get_positionals().any(takes_several);
    if is_full || WITHOUT_WORDS.contains(&command.get_name()) {
        return command.mut_subcommands(with_ignored_words);
    }
    command.arg(clap::Arg::new("ignored-words").num_args(0..).hide(true))
}

/// Go's flags: every bool also takes `=false`, every path may be empty, and a flag may be repeated, the last one winning.
pub fn with_go_flags(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
            if is_path && arg.get_long().is_some() {
                // clap's own parser refuses the empty path, which is none.
                return arg.value_parser(OsStringValueParser::new().map(PathBuf::from));
            }
            if !matches!(arg.get_action(), clap::ArgAction::SetTrue) {
                return arg;
            }
            let default_is_set = !arg.get_default_values().is_empty();
            let arg = arg
                .action(clap::ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_parser(go_bool)
                .value_name("bool")
                .hide_possible_values(true);
            if default_is_set { arg } else { arg.default_value("false").hide_default_value(true) }
        })
        .mut_subcommands(with_go_flags)
}
