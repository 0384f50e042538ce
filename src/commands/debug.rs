//! `debug`: what is behind a HelmRelease or a Kustomization. Prints what Secrets hold, as asked.

use crate::api::Kind;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::one_word;
use crate::cluster;
use crate::ops::debug;
use crate::text::yaml;
use serde_json::Value;
use serde_json::json;

/// Where the fields are explained.
const DOCUMENTATION: &str = "https://fluxcd.io/flux/components";

/// Show the status, the values and the variables of a HelmRelease or a Kustomization
#[derive(clap::Args, Debug)]
pub struct DebugArgs {
    #[command(subcommand)]
    of: Of,
}

#[derive(clap::Subcommand, Debug)]
enum Of {
    /// Show the status, the history or the final values of a HelmRelease; values of Secrets are shown in clear
    #[command(visible_aliases = ["hr"])]
    Helmrelease(HelmReleaseArgs),
    /// Show the status, the history or the final variables of a Kustomization; values of Secrets are shown in clear
    #[command(visible_aliases = ["ks"])]
    Kustomization(KustomizationArgs),
}

const HELM_RELEASE_EXAMPLES: &str = "\
# The values that Helm is given
fluxr debug helmrelease app --show-values";

#[derive(clap::Args, Debug)]
#[command(after_help = HELM_RELEASE_EXAMPLES)]
struct HelmReleaseArgs {
    /// Name of the HelmRelease
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&HELM_RELEASE))]
    names: Vec<String>,
    /// Print the status
    #[arg(long)]
    show_status: bool,
    /// Print the values, composed from `valuesFrom` and `values`
    #[arg(long)]
    show_values: bool,
    /// Print the history
    #[arg(long)]
    show_history: bool,
}

const KUSTOMIZATION_EXAMPLES: &str = "\
# The variables that are substituted
fluxr debug kustomization app --show-vars";

#[derive(clap::Args, Debug)]
#[command(after_help = KUSTOMIZATION_EXAMPLES)]
struct KustomizationArgs {
    /// Name of the Kustomization
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&KUSTOMIZATION))]
    names: Vec<String>,
    /// Print the status
    #[arg(long)]
    show_status: bool,
    /// Print the variables, composed from `substituteFrom` and `substitute`, as lines KEY=value
    #[arg(long)]
    show_vars: bool,
    /// Print the history
    #[arg(long)]
    show_history: bool,
}

impl DebugArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let shown = async {
            match self.of {
                Of::Helmrelease(args) => args.show(context).await,
                Of::Kustomization(args) => args.show(context).await,
            }
        };
        context.ui.data(&cluster::in_time(context.timeout, "reading the object", shown).await?)
    }
}

impl HelmReleaseArgs {
    async fn show(&self, context: &CommandContext) -> anyhow::Result<String> {
        let name = one_word(&self.names)?;
        let flags = [self.show_status, self.show_values, self.show_history];
        only_one(flags, "--show-status, --show-values, or --show-history")?;
        if self.show_values {
            let client = context.client().await?;
            return Ok(yaml::to_string(&debug::values(&client, &context.namespace, name).await?));
        }
        let mut object = read(context, &HELM_RELEASE, name).await?;
        if let Some(Value::Array(history)) = object.pointer_mut("/status/history") {
            history.iter_mut().for_each(write_missing_times);
        }
        let page = "helm/helmreleases/#helmrelease";
        Ok(if self.show_status {
            status(&object, page)
        } else {
            history(&object, "helm/helmreleases/#history")
        })
    }
}

impl KustomizationArgs {
    async fn show(&self, context: &CommandContext) -> anyhow::Result<String> {
        let name = one_word(&self.names)?;
        let flags = [self.show_status, self.show_vars, self.show_history];
        only_one(flags, "--show-status, --show-vars, or --show-history")?;
        if self.show_vars {
            let client = context.client().await?;
            let variables = debug::variables(&client, &context.namespace, name).await?;
            return Ok(variables.iter().map(|(key, value)| format!("{key}={value}\n")).collect());
        }
        let object = read(context, &KUSTOMIZATION, name).await?;
        let page = "kustomize/kustomizations/#kustomization";
        Ok(if self.show_status {
            status(&object, page)
        } else {
            history(&object, "kustomize/kustomizations/#history")
        })
    }
}

async fn read(context: &CommandContext, kind: &Kind, name: &str) -> anyhow::Result<Value> {
    cluster::get(&context.client().await?, kind, &context.namespace, name).await
}

/// Times that are not there are `null` in Go's YAML of a release.
fn write_missing_times(release: &mut Value) {
    let add = |object: &mut Value, field: &str| {
        if object.is_object() && object.get(field).is_none() {
            object[field] = Value::Null;
        }
    };
    add(release, "deleted");
    let tests = release.get_mut("testHooks").and_then(Value::as_object_mut);
    for test in tests.into_iter().flat_map(|tests| tests.values_mut()) {
        add(test, "lastStarted");
        add(test, "lastCompleted");
    }
}

fn status(object: &Value, page: &str) -> String {
    let status = object.get("status").cloned().unwrap_or_else(|| json!({}));
    format!("# Status documentation: {DOCUMENTATION}/{page}-status\n{}", yaml::to_string(&status))
}

fn history(object: &Value, page: &str) -> String {
    let history = object.pointer("/status/history").cloned().unwrap_or_else(|| json!([]));
    format!("# History documentation: {DOCUMENTATION}/{page}\n{}", yaml::to_string(&history))
}

fn only_one(flags: [bool; 3], names: &str) -> anyhow::Result<()> {
    let count = flags.iter().filter(|flag| **flag).count();
    anyhow::ensure!(count == 1, "exactly one of {names} must be set");
    Ok(())
}
