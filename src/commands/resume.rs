//! `resume`: take up the reconciliation of objects again.

use super::suspend::chosen_names;
use crate::api::Kind;
use crate::cli::Context;
use crate::cli::Exit;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cluster;
use crate::cluster::Deadline;
use crate::ops;
use crate::ops::Waiting;
use clap::ArgMatches;
use clap::Command;
use serde_json::Value;

/// Resume suspended resources
#[derive(clap::Args, Debug)]
pub struct ResumeArgs {
    /// Every object of the kind in the namespace, where none is named
    #[arg(long, global = true)]
    all: bool,
    /// Wait for the objects to be reconciled; a single one is waited for anyway
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    wait: Option<bool>,
    #[command(subcommand)]
    target: ForKind<Resume>,
}

/// What `resume` reads for one kind.
#[derive(Debug)]
struct Resume {
    names: Vec<String>,
}

impl Verb for Resume {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.suspend
    }

    fn about(kind: &Kind) -> String {
        format!("Resume suspended {} objects", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# Resume an object, and wait until it is reconciled\n{line} app\n\
             # Resume all objects of the namespace\n{line} --all"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Names of the objects")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { names: for_kind::given_names(matches) }
    }
}

impl ResumeArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        let (ui, namespace) = (&context.ui, &context.namespace);
        anyhow::ensure!(self.all || !verb.names.is_empty(), "{} name is required", kind.noun.label);
        let client = context.client().await?;
        let names = chosen_names(&client, kind, namespace, &verb.names).await?;
        if names.is_empty() {
            // With --all nothing was named that could be missing.
            ui.failure(format!("no {} objects found in {namespace} namespace", kind.kind));
            return Ok(());
        }
        let human = kind.noun.label;
        let mut resumed = Vec::new();
        let mut failed = false;
        for name in names {
            let patch = match cluster::get(&client, kind, namespace, &name).await {
                Ok(object) => ops::suspension::resuming(&object),
                Err(error) => {
                    failed = true;
                    if cluster::is_missing(&error) {
                        ui.failure(format!(
                            "{} object '{name}' not found in {namespace} namespace",
                            kind.kind
                        ));
                    } else {
                        ui.error(&error);
                    }
                    continue;
                }
            };
            ui.action(format!("resuming {human} {name} in {namespace} namespace"));
            match cluster::merge(&client, kind, namespace, &name, &patch).await {
                Ok(_) => {
                    ui.success(format!("{human} resumed"));
                    resumed.push(name);
                }
                Err(error) => {
                    failed = true;
                    ui.error(&cluster::explain(error, &format!("resuming {human} {name}")));
                }
            }
        }
        let waits = self.wait.unwrap_or(verb.names.len() == 1);
        if waits {
            wait_for(context, &client, kind, resumed).await?;
        }
        if failed { Err(Exit::silent(1).into()) } else { Ok(()) }
    }
}

/// Waits for all at once and says how each ended, by name.
async fn wait_for(
    context: &Context,
    client: &kube::Client,
    kind: &'static Kind,
    mut names: Vec<String>,
) -> anyhow::Result<()> {
    let (ui, namespace) = (&context.ui, &context.namespace);
    names.sort();
    let deadline = Deadline::after(context.timeout);
    for _ in &names {
        ui.waiting(format!("waiting for {} reconciliation", kind.kind));
    }
    let waiting = Waiting::new(client, ui, deadline, context.poll);
    let waits = names.iter().map(|name| waiting.until_ready(kind, namespace, name));
    let outcomes: Vec<anyhow::Result<Value>> = futures::future::join_all(waits).await;
    let mut failures = 0;
    for (name, outcome) in names.iter().zip(outcomes) {
        match outcome {
            Ok(object) => {
                ui.success(format!("{} {name} reconciliation completed", kind.kind));
                let outcome = (kind.outcome)(&object);
                if !outcome.is_empty() {
                    ui.success(outcome);
                }
            }
            Err(error) => {
                failures += 1;
                ui.error(&error.context(format!("{} {name} reconciliation failed", kind.kind)));
            }
        }
    }
    anyhow::ensure!(failures == 0, "reconciliation failed for {failures} {}(s)", kind.kind);
    Ok(())
}
