//! `suspend`: pause the reconciliation of objects.

use super::Context;
use super::Exit;
use super::for_kind;
use super::for_kind::ForKind;
use super::for_kind::Verb;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use clap::ArgMatches;
use clap::Command;
use serde_json::Value;
use serde_json::json;

/// Suspend the reconciliation of resources
#[derive(clap::Args, Debug)]
pub struct SuspendArgs {
    /// Every object of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
    #[command(subcommand)]
    target: ForKind<Suspend>,
}

/// What `suspend` reads for one kind.
#[derive(Debug)]
struct Suspend {
    names: Vec<String>,
}

impl Verb for Suspend {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.suspend
    }

    fn about(kind: &Kind) -> String {
        format!("Suspend the reconciliation of {} objects", kind.kind)
    }

    fn arguments(_: &Kind, leaf: Command) -> Command {
        for_kind::names(leaf, "Names of the objects")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { names: for_kind::given_names(matches) }
    }
}

/// The names that were given, each once; with `--all` those of the namespace.
///
/// # Errors
/// No name, or none in the namespace.
pub(super) async fn chosen_names(
    client: &kube::Client,
    kind: &Kind,
    namespace: &str,
    given: &[String],
    all: bool,
) -> anyhow::Result<Vec<String>> {
    if all {
        let selection = Selection { namespace: Some(namespace.to_owned()), ..Selection::default() };
        let listed = cluster::list(client, kind, &selection).await;
        let (objects, _) =
            listed.map_err(|error| cluster::explain(error, &format!("listing {}", kind.plural)))?;
        let name =
            |object: &Value| object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
        return Ok(objects.iter().filter_map(name).collect());
    }
    anyhow::ensure!(!given.is_empty(), "{} name is required", kind.noun.label);
    let mut names: Vec<String> = Vec::new();
    for name in given {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}

impl SuspendArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        let (ui, namespace) = (&context.ui, &context.namespace);
        anyhow::ensure!(self.all || !verb.names.is_empty(), "{} name is required", kind.noun.label);
        let client = context.client().await?;
        let names = chosen_names(&client, kind, namespace, &verb.names, self.all).await?;
        anyhow::ensure!(!names.is_empty(), "no objects found");
        let human = kind.noun.label;
        let mut failed = false;
        for name in names {
            let patch = json!({"spec": {"suspend": true}});
            // The object is looked for first, so that nothing is said of one that is not there.
            match cluster::get(&client, kind, namespace, &name).await {
                Ok(_) => {}
                Err(error) => {
                    failed = true;
                    let missing = format!("{error:#}").ends_with("not found");
                    ui.failure(if missing {
                        format!("{} {name} not found in {namespace} namespace", kind.kind)
                    } else {
                        format!("failed suspending {human} {name} in {namespace} namespace: {error:#}")
                    });
                    continue;
                }
            }
            ui.action(format!("suspending {human} {name} in {namespace} namespace"));
            match cluster::merge(&client, kind, namespace, &name, &patch).await {
                Ok(_) => ui.success(format!("{human} suspended")),
                Err(error) => {
                    failed = true;
                    let error = cluster::explain(error, "patching");
                    ui.failure(format!(
                        "failed suspending {human} {name} in {namespace} namespace: {error:#}"
                    ));
                }
            }
        }
        if failed { Err(Exit::silent(1).into()) } else { Ok(()) }
    }
}
