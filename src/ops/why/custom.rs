//! Custom resources that an object manages and waits for: what they say about themselves is read, so that one of them can be the cause.

use super::chain::Cause;
use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use super::step::Findings;
use super::step::Walk;
use crate::api::ObjectId;
use crate::api::object::condition;
use crate::cluster;
use crate::cluster::BUILT_IN;
use crate::cluster::Selection;
use crate::cluster::Status;
use crate::kind;
use futures::FutureExt;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::future::join_all;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use serde_json::Value;
use std::collections::BTreeMap;

/// No more of them are read; those that the owner speaks of come first.
const READ: usize = 24;
/// So many at the same time.
const AT_ONCE: usize = 8;
/// No more kinds are looked up.
const KINDS_LOOKED_UP: usize = 8;

impl Walk<'_> {
    /// The custom resources of the inventory of an object that is not as it should be, and the first of them that is not ready.
    pub async fn custom(
        &self,
        owner: &Value,
        state: LinkState,
        managed: &[ObjectId],
        depth: usize,
    ) -> Findings {
        if matches!(state, LinkState::Ok | LinkState::Suspended) {
            return Findings::default();
        }
        let chosen = chosen(owner, managed);
        let served = self.served(&chosen).await;
        let reads: Vec<BoxFuture<'_, _>> = chosen
            .iter()
            .filter_map(|one| {
                let (resource, namespaced) = served.get(&one.qualified_kind())?;
                let namespace = namespaced.then(|| one.namespace.clone());
                let api = Selection { namespace, ..Selection::default() }.api(self.client, resource);
                Some(async move { (*one, api.get_opt(&one.name).await) }.boxed())
            })
            .collect();
        let read: Vec<_> = futures::stream::iter(reads).buffered(AT_ONCE).collect().await;
        let mut found = Findings::default();
        let mut causes = Vec::new();
        for (one, answer) in read {
            // What may not be read is left out.
            let Ok(answer) = answer else { continue };
            let (link, cause) = self.judged(one, answer, depth);
            causes.extend(cause.map(|cause| (link.state, cause)));
            found.links.push(link);
        }
        // What failed says more than what is on its way, which is not a cause as long as its owner is on its way too.
        causes.retain(|(of, _)| state == LinkState::Failed || *of == LinkState::Failed);
        causes.sort_by_key(|(of, _)| *of != LinkState::Failed);
        found.cause = causes.into_iter().next().map(|(_, cause)| cause);
        found
    }

    /// How objects of these kinds are addressed.
    async fn served(&self, chosen: &[&ObjectId]) -> BTreeMap<String, (ApiResource, bool)> {
        let mut kinds: BTreeMap<String, &ObjectId> = BTreeMap::new();
        for one in chosen {
            kinds.entry(one.qualified_kind()).or_insert(one);
        }
        let looks = kinds.into_iter().take(KINDS_LOOKED_UP).map(|(name, one)| async move {
            let found = match one.version.as_str() {
                "" => cluster::resource_named(self.client, &name).await,
                _ => cluster::resource_of(self.client, &one.api_version(), &one.kind).await,
            };
            Some((name, found.ok()?))
        });
        join_all(looks).await.into_iter().flatten().collect()
    }

    fn judged(&self, id: &ObjectId, answer: Option<DynamicObject>, depth: usize) -> (Link, Option<Cause>) {
        let Some(mut object) = answer.and_then(|object| serde_json::to_value(object).ok()) else {
            return (Link::gone(id.clone(), depth), None);
        };
        object["kind"] = id.kind.as_str().into();
        let (state, reason, message) = standing(&object);
        let said = if message.is_empty() { reason.clone() } else { message.clone() };
        let fact = Fact { object: &object, reason: &reason, message: &said };
        let place = if id.namespace.is_empty() { String::new() } else { format!(" -n {}", id.namespace) };
        let next = format!("kubectl{place} describe {} {}", id.qualified_kind(), id.name);
        let colon = if said.is_empty() { "" } else { ": {message}" };
        let says = format!("{{it}} is not ready{colon}");
        let cause =
            (state != LinkState::Ok).then(|| fact.cause("ResourceNotReady", &says, &next, self.program));
        (Link { depth, id: id.clone(), state, reason, message }, cause)
    }
}

/// The custom resources, those that the owner's Ready condition names first.
fn chosen<'a>(owner: &Value, managed: &'a [ObjectId]) -> Vec<&'a ObjectId> {
    let complaint = condition(owner, "Ready").and_then(|ready| ready["message"].as_str()).unwrap_or_default();
    let mut custom: Vec<&ObjectId> = managed.iter().filter(|one| is_custom(one)).collect();
    custom.sort_by_key(|one| !complaint.contains(&one.to_string()));
    custom.truncate(READ);
    custom
}

/// Neither of Kubernetes nor of Flux.
fn is_custom(id: &ObjectId) -> bool {
    !BUILT_IN.iter().any(|known| known.group == id.group && known.kind == id.kind) && kind::of(id).is_none()
}

/// State, reason and message, as kstatus reduces them; Ready=False is more than being on the way.
pub(super) fn standing(object: &Value) -> (LinkState, String, String) {
    let is_refused = condition(object, "Ready").is_some_and(|ready| ready["status"] == "False");
    match cluster::status_of(object) {
        Status::Current | Status::Silent => (LinkState::Ok, String::new(), String::new()),
        Status::Terminating => {
            (LinkState::Waiting, "Terminating".to_owned(), "it is being deleted".to_owned())
        }
        Status::Unobserved(message) => (LinkState::Waiting, "NotObserved".to_owned(), message),
        Status::Stalled(told) | Status::Failing(told) => (LinkState::Failed, told.reason, told.message),
        Status::Working(told) if is_refused => (LinkState::Failed, told.reason, told.message),
        Status::Working(told) => (LinkState::Waiting, told.reason, told.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(generation: i64, conditions: Value) -> Value {
        json!({"kind": "Certificate", "metadata": {"generation": generation},
            "status": {"observedGeneration": 1, "conditions": conditions}})
    }

    #[test]
    fn ready_false_has_failed_unless_it_is_about_an_older_generation() {
        let refused =
            json!([{"type": "Ready", "status": "False", "reason": "Denied", "message": "no such issuer"}]);
        let (state, reason, message) = standing(&object(1, refused.clone()));
        assert_eq!(
            (state, reason.as_str(), message.as_str()),
            (LinkState::Failed, "Denied", "no such issuer")
        );
        assert_eq!(standing(&object(2, refused)).0, LinkState::Waiting);
        let unknown = json!([{"type": "Ready", "status": "Unknown"}]);
        assert_eq!(standing(&object(1, unknown)).0, LinkState::Waiting);
        let stalled = json!([{"type": "Stalled", "status": "True", "reason": "Limit", "message": "gave up"}]);
        assert_eq!(
            standing(&object(1, stalled)),
            (LinkState::Failed, "Limit".to_owned(), "gave up".to_owned())
        );
        assert_eq!(standing(&json!({"kind": "Widget", "spec": {}})).0, LinkState::Ok);
    }

    #[test]
    fn what_the_owner_speaks_of_is_read_first_and_a_crowd_is_cut() {
        let managed = |id: String| ObjectId { version: "v1".into(), ..ObjectId::in_inventory(&id).unwrap() };
        let mut crowd: Vec<ObjectId> =
            (0..40).map(|number| managed(format!("web_c{number}_example.com_Certificate"))).collect();
        crowd.push(managed("web_x__ConfigMap".into()));
        crowd.push(managed("web_app_helm.toolkit.fluxcd.io_HelmRelease".into()));
        crowd.push(managed("web_last_example.com_Widget".into()));
        let says = "timeout waiting for: [Widget/web/last status: 'InProgress']";
        let owner =
            json!({"status": {"conditions": [{"type": "Ready", "status": "False", "message": says}]}});
        let chosen = chosen(&owner, &crowd);
        assert_eq!((chosen.len(), chosen[0].name.as_str()), (READ, "last"));
        assert!(chosen.iter().all(|one| one.group == "example.com"));
    }
}
