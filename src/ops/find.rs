//! One object of any kind that the cluster has.

use crate::cluster;
use crate::cluster::Selection;
use anyhow::Context;
use kube::core::ApiResource;
use serde_json::Value;

/// The object of a kind that a word names as kubectl takes it: `deployment`, `deploy`, `deployments.apps`. The namespace counts for
/// kinds that have them.
///
/// # Errors
/// A word that names no kind; the object does not exist.
pub async fn by_word(
    client: &kube::Client,
    word: &str,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Value> {
    let (resource, namespaced) = cluster::resource_named(client, word).await?;
    read(client, &resource, namespaced.then_some(namespace), name).await.context(UPSTREAM)
}

/// What the Flux CLI prints before it says what was wrong with reading the object.
const UPSTREAM: &str = "x";

/// The object of a kind in this version.
///
/// # Errors
/// The cluster does not have the kind in this version; the object does not exist.
pub async fn by_version(
    client: &kube::Client,
    api_version: &str,
    kind: &str,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Value> {
    let found = cluster::resource_of(client, api_version, kind).await;
    let (resource, namespaced) = found.context("failed to find object")?;
    match read(client, &resource, namespaced.then_some(namespace), name).await {
        Err(error) if cluster::is_unknown_kind(&error) => {
            // A kind that is known here, in a version that is not served there.
            let asked = cluster::discovered(client, api_version, kind).await;
            asked.map_or_else(Err, |_| Err(error))
        }
        answer => answer,
    }
    .context("failed to find object")
}

/// Reads an object. When it does not exist because its namespace does not, the error says so.
async fn read(
    client: &kube::Client,
    resource: &ApiResource,
    namespace: Option<&str>,
    name: &str,
) -> anyhow::Result<Value> {
    let of = |namespace: Option<&str>| Selection {
        namespace: namespace.map(str::to_owned),
        ..Selection::default()
    };
    let doing = format!("reading {} \"{name}\"", resource.kind);
    let error = match of(namespace).api(client, resource).get(name).await {
        Ok(object) => return Ok(serde_json::to_value(object)?),
        Err(error) => error,
    };
    if let Some(namespace) = namespace.filter(|_| cluster::is_not_found(&error)) {
        let (namespaces, _) = cluster::resource_of(client, "v1", "Namespace").await?;
        match of(None).api(client, &namespaces).get(namespace).await {
            Err(missing) if cluster::is_not_found(&missing) => return Err(cluster::explain(missing, &doing)),
            _ => {}
        }
    }
    Err(cluster::explain(error, &doing))
}
