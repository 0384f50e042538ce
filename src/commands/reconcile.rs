//! `reconcile`: have an object reconciled now, and say how it went.

use crate::api::Kind;
use crate::cli::CommandContext;
use crate::cli::SelectionArgs;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cli::help_text;
use crate::kind::KINDS;
use crate::ops;
use crate::ops::ManyRequest;
use crate::ops::ReconcileRequest;
use crate::text::with_article;
use clap::ArgMatches;
use clap::Command;

const EXAMPLES: &str = "\
# Reconcile everything, sources first, and what depends on others after those
fluxr reconcile --all -A
# Reconcile one object and its source
fluxr reconcile kustomization app --with-source";

/// Reconcile sources and resources
#[derive(clap::Args, Debug)]
// Flags alone mean objects of all kinds.
#[command(after_help = EXAMPLES, subcommand_required = false)]
pub struct ReconcileArgs {
    /// Every object of the kind, or of all kinds, each after those that it needs
    #[arg(long, global = true, help_heading = help_text::SELECTION)]
    all: bool,
    #[command(flatten)]
    objects: SelectionArgs,
    #[command(subcommand)]
    target: Option<ForKind<Reconcile>>,
}

/// What `reconcile` reads for one kind.
#[derive(Debug, Default)]
struct Reconcile {
    name: Option<String>,
    with_source: bool,
    force: bool,
    reset: bool,
}

impl Verb for Reconcile {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.reconcile
    }

    fn about(kind: &Kind) -> String {
        format!("Reconcile {} object", with_article(kind.kind))
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# Reconcile an object now, and wait for the result\n{line} app\n\
             # Reconcile all objects with a label\n{line} -A -l team=web"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        let mut leaf = for_kind::names_of(kind, leaf, "Name of the object");
        if kind.reconciling.with_source {
            leaf = for_kind::declare_switch(leaf, "with-source", "Reconcile its source first");
        }
        if kind.reconciling.can_be_forced {
            leaf = for_kind::declare_switch(leaf, "force", "Install or upgrade even when nothing changed");
            leaf =
                for_kind::declare_switch(leaf, "reset", "Forget earlier failures, so that it is tried again");
        }
        leaf
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            with_source: for_kind::switch(matches, "with-source"),
            force: for_kind::switch(matches, "force"),
            reset: for_kind::switch(matches, "reset"),
        }
    }
}

impl ReconcileArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        if self.all || self.objects.all_namespaces || self.objects.has_labels() {
            return self.many(context).await;
        }
        let Some(ForKind { kind, verb }) = self.target else {
            let path = ["reconcile".to_owned()];
            return help_text::show(&context.ui, context.tree, context.program, &path, false);
        };
        let Some(name) = verb.name else { anyhow::bail!("{} name is required", kind.kind) };
        let request = ReconcileRequest {
            kind,
            namespace: context.namespace.clone(),
            name,
            with_source: verb.with_source,
            force: verb.force,
            reset: verb.reset,
        };
        ops::reconcile(&context.session().await?, &request).await?;
        Ok(())
    }

    /// All objects, or those of a selector.
    async fn many(self, context: &CommandContext) -> anyhow::Result<()> {
        let (kinds, verb) = match self.target {
            Some(one) => (vec![one.kind], one.verb),
            None => {
                (KINDS.iter().copied().filter(|kind| kind.verbs.reconcile).collect(), Reconcile::default())
            }
        };
        if verb.name.is_some() {
            anyhow::bail!("a name cannot be combined with --all, -A or -l");
        }
        let request = ManyRequest {
            kinds,
            selection: self.objects.selection(&context.namespace)?,
            with_source: verb.with_source,
            force: verb.force,
            reset: verb.reset,
        };
        ops::reconcile_many(&context.session().await?, &request).await
    }
}
