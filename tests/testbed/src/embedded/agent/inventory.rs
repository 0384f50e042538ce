//! What a Kustomization has applied: written down, compared, and removed when it is no longer wanted.

use super::surroundings::Surroundings;
use super::surroundings::text;
use fluxr::testing::api::ObjectId;
use fluxr::testing::cluster;
use kube::api::DeleteParams;
use serde_json::Value;
use serde_json::json;

/// `namespace_name_group_kind`, where a colon in a name is written as two underscores.
fn id_of(object: &Value) -> String {
    let group = text(object, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
    let name = text(object, "/metadata/name").replace(':', "__");
    format!("{}_{name}_{group}_{}", text(object, "/metadata/namespace"), text(object, "/kind"))
}

fn version_of(object: &Value) -> &str {
    let api_version = text(object, "/apiVersion");
    api_version.split_once('/').map_or(api_version, |(_, version)| version)
}

/// The inventory of these objects.
pub fn of(objects: &[Value]) -> Value {
    let entries: Vec<Value> =
        objects.iter().map(|object| json!({"id": id_of(object), "v": version_of(object)})).collect();
    json!({"entries": entries})
}

/// What is in one inventory and not in the other, as objects with nothing but their names.
pub fn only_in(inventory: &Value, other: &Value) -> Vec<Value> {
    let entries = |of: &Value| of["entries"].as_array().cloned().unwrap_or_default();
    let kept = entries(other);
    let gone =
        entries(inventory).into_iter().filter(|entry| !kept.iter().any(|one| one["id"] == entry["id"]));
    gone.filter_map(|entry| object_of(&entry)).collect()
}

fn object_of(entry: &Value) -> Option<Value> {
    let id = entry["id"].as_str()?;
    let (namespace, rest) = id.split_once('_')?;
    let mut parts = rest.rsplitn(3, '_');
    let (kind, group, name) = (parts.next()?, parts.next()?, parts.next()?);
    let version = entry["v"].as_str()?;
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut metadata = json!({"name": name.replace("__", ":")});
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    Some(json!({"apiVersion": api_version, "kind": kind, "metadata": metadata}))
}

/// Deletes these objects, the last applied first, unless they are not the owner's or say that they stay. Gives a line for each.
pub async fn delete(
    around: &Surroundings,
    owner: &Value,
    mut objects: Vec<Value>,
) -> anyhow::Result<Vec<String>> {
    objects.reverse();
    let mut lines = Vec::new();
    for object in objects {
        let Ok(api) = cluster::api_for(&around.client, &object).await else { continue };
        let name = text(&object, "/metadata/name");
        let Some(live) = api.get_opt(name).await? else { continue };
        let live = serde_json::to_value(live)?;
        if !is_owned(&live, owner) || stays(&live) || super::finalizer::is_leaving(&live) {
            continue;
        }
        api.delete(name, &DeleteParams::background()).await?;
        lines.push(format!("{} deleted", ObjectId::of(&object)));
    }
    Ok(lines)
}

const LABELS: &str = "/metadata/labels/kustomize.toolkit.fluxcd.io~1";

fn is_owned(live: &Value, owner: &Value) -> bool {
    ["name", "namespace"]
        .iter()
        .all(|field| text(live, &format!("{LABELS}{field}")) == text(owner, &format!("/metadata/{field}")))
}

fn stays(live: &Value) -> bool {
    ["labels", "annotations"].iter().any(|place| {
        let says = |word: &str| text(live, &format!("/metadata/{place}/kustomize.toolkit.fluxcd.io~1{word}"));
        says("prune") == "disabled" || says("reconcile") == "disabled" || says("ssa") == "ignore"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_its_object_again() {
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:a_b"}});
        let service =
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}});
        let inventory = of(&[role.clone(), service.clone()]);
        assert_eq!(inventory["entries"][0]["id"], "_system__a_b_rbac.authorization.k8s.io_ClusterRole");
        assert_eq!(inventory["entries"][1]["id"], "shop_web__Service");
        assert_eq!(only_in(&inventory, &of(std::slice::from_ref(&service))), [role]);
        assert_eq!(only_in(&inventory, &inventory), Vec::<Value>::new());
    }
}
