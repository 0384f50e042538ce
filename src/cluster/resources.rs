//! Kinds and their URLs without asking the API server: what Flux and its manifests use is known; the rest is discovered.

use super::builtin::BUILT_IN;
use super::explain;
use crate::kind;
use kube::Api;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use kube::core::GroupVersionKind;
use serde_json::Value;

/// How objects of this `apiVersion` and `kind` are addressed, and whether they live in a namespace.
///
/// # Errors
/// A kind that the API server does not know either.
pub async fn resource_of(
    client: &kube::Client,
    api_version: &str,
    kind: &str,
) -> anyhow::Result<(ApiResource, bool)> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let of = |kind: &str, plural: &str| ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    };
    // A mapper of Go's client also knows each kind by its name in lower case.
    let is_named = |known: &str| known == kind || known.to_lowercase() == kind;
    if let Some(known) = BUILT_IN.iter().find(|known| known.group == group && is_named(known.kind)) {
        return Ok((of(known.kind, known.plural), known.namespaced));
    }
    if let Some(ours) = kind::KINDS.iter().find(|ours| ours.group == group && is_named(ours.kind)) {
        return Ok((of(ours.kind, ours.plural), true));
    }
    let gvk = GroupVersionKind::gvk(group, version, kind);
    let found = kube::discovery::pinned_kind(client, &gvk).await;
    let (resource, capabilities) = found.map_err(|error| match error {
        kube::Error::Api(status) if status.code != 404 => {
            explain(kube::Error::Api(status), &format!("looking for the kind {kind} of {api_version}"))
        }
        kube::Error::Api(_) | kube::Error::Discovery(_) => {
            anyhow::anyhow!("no matches for kind {kind:?} in version {api_version:?}")
        }
        other => explain(other, &format!("looking for the kind {kind} of {api_version}")),
    })?;
    Ok((resource, capabilities.scope == kube::discovery::Scope::Namespaced))
}

/// An API for the kind of a manifest, in the manifest's namespace.
///
/// # Errors
/// As [`resource_of`]; a manifest without `apiVersion` or `kind`.
pub async fn api_for(client: &kube::Client, object: &Value) -> anyhow::Result<Api<DynamicObject>> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    anyhow::ensure!(!api_version.is_empty() && !kind.is_empty(), "a manifest has no apiVersion or no kind");
    let (resource, namespaced) = resource_of(client, api_version, kind).await?;
    Ok(if namespaced {
        let namespace = match text("/metadata/namespace") {
            "" => "default",
            namespace => namespace,
        };
        Api::namespaced_with(client.clone(), namespace, &resource)
    } else {
        Api::all_with(client.clone(), &resource)
    })
}
