//! `delete`: one object, after asking.

use crate::api::Kind;
use crate::cli::Context;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cluster;
use crate::cluster::Selection;
use clap::ArgMatches;
use clap::Command;
use kube::api::DeleteParams;

/// Delete resources
#[derive(clap::Args, Debug)]
pub struct DeleteArgs {
    /// Do not ask
    #[arg(long, short = 's', global = true)]
    silent: bool,
    #[command(subcommand)]
    target: ForKind<Delete>,
}

/// What `delete` reads for one kind.
#[derive(Debug)]
struct Delete {
    name: Option<String>,
}

impl Verb for Delete {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.delete
    }

    fn about(kind: &Kind) -> String {
        format!("Delete a {} object", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!("# Delete an object without being asked\n{line} app --silent")
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Name of the object")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { name: for_kind::given_names(matches).into_iter().next() }
    }
}

impl DeleteArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        let Some(name) = verb.name else { anyhow::bail!("{} name is required", kind.noun.label) };
        let client = context.client().await?;
        let ui = &context.ui;
        cluster::get(&client, kind, &context.namespace, &name).await?;
        let human = kind.noun.label;
        if !self.silent {
            let question = format!("Are you sure you want to delete this {human}");
            ui.confirm(&question, "--silent", "aborting").await?;
        }
        ui.action(format!("deleting {human} {name} in {} namespace", context.namespace));
        let selection = Selection { namespace: Some(context.namespace.clone()), ..Selection::default() };
        let deleted =
            selection.api(&client, &kind.api_resource()).delete(&name, &DeleteParams::default()).await;
        deleted.map_err(|error| cluster::explain(error, &format!("deleting {human} \"{name}\"")))?;
        ui.success(format!("{human} deleted"));
        Ok(())
    }
}
