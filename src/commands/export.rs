//! `export`: objects as YAML that can be committed.

use super::Context;
use super::for_kind;
use super::for_kind::ForKind;
use super::for_kind::Verb;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use crate::text::GoDuration;
use crate::text::yaml;
use anyhow::Context as _;
use clap::ArgMatches;
use clap::Command;
use serde_json::Value;
use serde_json::json;

/// Export resources in YAML format
#[derive(clap::Args, Debug)]
pub struct ExportArgs {
    /// Every object of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
    #[command(subcommand)]
    target: ForKind<Export>,
}

/// What `export` reads for one kind.
#[derive(Debug)]
struct Export {
    name: Option<String>,
    with_credentials: bool,
}

impl Verb for Export {
    fn offers(_: &Kind) -> bool {
        true
    }

    fn about(kind: &Kind) -> String {
        format!("Export {} objects in YAML format", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# One object, ready to be committed\n{line} app > app.yaml\n\
             # All objects of the namespace\n{line} --all > all.yaml"
        )
    }

    fn arguments(_: &Kind, leaf: Command) -> Command {
        for_kind::names(leaf, "Name of the object")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            with_credentials: for_kind::switch(matches, "with-credentials"),
        }
    }
}

/// The flag of `export source` may stand before and after the kind.
pub fn with_persistent_flags(export: Command) -> Command {
    export.mut_subcommand("source", |group| {
        let help = "Export the Secret of the source too";
        for_kind::declare_switch(group, "with-credentials", help)
            .mut_arg("with-credentials", |arg| arg.global(true))
    })
}

impl ExportArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ForKind { kind, verb } = &self.target;
        anyhow::ensure!(self.all || verb.name.is_some(), "name is required");
        let client = context.client().await?;
        let objects = match (&verb.name, self.all) {
            (_, true) => {
                let selection =
                    Selection { namespace: Some(context.namespace.clone()), ..Selection::default() };
                let listed = cluster::list(&client, kind, &selection).await;
                let (objects, _) =
                    listed.map_err(|error| cluster::explain(error, &format!("listing {}", kind.plural)))?;
                anyhow::ensure!(!objects.is_empty(), "no objects found in {} namespace", context.namespace);
                objects
            }
            (Some(name), false) => vec![cluster::get(&client, kind, &context.namespace, name).await?],
            (None, false) => anyhow::bail!("name is required"),
        };
        for object in &objects {
            context.ui.data(&document(&exported(object)))?;
            if verb.with_credentials
                && let Some(secret) = self.secret_of(context, &client, object).await?
            {
                context.ui.data(&document(&secret))?;
            }
        }
        Ok(())
    }

    async fn secret_of(
        &self,
        context: &Context,
        client: &kube::Client,
        object: &Value,
    ) -> anyhow::Result<Option<Value>> {
        let Some(name) = object.pointer("/spec/secretRef/name").and_then(Value::as_str) else {
            return Ok(None);
        };
        let address =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": context.namespace}});
        let found = cluster::api_for(client, &address).await?.get(name).await;
        let doing = format!("reading the Secret \"{}/{name}\"", context.namespace);
        let found = found
            .map_err(|error| cluster::explain(error, &doing))
            .with_context(|| format!("failed to retrieve secret {name}, error"))?;
        let secret = serde_json::to_value(found)?;
        let mut shown = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": context.namespace},
        });
        for key in ["data", "type"] {
            if let Some(value) = secret.get(key) {
                shown[key] = value.clone();
            }
        }
        Ok(Some(shown))
    }
}

/// Only what belongs into Git: no status, no bookkeeping of the server.
fn exported(object: &Value) -> Value {
    let mut metadata = json!({});
    for key in ["name", "namespace", "labels", "annotations"] {
        if let Some(value) = object.pointer("/metadata").and_then(|metadata| metadata.get(key)) {
            metadata[key] = value.clone();
        }
    }
    let mut spec = object["spec"].clone();
    write_durations_as_go(&mut spec);
    leave_out_zeros(&mut spec);
    json!({"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": metadata, "spec": spec})
}

/// `60s` becomes `1m0s` in the fields that hold durations; the values of a chart are left as they are.
fn write_durations_as_go(spec: &mut Value) {
    match spec {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut().filter(|(name, _)| *name != "values") {
                let duration = field.as_str().and_then(|text| text.parse::<GoDuration>().ok());
                match duration.filter(|_| matches!(name.as_str(), "interval" | "timeout" | "retryInterval")) {
                    Some(duration) => *field = json!(duration.to_string()),
                    None => write_durations_as_go(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_durations_as_go),
        _ => {}
    }
}

fn document(object: &Value) -> String {
    format!("---\n{}", yaml::to_string(object))
}

/// Fields that Go leaves out when they are `false` or 0, although the API server keeps them. (Those of the controllers' API modules with
/// `omitempty` that are no pointers.)
const LEFT_OUT_WHEN_ZERO: [&str; 27] = [
    "cleanupOnFail",
    "createNamespace",
    "disableHooks",
    "disableOpenAPIValidation",
    "disableSchemaValidation",
    "disableTakeOwnership",
    "disableWait",
    "disableWaitForJobs",
    "enable",
    "exclude",
    "force",
    "ignoreFailures",
    "ignoreMissingComponents",
    "ignoreMissingValuesFiles",
    "insecure",
    "keepHistory",
    "literal",
    "optional",
    "passCredentials",
    "preserveValues",
    "recreate",
    "recurseSubmodules",
    "replace",
    "retries",
    "skipCRDs",
    "suspend",
    "wait",
];

/// The values of a chart are the user's own.
fn leave_out_zeros(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| {
                let is_zero = *field == json!(false) || *field == json!(0);
                !(is_zero && LEFT_OUT_WHEN_ZERO.contains(&name.as_str()))
            });
            fields
                .iter_mut()
                .filter(|(name, _)| *name != "values")
                .for_each(|(_, field)| leave_out_zeros(field));
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_zeros),
        _ => {}
    }
}
