//! `get`: objects and how they are, as a table or as `kubectl` writes them, once or on and on.

mod live;
mod view;

use crate::api::Kind;
use crate::cli::Context;
use crate::cli::OutputArgs;
use crate::cli::SelectionArgs;
use crate::cli::completion;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cli::help_text;
use crate::cluster::Selection;
use crate::kind::KINDS;
use crate::ops::get::ColumnsWanted;
use crate::ops::get::Rows;
use crate::ops::get::StatusSelector;
use crate::ops::get::all_columns;
use crate::present::Output;
use crate::present::SortBy;
use clap::ArgMatches;
use clap::Command;
use clap::FromArgMatches;
use view::View;

/// Show objects and their status
#[derive(clap::Args, Debug)]
#[command(mut_args(|arg| completion::columns(arg, all_columns)))]
pub struct GetArgs {
    #[command(flatten)]
    objects: SelectionArgs,
    /// Leave out the header
    #[arg(long, global = true, help_heading = help_text::OUTPUT)]
    no_header: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// Only objects with this condition, e.g. ready=false or ready!=true
    #[arg(long, global = true, help_heading = help_text::SELECTION)]
    status_selector: String,
    /// After listing, watch for changes
    #[arg(long, short = 'w', global = true, help_heading = help_text::OUTPUT)]
    watch: bool,
    #[command(subcommand)]
    target: Target,
}

/// One kind, or all of a group.
#[derive(Debug)]
enum Target {
    One(ForKind<Get>),
    Many { kinds: Vec<&'static Kind>, name: Option<String> },
}

/// What `get` reads for one kind.
#[derive(Debug)]
struct Get {
    name: Option<String>,
    show_source: bool,
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

impl FromArgMatches for Target {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (words, leaf) = for_kind::leaf_of(matches);
        let Some((_, group)) = COLLECTIVES.iter().find(|(path, _)| *path == words) else {
            return Ok(Self::One(ForKind::from_arg_matches(matches)?));
        };
        // Generators are not among all, as upstream has it.
        let belongs = |kind: &&Kind| match *group {
            "" => kind.noun.many[0] != "artifacts",
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

impl clap::Subcommand for Target {
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

impl GetArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let columns = ColumnsWanted {
            all_namespaces: self.objects.all_namespaces,
            show_source: matches!(&self.target, Target::One(one) if one.verb.show_source),
            wide: matches!(output, Output::Table { wide: true }),
        };
        let kinds = match &self.target {
            Target::One(one) => &[one.kind][..],
            Target::Many { kinds, .. } => kinds,
        };
        let status = StatusSelector::parse(&self.status_selector)?;
        let rows = Rows::new(kinds, &columns, status, (context.now)().timestamp());
        if self.watch && sort.is_some() {
            context.ui.warning("--sort-by is ignored with --watch");
        }
        let name = match &self.target {
            Target::One(one) => &one.verb.name,
            Target::Many { name, .. } => name,
        };
        let selection = Selection {
            name: name.clone(),
            whole: matches!(output, Output::Machine(_)) || sort.as_ref().is_some_and(SortBy::is_path),
            ..self.objects.selection(&context.namespace)?
        };
        let client = context.client().await?;
        let view = View { context, client, output, with_header: !self.no_header, rows, sort, selection };
        match &self.target {
            Target::One(one) if self.watch => view.watch(one.kind).await,
            Target::One(one) => view.list(one.kind).await,
            Target::Many { kinds, .. } if self.watch => view.watch_all(kinds).await,
            Target::Many { kinds, .. } => view.list_all(kinds).await,
        }
    }
}
