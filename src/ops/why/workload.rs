//! What an object manages: from the inventory to workloads and to further objects of Flux that are not as they should be.

use super::causes::recognise;
use super::chain::Link;
use super::chain::LinkState;
use super::custom::standing;
use super::pods;
use super::step::Findings;
use super::step::Walk;
use super::step::fact_of;
use super::step::state_of;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Role;
use crate::api::object;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind;
use crate::ops::tree;
use futures::future::join_all;
use serde_json::Value;
use std::collections::BTreeMap;

/// What runs something, apart from Flux's own kinds.
const WORKLOADS: [&str; 4] = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
/// No more namespaces and kinds are listed.
const LISTS: usize = 24;
/// No more objects that are not as they should be are looked into.
const LOOKED_INTO: usize = 4;

impl Walk<'_> {
    /// What an object manages and is not as it should be; the rest is counted by kind.
    pub async fn managed(
        &self,
        kind: &'static Kind,
        object: &Value,
        state: LinkState,
        path: &[ObjectId],
    ) -> anyhow::Result<Findings> {
        let depth = path.len();
        let mut groups: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
        let inventory = self.inventory(kind, object, state).await;
        for id in &inventory {
            // `flux-system` manages itself.
            if runs(id) && !path.iter().any(|above| above.is_same(id)) {
                let ObjectId { group, kind, namespace, name, .. } = id.clone();
                groups.entry((group, kind, namespace)).or_default().push(name);
            }
        }
        let lists = groups.iter().take(LISTS).map(|((group, kind, namespace), names)| async move {
            let listed = self.listed(group, kind, namespace).await?;
            let (known, gone): (Vec<&String>, Vec<&String>) =
                names.iter().partition(|name| listed.iter().any(|one| is_called(one, name)));
            let id =
                |name: &str| ObjectId { group: group.clone(), ..ObjectId::new("", kind, namespace, name) };
            let gone: Vec<Link> = gone.iter().map(|name| Link::gone(id(name), depth)).collect();
            let ours = |one: &Value| known.iter().any(|name| is_called(one, name));
            Some((listed.into_iter().filter(ours).collect::<Vec<Value>>(), gone))
        });
        let (mut found, mut bad) = (Findings::default(), Vec::new());
        let custom = self.custom(object, state, &inventory, depth);
        let (listed, custom) = futures::future::join(join_all(lists), custom).await;
        for (objects, gone) in listed.into_iter().flatten() {
            found.links.extend(gone);
            for object in objects {
                match judged(&object, depth) {
                    link if link.state == LinkState::Ok => found.links.push(link),
                    link => bad.push((object, link)),
                }
            }
        }
        // What failed says more than what is on its way.
        bad.sort_by_key(|(_, link)| link.state != LinkState::Failed);
        let (chosen, others) = bad.split_at(bad.len().min(LOOKED_INTO));
        let looks = chosen.iter().map(|(object, link)| self.looked_into(object, link, path));
        for one in join_all(looks).await {
            found.add(one?);
        }
        found.links.extend(others.iter().map(|(_, link)| link.clone()));
        found.add(custom);
        Ok(found)
    }

    /// The inventory that the controller keeps; for a Helm release without one, what Helm keeps.
    async fn inventory(&self, kind: &Kind, object: &Value, state: LinkState) -> Vec<ObjectId> {
        if object.pointer("/spec/kubeConfig").is_some() {
            return Vec::new();
        }
        let managed = |entry: &Value| {
            let id = ObjectId::in_inventory(entry["id"].as_str()?).ok()?;
            Some(ObjectId { version: text(entry, "/v").to_owned(), ..id })
        };
        let entries = object::list(object, "/status/inventory/entries");
        let found: Vec<ObjectId> = entries.iter().filter_map(managed).collect();
        if found.is_empty() && kind.has(Role::Installer) && state != LinkState::Suspended {
            let (namespace, name) = (object::namespace(object), object::name(object));
            // Who may not read Secrets still gets the rest.
            let kept = tree::helm_inventory(self.client, namespace, name).await.unwrap_or_default();
            // The version of a manifest may not be served any more; any other one will do.
            return kept.into_iter().map(|id| ObjectId { version: String::new(), ..id }).collect();
        }
        found
    }

    /// All objects of a kind in a namespace; `None` if they may not be listed.
    async fn listed(&self, group: &str, kind: &str, namespace: &str) -> Option<Vec<Value>> {
        let version = match kind::by_name(kind).filter(|ours| ours.group == group) {
            Some(ours) => ours.api_version(),
            None => format!("{group}/v1"),
        };
        let (resource, _) = cluster::resource_of(self.client, &version, kind).await.ok()?;
        let selection = Selection::within(namespace);
        cluster::list_resource(self.client, &resource, &selection).await.ok().map(|(found, _)| found)
    }

    /// Why a managed object is not as it should be.
    async fn looked_into(&self, object: &Value, link: &Link, path: &[ObjectId]) -> anyhow::Result<Findings> {
        if let Some(kind) = flux_kind(object) {
            return self.examine(kind, object.clone(), path.to_vec()).await;
        }
        let failed = object::conditions(object).iter().filter(|condition| is_bad(condition));
        let facts: Vec<_> = failed.map(|condition| fact_of(object, condition)).collect();
        let mut found = Findings::one(link.clone(), recognise(&facts, self.program));
        found.add(pods::of_workload(self, object, link.depth + 1).await);
        Ok(found)
    }
}

/// Whether something runs behind it.
fn runs(id: &ObjectId) -> bool {
    (["apps", "batch"].contains(&id.group.as_str()) && WORKLOADS.contains(&id.kind.as_str()))
        || kind::of(id).is_some()
}

fn is_called(object: &Value, name: &str) -> bool {
    object::name(object) == name
}

fn flux_kind(object: &Value) -> Option<&'static Kind> {
    let group = object["apiVersion"].as_str()?.split('/').next()?;
    kind::by_name(object::kind(object)).filter(|kind| kind.group == group)
}

/// A condition of a workload that says what is wrong.
fn is_bad(condition: &Value) -> bool {
    let (name, status) = (text(condition, "/type"), &condition["status"]);
    match name {
        "ReplicaFailure" | "Failed" => status == "True",
        "Progressing" => status == "False",
        _ => false,
    }
}

/// How a managed object is.
fn judged(object: &Value, depth: usize) -> Link {
    let (state, reason, message) = match flux_kind(object) {
        Some(kind) => state_of(kind, object),
        None => workload_state(object),
    };
    Link { depth, id: ObjectId::of(object), state, reason, message }
}

/// State, reason and message of a workload.
fn workload_state(object: &Value) -> (LinkState, String, String) {
    // What it says about its pods says more than how many of them are there.
    match object::conditions(object).iter().find(|condition| is_bad(condition)) {
        Some(bad) => (LinkState::Failed, String::new(), text(bad, "/message").to_owned()),
        None => standing(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_workload_is_judged_by_what_is_ready_of_it() {
        let state = |object: Value| workload_state(&object).0;
        let set = |ready: i64| {
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"replicas": 2},
                "status": {"replicas": 2, "currentReplicas": 2, "readyReplicas": ready}})
        };
        assert_eq!((state(set(2)), state(set(1))), (LinkState::Ok, LinkState::Waiting));
        let job = |condition: &str| {
            let conditions = json!([{"type": condition, "status": "True", "message": "Job has reached the specified backoff limit"}]);
            json!({"apiVersion": "batch/v1", "kind": "Job", "status": {"conditions": conditions}})
        };
        assert_eq!((state(job("Failed")), state(job("Complete"))), (LinkState::Failed, LinkState::Ok));
    }
}
