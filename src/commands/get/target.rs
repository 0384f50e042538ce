//! What `get` is about: one kind, or the kinds of a group.

use crate::api::Group;
use crate::api::Kind;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::kind::KINDS;
use clap::ArgMatches;
use clap::Command;
use clap::FromArgMatches;

/// One kind, or all of a group.
#[derive(Debug)]
pub(super) enum KindSelection {
    One(ForKind<Get>),
    Many { kinds: Vec<&'static Kind>, name: Option<String> },
}

/// What `get` reads for one kind.
#[derive(Debug)]
pub(super) struct Get {
    pub(super) name: Option<String>,
    pub(super) show_source: bool,
}

impl Verb for Get {
    fn offers(_: &Kind) -> bool {
        true
    }

    fn words(kind: &'static Kind) -> (&'static [&'static str], &'static [&'static str]) {
        (kind.noun.many, kind.noun.many_aliases)
    }

    fn about(kind: &Kind) -> String {
        format!("Get {} objects and their status", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# All of them, in all namespaces\n{line} -A\n\
             # Those that are not ready, as YAML\n{line} --status-selector=ready=false -o yaml"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        let leaf = for_kind::names_of(kind, leaf, "Name of the object");
        if kind.columns.iter().any(|column| column.only_with_source) {
            return for_kind::declare_switch(
                leaf,
                "show-source",
                "Show where each object gets its content from",
            );
        }
        leaf
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            show_source: for_kind::switch(matches, "show-source"),
        }
    }
}

/// The collective commands: their words and the groups that they list.
const COLLECTIVES: [(&[&str], &str); 3] =
    [(&["all"], ""), (&["sources", "all"], "sources"), (&["images", "all"], "images")];

impl FromArgMatches for KindSelection {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (words, leaf) = for_kind::leaf_of(matches);
        let Some((_, group)) = COLLECTIVES.iter().find(|(path, _)| *path == words) else {
            return Ok(Self::One(ForKind::from_arg_matches(matches)?));
        };
        let belongs = |kind: &&Kind| match *group {
            "" => Group::named(kind.noun.many[0]).is_none_or(|group| group.is_among_all),
            group => kind.noun.many[0] == group,
        };
        let kinds = KINDS.iter().copied().filter(belongs).collect();
        Ok(Self::Many { kinds, name: for_kind::given_names(leaf).into_iter().next() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Subcommand for KindSelection {
    fn augment_subcommands(command: Command) -> Command {
        let command = ForKind::<Get>::augment_subcommands(command);
        COLLECTIVES.iter().fold(command, |command, (words, _)| {
            let about = "Get all resources of the group and their status";
            let line = format!("fluxr get {}", words.join(" "));
            let examples = format!(
                "# What there is in all namespaces, and how it is\n{line} -A\n\
                 # Watch what is not ready\n{line} -A --status-selector=ready=false --watch"
            );
            let finish = |leaf: Command| {
                for_kind::names(leaf.about(about).after_help(examples.clone()), "Name of the objects")
            };
            for_kind::grow(command, words, &finish)
        })
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(_: &str) -> bool {
        true
    }
}
