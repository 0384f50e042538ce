//! The order of the resources in the output.

use super::id::Gvk;
use super::id::Id;
use super::set::Set;
use serde::Deserialize;
use std::cmp::Ordering;

/// What a caller wants, unless the kustomization says it itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reorder {
    /// By kind: namespaces, definitions and accounts first, webhooks last.
    #[default]
    Legacy,
    /// As the resources are listed.
    None,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SortOptions {
    pub order: String,
    pub legacy_sort_options: Option<LegacySortOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LegacySortOptions {
    pub order_first: Vec<String>,
    pub order_last: Vec<String>,
}

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts the resources.
///
/// # Errors
/// An order that is neither `legacy` nor `fifo`; kinds to order with `fifo`.
pub(super) fn sort(set: &mut Set, options: Option<&SortOptions>, reorder: Reorder) -> anyhow::Result<()> {
    let (first, last) = match options {
        None if reorder == Reorder::None => return Ok(()),
        None => (FIRST.map(str::to_owned).to_vec(), LAST.map(str::to_owned).to_vec()),
        Some(options) => match (options.order.as_str(), &options.legacy_sort_options) {
            ("fifo", None) => return Ok(()),
            ("fifo", Some(_)) => anyhow::bail!("sortOptions.legacySortOptions is only for the order legacy"),
            ("legacy", None) => (FIRST.map(str::to_owned).to_vec(), LAST.map(str::to_owned).to_vec()),
            ("legacy", Some(kinds)) => (kinds.order_first.clone(), kinds.order_last.clone()),
            (other, _) => anyhow::bail!("sortOptions.order is \"{other}\", neither legacy nor fifo"),
        },
    };
    let place = |kind: &str| place(kind, &first, &last);
    let mut sorted: Vec<_> = set.take().into_iter().map(|resource| (resource.id(), resource)).collect();
    sorted.sort_by(|(a, _), (b, _)| compare(a, b, &place));
    set.append_all(sorted.into_iter().map(|(_, resource)| resource))
}

/// Where a kind comes: before all others, after them, or among them at 0. The last mention of a kind counts.
fn place(kind: &str, first: &[impl AsRef<str>], last: &[impl AsRef<str>]) -> i64 {
    let index = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    if let Some(at) = last.iter().rposition(|name| name.as_ref() == kind) {
        return 1 + index(at);
    }
    first.iter().rposition(|name| name.as_ref() == kind).map_or(0, |at| index(at) - index(first.len()))
}

/// What types alone are ordered by: the place of their kind, then their names.
pub(super) fn type_order(gvk: &Gvk) -> (i64, String) {
    (place(&gvk.kind, &FIRST, &LAST), type_key(gvk))
}

fn compare(a: &Id, b: &Id, place: &dyn Fn(&str) -> i64) -> Ordering {
    if a.gvk == b.gvk {
        return name_key(a).cmp(&name_key(b));
    }
    let by_place = place(&a.gvk.kind).cmp(&place(&b.gvk.kind));
    let by_type = type_key(&a.gvk).cmp(&type_key(&b.gvk));
    let both_namespaces = a.gvk.kind == "Namespace" && b.gvk.kind == "Namespace";
    let by_type = if both_namespaces && (a.gvk.group.is_empty() || b.gvk.group.is_empty()) {
        by_type.reverse()
    } else {
        by_type
    };
    by_place.then(by_type)
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

fn type_key(gvk: &Gvk) -> String {
    format!("{}_{}_{}", or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K"))
}

fn name_key(id: &Id) -> String {
    format!("{}|{}", or(&id.namespace, "~X"), or(&id.name, "~N"))
}
