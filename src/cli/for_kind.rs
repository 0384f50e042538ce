//! Grows `<verb> <kind>` for every kind of the registry that the verb is offered for. The only metaprogramming over clap.

use super::completion;
use crate::api::Group;
use crate::api::Kind;
use crate::kind::KINDS;
use clap::ArgMatches;
use clap::Command;
use clap::error::ErrorKind;

/// A verb that is written once and offered for many kinds.
pub trait Verb: Sized {
    /// Whether the verb is offered for the kind.
    fn offers(kind: &Kind) -> bool;

    /// The words after the verb, and other spellings of the last one.
    fn words(kind: &'static Kind) -> (&'static [&'static str], &'static [&'static str]) {
        (kind.noun.one, kind.noun.one_aliases)
    }

    /// One line for the help.
    fn about(kind: &Kind) -> String;

    /// The examples of the help: lines of shell, `line` being the command, and comments above them.
    fn examples(kind: &Kind, line: &str) -> String;

    /// Adds positionals and flags of this kind.
    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        let _ = kind;
        leaf
    }

    /// Reads what [`Verb::arguments`] added.
    fn read(kind: &'static Kind, matches: &ArgMatches) -> Self;
}

/// The chosen kind with what the verb read from the command line.
#[derive(Debug)]
pub struct ForKind<V> {
    pub kind: &'static Kind,
    pub verb: V,
}

impl<V: Verb> clap::FromArgMatches for ForKind<V> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (words, leaf) = leaf_of(matches);
        let found =
            KINDS.iter().copied().filter(|kind| V::offers(kind)).find(|kind| V::words(kind).0 == words);
        let kind = found.ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
        Ok(Self { kind, verb: V::read(kind, leaf) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<V: Verb> clap::Subcommand for ForKind<V> {
    fn augment_subcommands(command: Command) -> Command {
        let verb = command.get_name().to_owned();
        KINDS.iter().copied().filter(|kind| V::offers(kind)).fold(command, |command, kind| {
            let (words, aliases) = V::words(kind);
            let examples = V::examples(kind, &format!("fluxr {verb} {}", words.join(" ")));
            let about = V::about(kind);
            let finish = |leaf: Command| {
                let leaf = leaf.about(about.clone()).after_help(examples.clone()).aliases(aliases);
                V::arguments(kind, leaf)
            };
            grow(command, words, &finish)
        })
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        KINDS
            .iter()
            .copied()
            .filter(|kind| V::offers(kind))
            .any(|kind| V::words(kind).0.first() == Some(&name))
    }
}

/// Adds the command that the words name, and the groups on the way.
pub fn grow(parent: Command, words: &'static [&'static str], finish: &dyn Fn(Command) -> Command) -> Command {
    match words {
        [] => parent,
        [last] => parent.subcommand_required(true).subcommand(finish(Command::new(*last))),
        [group, rest @ ..] => {
            let parent = parent.subcommand_required(true);
            if parent.find_subcommand(group).is_some() {
                return parent.mut_subcommand(group, |group| grow(group, rest, finish));
            }
            parent.subcommand(grow(group_named(group), rest, finish))
        }
    }
}

fn group_named(name: &'static str) -> Command {
    let command = Command::new(name).subcommand_required(true);
    match Group::named(name) {
        Some(group) if group.many == name => command.about(group.about).alias(group.one),
        Some(group) => command.about(group.about),
        None => command,
    }
}

/// The words of the chosen command and what was matched for it.
pub fn leaf_of(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let mut words = Vec::new();
    let mut at = matches;
    while let Some((name, below)) = at.subcommand() {
        words.push(name);
        at = below;
    }
    (words, at)
}

/// Names after the words; upstream takes any number of them.
pub fn names(leaf: Command, help: &'static str) -> Command {
    leaf.arg(clap::Arg::new("name").value_name("NAME").num_args(0..).help(help))
}

/// Names of objects of a kind after the words.
pub fn names_of(kind: &'static Kind, leaf: Command, help: &'static str) -> Command {
    names(leaf, help).mut_arg("name", |arg| arg.add(completion::names_of(kind)))
}

/// The names that were given.
pub fn given_names(matches: &ArgMatches) -> Vec<String> {
    matches.get_many::<String>("name").into_iter().flatten().cloned().collect()
}

/// A switch of one kind; `false` where the kind does not have it.
pub fn switch(matches: &ArgMatches, id: &str) -> bool {
    matches.try_get_one::<bool>(id).ok().flatten().copied().unwrap_or(false)
}

/// Declares a switch of one kind.
pub fn declare_switch(leaf: Command, id: &'static str, help: &'static str) -> Command {
    leaf.arg(clap::Arg::new(id).long(id).action(clap::ArgAction::SetTrue).help(help))
}
