//! What an object triggers: a Receiver is ready whether that exists or not.

use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use super::source::get;
use super::step::Findings;
use super::step::Walk;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use crate::kind;
use futures::future::join_all;
use serde_json::Value;

/// The name that means all objects of a kind.
const ALL: &str = "*";

/// Looks for every object that is named; what may not be read is left out.
pub async fn targets(walk: &Walk<'_>, object: &Value, depth: usize) -> Findings {
    let looks = object::list(object, "/spec/resources").iter().filter_map(|entry| {
        let text = |key: &str| entry[key].as_str().filter(|text| !text.is_empty());
        let (kind, name) = (kind::by_name(text("kind")?)?, text("name").filter(|name| *name != ALL)?);
        let id = kind.id(text("namespace").unwrap_or(object::namespace(object)), name);
        Some(look(walk, object, kind, id, depth))
    });
    let mut found = Findings::default();
    join_all(looks).await.into_iter().flatten().for_each(|one| found.add(one));
    found
}

async fn look(walk: &Walk<'_>, object: &Value, kind: &Kind, id: ObjectId, depth: usize) -> Option<Findings> {
    if get(walk.client, kind, &id).await.ok()?.is_some() {
        return Some(Findings::one(Link::new(depth, id, LinkState::Ok), None));
    }
    let says = format!("{{it}} triggers {id}, which does not exist");
    let next = format!("{{program}} get {} -n {}", kind.noun.many.join(" "), id.namespace);
    let fact = Fact { object, reason: "", message: "" };
    let cause = fact.cause("ResourceMissing", &says, &next, walk.program);
    Some(Findings::one(Link::new(depth, id, LinkState::Missing).saying("it does not exist"), Some(cause)))
}
