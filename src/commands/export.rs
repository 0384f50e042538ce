//! `export`: objects as YAML that can be committed.

use crate::api::Kind;
use crate::api::written::write_as_go;
use crate::cli::Context;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::cluster;
use crate::cluster::Selection;
use crate::text::yaml;
use anyhow::Context as _;
use clap::ArgMatches;
use clap::Command;
use serde_json::Value;
use serde_json::json;

/// Export resources in YAML format
#[derive(clap::Args, Debug)]
#[command(mut_subcommand("source", with_credentials))]
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

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Name of the object")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            with_credentials: for_kind::switch(matches, "with-credentials"),
        }
    }
}

/// Flags of the commands of sources, which may also precede their names.
fn with_credentials(group: Command) -> Command {
    let help = "Export the Secret of the source too";
    for_kind::declare_switch(group, "with-credentials", help)
        .mut_arg("with-credentials", |arg| arg.global(true))
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
        let schema = crate::distribution::spec_schema(kind);
        for object in &objects {
            context.ui.data(&document(&exported(kind, &schema, object)))?;
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
            if let Some(value) = secret.get(key).filter(|value| **value != json!({}) && **value != json!(""))
            {
                shown[key] = value.clone();
            }
        }
        Ok(Some(shown))
    }
}

/// Only what belongs into Git: no status, no bookkeeping of the server, nothing that Go leaves out.
fn exported(kind: &Kind, schema: &Value, object: &Value) -> Value {
    let metadata = ["name", "namespace", "labels", "annotations"].into_iter().filter_map(|key| {
        let value = object.get("metadata")?.get(key)?;
        Some((key.to_owned(), value.clone())).filter(|(_, value)| *value != json!({}))
    });
    let metadata: serde_json::Map<_, _> = metadata.collect();
    let mut spec = object["spec"].clone();
    write_as_go(kind.written, schema, &mut spec);
    json!({"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": metadata, "spec": spec})
}

fn document(object: &Value) -> String {
    format!("---\n{}", yaml::to_string(object))
}
