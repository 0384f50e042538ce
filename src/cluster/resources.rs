//! Kinds and their URLs without asking the API server: what Flux and its manifests use is known; the rest is discovered.

use super::builtin::BUILT_IN;
use super::explain;
use crate::api::api_resource;
use crate::api::object;
use crate::api::object::text;
use crate::kind;
use anyhow::Context;
use kube::Api;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use serde_json::Value;

/// A mapper of Go's client knows each kind by its name and by that in lower case.
fn is_named(kind: &str, known: &str) -> bool {
    known == kind || known.to_lowercase() == kind
}

/// How objects of this `apiVersion` and `kind` are addressed, and whether they live in a namespace.
///
/// # Errors
/// A kind that the API server does not know either.
pub async fn resource_of(
    client: &kube::Client,
    api_version: &str,
    kind: &str,
) -> anyhow::Result<(ApiResource, bool)> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if let Some(known) = BUILT_IN.iter().find(|known| known.group == group && is_named(kind, known.kind)) {
        return Ok((api_resource(api_version, known.kind, known.plural), known.namespaced));
    }
    if let Some(ours) = kind::KINDS.iter().find(|ours| ours.group == group && is_named(kind, ours.kind)) {
        return Ok((api_resource(api_version, ours.kind, ours.plural), true));
    }
    discovered(client, api_version, kind).await
}

/// As [`resource_of`], by the word of the API server alone.
///
/// # Errors
/// A version or a kind that it does not serve, in the words of Go's client.
pub async fn discovered(
    client: &kube::Client,
    api_version: &str,
    kind: &str,
) -> anyhow::Result<(ApiResource, bool)> {
    let listed = if api_version.contains('/') {
        client.list_api_group_resources(api_version).await
    } else {
        client.list_core_api_resources(api_version).await
    };
    let listed = listed.map_err(|error| {
        if super::is_not_found(&error) {
            let slash = if api_version.contains('/') { "" } else { "/" };
            return anyhow::anyhow!(
                "unable to retrieve the complete list of server APIs: {api_version}: no matches for {slash}{api_version}, Resource="
            );
        }
        explain(error, &format!("looking for the kind {kind} of {api_version}"))
    })?;
    let found = listed.resources.into_iter().find(|one| !one.name.contains('/') && is_named(kind, &one.kind));
    let found = found.with_context(|| format!("no matches for kind {kind:?} in version {api_version:?}"))?;
    Ok((api_resource(api_version, &found.kind, &found.name), found.namespaced))
}

/// An API for the kind of a manifest, in the manifest's namespace.
///
/// # Errors
/// As [`resource_of`]; a manifest without `apiVersion` or `kind`.
pub async fn api_for(client: &kube::Client, object: &Value) -> anyhow::Result<Api<DynamicObject>> {
    let (api_version, kind) = (text(object, "/apiVersion"), object::kind(object));
    anyhow::ensure!(!api_version.is_empty() && !kind.is_empty(), "a manifest has no apiVersion or no kind");
    let (resource, namespaced) = resource_of(client, api_version, kind).await?;
    Ok(if namespaced {
        let namespace = match object::namespace(object) {
            "" => "default",
            namespace => namespace,
        };
        Api::namespaced_with(client.clone(), namespace, &resource)
    } else {
        Api::all_with(client.clone(), &resource)
    })
}
