//! `reconcile`: have an object reconciled now, and say how it went.

use super::Context;
use super::for_kind;
use super::for_kind::ForKind;
use super::for_kind::Verb;
use crate::api::Kind;
use crate::cluster::Deadline;
use crate::ops;
use crate::ops::ReconcileRequest;
use clap::ArgMatches;
use clap::Command;

/// Reconcile sources and resources
#[derive(clap::Args, Debug)]
pub struct ReconcileArgs {
    #[command(subcommand)]
    target: ForKind<Reconcile>,
}

/// What `reconcile` reads for one kind.
#[derive(Debug)]
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
        format!("Reconcile a {} object", kind.kind)
    }

    fn arguments(kind: &Kind, leaf: Command) -> Command {
        let mut leaf = for_kind::names(leaf, "Name of the object");
        if matches!(kind.kind, "Kustomization" | "HelmRelease" | "HelmChart") {
            leaf = for_kind::declare_switch(leaf, "with-source", "Reconcile its source first");
        }
        if kind.kind == "HelmRelease" {
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
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        let Some(name) = verb.name else { anyhow::bail!("{} name is required", kind.kind) };
        let client = context.client().await?;
        let request = ReconcileRequest {
            kind,
            namespace: context.namespace.clone(),
            name,
            with_source: verb.with_source,
            force: verb.force,
            reset: verb.reset,
        };
        let deadline = Deadline::after(context.timeout);
        ops::reconcile(&client, &context.ui, &request, deadline, context.poll, context.now).await?;
        Ok(())
    }
}
