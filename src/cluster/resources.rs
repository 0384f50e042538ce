//! Kinds and their URLs without asking the API server: what Flux and its manifests use is known; the rest is discovered.

use crate::kind;
use anyhow::Context;
use kube::Api;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use kube::core::GroupVersionKind;
use serde_json::Value;

/// group, kind, plural, whether it lives in a namespace.
const KNOWN: [(&str, &str, &str, bool); 24] = [
    ("", "ConfigMap", "configmaps", true),
    ("", "LimitRange", "limitranges", true),
    ("", "Namespace", "namespaces", false),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("", "Pod", "pods", true),
    ("", "ResourceQuota", "resourcequotas", true),
    ("", "Secret", "secrets", true),
    ("", "Service", "services", true),
    ("", "ServiceAccount", "serviceaccounts", true),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", false),
    ("apps", "DaemonSet", "daemonsets", true),
    ("apps", "Deployment", "deployments", true),
    ("apps", "StatefulSet", "statefulsets", true),
    ("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("batch", "CronJob", "cronjobs", true),
    ("batch", "Job", "jobs", true),
    ("networking.k8s.io", "Ingress", "ingresses", true),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies", true),
    ("policy", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false),
    ("rbac.authorization.k8s.io", "Role", "roles", true),
    ("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", true),
    ("scheduling.k8s.io", "PriorityClass", "priorityclasses", false),
];

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
    let of = |plural: &str| ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    };
    if let Some((_, _, plural, namespaced)) = KNOWN.iter().find(|known| known.0 == group && known.1 == kind) {
        return Ok((of(plural), *namespaced));
    }
    if let Some(ours) = kind::KINDS.iter().find(|ours| ours.group == group && ours.kind == kind) {
        return Ok((of(ours.plural), true));
    }
    let gvk = GroupVersionKind::gvk(group, version, kind);
    let (resource, capabilities) = kube::discovery::pinned_kind(client, &gvk)
        .await
        .with_context(|| format!("looking for the kind {kind} of {api_version} in the cluster"))?;
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
