//! What the controllers reported about Flux's objects: Kubernetes events, of one object with those it depends on, or of all.

use crate::api::Events;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind::KINDS;
use anyhow::Context;
use serde_json::Value;

/// Whose events are wanted.
#[derive(Debug, Clone)]
pub enum EventScope {
    Everything,
    Kind(&'static Kind),
    Object(&'static Kind, String),
}

/// Places to look at, and whether some are in other namespaces.
#[derive(Debug, Clone)]
pub struct Places {
    pub selections: Vec<Selection>,
    pub is_across_namespaces: bool,
}

/// The kind that events are reported for, upper and lower case alike.
///
/// # Errors
/// None of Flux's kinds, or one that nothing is reported for.
pub fn reporting_kind(name: &str) -> anyhow::Result<&'static Kind> {
    let found = KINDS.iter().copied().find(|kind| kind.has_events() && kind.kind.eq_ignore_ascii_case(name));
    found.with_context(|| format!("'{name}' is not a recognized Flux kind"))
}

/// Where the wanted events are: for an object also those of what it gets its content from.
///
/// # Errors
/// The object does not exist.
pub async fn places(
    client: &kube::Client,
    wanted: &EventScope,
    namespace: &str,
    all_namespaces: bool,
) -> anyhow::Result<Places> {
    let home = (!all_namespaces).then(|| namespace.to_owned());
    let of = |place: &Option<String>, fields: Option<String>| Selection {
        namespace: place.clone(),
        fields,
        ..Selection::default()
    };
    let involved =
        |kind: &str, name: &str| Some(format!("involvedObject.kind={kind},involvedObject.name={name}"));
    let mut places = Places { selections: Vec::new(), is_across_namespaces: all_namespaces };
    match wanted {
        EventScope::Everything => places.selections.push(of(&home, None)),
        EventScope::Kind(kind) => {
            places.selections.push(of(&home, Some(format!("involvedObject.kind={}", kind.kind))));
        }
        EventScope::Object(kind, name) => {
            places.selections.push(of(&home, involved(kind.kind, name)));
            for related in related(client, kind, namespace, name).await? {
                places.is_across_namespaces |= related.namespace != namespace;
                let fields = involved(&related.kind, &related.name);
                places.selections.push(of(&Some(related.namespace), fields));
            }
        }
    }
    Ok(places)
}

/// The objects whose events belong with those of the object.
async fn related(
    client: &kube::Client,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Vec<ObjectId>> {
    // Events outlive their object, so it is read only where it is needed.
    let Events::With(related) = kind.events else { return Ok(Vec::new()) };
    Ok(related(&cluster::get(client, kind, namespace, name).await?))
}

/// The events at these places, the oldest first, and why some places could not be looked at.
///
/// # Errors
/// None of them could.
pub async fn events(
    client: &kube::Client,
    places: &Places,
) -> anyhow::Result<(Vec<Value>, Vec<anyhow::Error>)> {
    let resource = cluster::EVENT.api_resource();
    let lists =
        places.selections.iter().map(|place| cluster::list_visible(client, &resource, place, |event| event));
    let (mut events, mut failures, mut seen) = (Vec::new(), Vec::new(), 0);
    for outcome in futures::future::join_all(lists).await {
        match outcome {
            Ok(found) => {
                seen += 1;
                events.extend(found.objects);
                failures.extend(found.unseen);
            }
            Err(error) => failures.push(cluster::explain(error, "error getting events")),
        }
    }
    if seen == 0 && !failures.is_empty() {
        return Err(failures.swap_remove(0));
    }
    events.retain(is_about_flux);
    events.sort_by_key(last_seen);
    Ok((events, failures))
}

/// Whether an event is about one of Flux's kinds.
pub fn is_about_flux(event: &Value) -> bool {
    let kind = object::text(event, "/involvedObject/kind");
    KINDS.iter().any(|ours| ours.has_events() && ours.kind.eq_ignore_ascii_case(kind))
}

/// When it happened last.
pub fn last_seen(event: &Value) -> Option<jiff::Timestamp> {
    if is_series(event) {
        return object::moment(event, "/series/lastObservedTime");
    }
    ["/lastTimestamp", "/eventTime"].iter().find_map(|at| object::moment(event, at))
}

/// Whether it is one of several alike, as the newer form of events counts them.
pub fn is_series(event: &Value) -> bool {
    event.get("series").is_some_and(Value::is_object)
}
