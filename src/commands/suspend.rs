//! `suspend`: pause the reconciliation of objects.

use crate::api::Kind;
use crate::api::SuspensionNote;
use crate::cli::Context;
use crate::cli::Exit;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cluster;
use crate::cluster::Selection;
use crate::ops::suspension;
use clap::ArgMatches;
use clap::Command;
use serde_json::Value;

/// Suspend the reconciliation of resources
#[derive(clap::Args, Debug)]
pub struct SuspendArgs {
    /// Every object of the kind in the namespace, where none is named
    #[arg(long, global = true)]
    all: bool,
    /// Why: written down on the object with who and when, shown by `why`, taken away by `resume`
    #[arg(long, global = true, value_name = "string")]
    reason: Option<String>,
    /// Until when it is meant to last, RFC 3339 or a duration; nothing resumes by itself
    #[arg(long, global = true, value_name = "string")]
    until: Option<String>,
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

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# Pause an object, and leave a note for colleagues\n\
             {line} app --reason=\"moving the database\" --until=2h\n\
             # Pause all objects of the namespace\n{line} --all"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Names of the objects")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { names: for_kind::given_names(matches) }
    }
}

/// The names that were given, each once; without any those of all objects of the namespace.
pub(super) async fn chosen_names(
    client: &kube::Client,
    kind: &Kind,
    namespace: &str,
    given: &[String],
) -> anyhow::Result<Vec<String>> {
    if given.is_empty() {
        let selection = Selection { namespace: Some(namespace.to_owned()), ..Selection::default() };
        let listed = cluster::list(client, kind, &selection).await;
        let (objects, _) =
            listed.map_err(|error| cluster::explain(error, &format!("listing {}", kind.plural)))?;
        let name =
            |object: &Value| object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
        return Ok(objects.iter().filter_map(name).collect());
    }
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
        let note = self.note(context);
        let ForKind { kind, verb } = self.target;
        let (ui, namespace) = (&context.ui, &context.namespace);
        anyhow::ensure!(self.all || !verb.names.is_empty(), "{} name is required", kind.noun.label);
        let mut note = note?;
        let client = context.client().await?;
        let names = chosen_names(&client, kind, namespace, &verb.names).await?;
        anyhow::ensure!(!names.is_empty(), "no objects found");
        if let Some(note) = &mut note {
            let local = context.env.non_empty("USER").unwrap_or_default();
            note.by = suspension::user_name(&client, local).await;
        }
        let human = kind.noun.label;
        let failing = |name: &str| format!("failed suspending {human} {name} in {namespace} namespace");
        let mut failed = false;
        for name in names {
            // The object is looked for first, so that nothing is said of one that is not there.
            let found = cluster::get(&client, kind, namespace, &name).await;
            let patch = match found.and_then(|object| suspension::suspending(&object, note.as_ref())) {
                Ok(patch) => patch,
                Err(error) => {
                    failed = true;
                    if cluster::is_missing(&error) {
                        ui.failure(format!("{} {name} not found in {namespace} namespace", kind.kind));
                    } else {
                        ui.error(&error.context(failing(&name)));
                    }
                    continue;
                }
            };
            ui.action(format!("suspending {human} {name} in {namespace} namespace"));
            match cluster::merge(&client, kind, namespace, &name, &patch).await {
                Ok(_) => ui.success(format!("{human} suspended")),
                Err(error) => {
                    failed = true;
                    ui.error(&cluster::explain(error, "patching").context(failing(&name)));
                }
            }
        }
        if failed { Err(Exit::silent(1).into()) } else { Ok(()) }
    }

    /// What is written down, where something is to be.
    fn note(&self, context: &Context) -> anyhow::Result<Option<SuspensionNote>> {
        let (reason, until) = (self.reason.as_deref(), self.until.as_deref());
        if reason.is_none() && until.is_none() {
            return Ok(None);
        }
        suspension::note(reason, until, (context.now)().timestamp()).map(Some)
    }
}
