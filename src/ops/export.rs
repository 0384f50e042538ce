//! Objects as they belong into Git.

use super::Session;
use crate::api::Kind;
use crate::api::object;
use crate::api::written::write_as_go;
use crate::cluster;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// Hands out the object of this name, or all objects of the namespace, each as a document of YAML; with credentials, each is followed by the
/// Secret that it refers to.
///
/// # Errors
/// The object does not exist; it or its Secret cannot be read.
pub async fn export(
    session: &Session<'_>,
    kind: &Kind,
    name: Option<&str>,
    with_credentials: bool,
) -> anyhow::Result<()> {
    let Session { client, sink, namespace, .. } = session;
    let objects = match name {
        Some(name) => vec![cluster::get(client, kind, namespace, name).await?],
        None => {
            let objects = session.objects(kind).await?;
            anyhow::ensure!(!objects.is_empty(), "no objects found in {namespace} namespace");
            objects
        }
    };
    let schema = crate::distribution::spec_schema(kind);
    for object in &objects {
        sink.data(&document(&exported(kind, &schema, object)))?;
        if with_credentials && let Some(secret) = secret_of(session, object).await? {
            sink.data(&document(&secret))?;
        }
    }
    Ok(())
}

/// The Secret that an object refers to, if it refers to one.
async fn secret_of(session: &Session<'_>, object: &Value) -> anyhow::Result<Option<Value>> {
    let Session { client, namespace, .. } = session;
    let name = object::text(object, "/spec/secretRef/name");
    if name.is_empty() {
        return Ok(None);
    }
    let address = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": namespace}});
    let found = cluster::api_for(client, &address).await?.get(name).await;
    let doing = format!("reading the Secret \"{namespace}/{name}\"");
    let found = found
        .map_err(|error| cluster::explain(error, &doing))
        .with_context(|| format!("failed to retrieve secret {name}, error"))?;
    let secret = serde_json::to_value(found)?;
    let mut shown = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
    });
    for key in ["data", "type"] {
        if let Some(value) = secret.get(key).filter(|value| **value != json!({}) && **value != json!("")) {
            shown[key] = value.clone();
        }
    }
    Ok(Some(shown))
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
