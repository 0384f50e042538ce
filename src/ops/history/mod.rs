//! What was live, when, and by whom: the history in objects and events, joined with the commits of their sources.

mod carriers;
mod commits;
mod entries;
mod manifest;
mod request;
mod told;

pub use entries::Entry;
pub(in crate::ops) use entries::Evidence;
pub(in crate::ops) use entries::PROGRESSING;
pub(in crate::ops) use manifest::FileCommit;
pub(in crate::ops) use manifest::file_past;
pub(in crate::ops) use manifest::has_changed;
pub(in crate::ops) use manifest::in_force;
pub(in crate::ops) use manifest::line;

use crate::api::Kind;
use crate::api::object;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind::KINDS;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::get;
use jiff::Timestamp;
use serde_json::Value;

/// Whose history, and how much of it.
pub struct HistoryRequest<'a> {
    /// These objects; all that have a history when empty.
    pub objects: &'a [(&'static Kind, String)],
    /// Whether those of all namespaces.
    pub all_namespaces: bool,
    /// The most entries for each object.
    pub limit: Option<usize>,
    /// Nothing that ended before.
    pub since: Option<Timestamp>,
    /// The proxy for Git servers.
    pub proxy: &'a Proxy,
}

/// The entries, the latest first, and what could not be read.
pub struct History {
    pub entries: Vec<Entry>,
    /// Whether more is known, from before the moment that was asked for.
    pub has_older: bool,
    /// Kinds that could not be listed.
    pub failures: Vec<anyhow::Error>,
    /// What is missing for other reasons.
    pub warnings: Vec<String>,
}

/// The kinds whose objects keep a history.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().filter(|kind| kind.past.is_some())
}

/// Reads the history of some objects, or of all.
///
/// # Errors
/// An object that does not exist or keeps no history; nothing can be listed; the limit.
pub async fn history(session: &Session<'_>, request: &HistoryRequest<'_>) -> anyhow::Result<History> {
    let mut found =
        History { entries: Vec::new(), has_older: false, failures: Vec::new(), warnings: Vec::new() };
    let (objects, events) = tokio::join!(objects(session, request), events(session, request));
    let objects = objects?;
    let events = events.unwrap_or_else(|error| {
        found.warnings.push(format!("without events: {error:#}"));
        Vec::new()
    });
    found.failures = objects.failures;
    let mut entries = entries::entries(&objects.objects, &events);
    // The commit of a release depends on those of its older entries.
    let (shown, has_older) = narrowed(entries.clone(), request);
    found.has_older = has_older;
    let (carriers, missing) = carriers::of_releases(session, &objects.objects, &shown).await;
    found.warnings.extend(missing);
    let warnings = commits::join(session, &mut entries, &shown, carriers, request.proxy).await;
    found.warnings.extend(warnings);
    (entries, _) = narrowed(entries, request);
    found.entries = entries;
    Ok(found)
}

/// The entries that were asked for, and whether there are any from before the moment that was asked for.
fn narrowed(mut entries: Vec<Entry>, request: &HistoryRequest<'_>) -> (Vec<Entry>, bool) {
    let all = entries.len();
    if let Some(since) = request.since {
        entries.retain(|entry| entry.is_since(since));
    }
    let has_older = entries.len() < all;
    if let Some(most) = request.limit {
        entries::limit(&mut entries, most);
    }
    (entries, has_older)
}

/// The history of one object, without the commits. Events that cannot be listed are left out, with a warning.
pub(in crate::ops) async fn of_object(
    session: &Session<'_>,
    kind: &'static Kind,
    object: &Value,
) -> Vec<Entry> {
    let events = events_of(session, Some((kind, object::name(object))), false).await;
    let events = events.unwrap_or_else(|error| {
        session.sink.warning(format!("without events: {error:#}"));
        Vec::new()
    });
    entries::entries(&[(kind, object.clone())], &events)
}

/// Objects, and kinds that could not be listed.
struct Objects {
    objects: Vec<(&'static Kind, Value)>,
    failures: Vec<anyhow::Error>,
}

async fn objects(session: &Session<'_>, request: &HistoryRequest<'_>) -> anyhow::Result<Objects> {
    if !request.objects.is_empty() {
        let found = request.objects.iter().map(|(kind, name)| async move {
            cluster::get(&session.client, kind, session.namespace, name).await.map(|found| (*kind, found))
        });
        let objects = futures::future::try_join_all(found).await?;
        return Ok(Objects { objects, failures: Vec::new() });
    }
    let kinds: Vec<&'static Kind> = kinds().collect();
    let namespace = (!request.all_namespaces).then(|| session.namespace.to_owned());
    let selection = Selection { namespace, ..Selection::default() };
    let keep = |kind, object| (kind, object);
    let listed =
        get::gather(&session.client, &kinds, &selection, session.deadline.remaining(), false, &keep).await?;
    let mut found = Objects { objects: Vec::new(), failures: Vec::new() };
    for (_, outcome) in listed {
        match outcome {
            Ok(seen) => {
                found.objects.extend(seen.objects);
                found.failures.extend(seen.unseen);
            }
            Err(error) => found.failures.push(error),
        }
    }
    Ok(found)
}

/// The events about the objects.
async fn events(session: &Session<'_>, request: &HistoryRequest<'_>) -> anyhow::Result<Vec<Value>> {
    if request.objects.is_empty() {
        return events_of(session, None, request.all_namespaces).await;
    }
    let found = request.objects.iter().map(|(kind, name)| events_of(session, Some((kind, name)), false));
    Ok(futures::future::try_join_all(found).await?.concat())
}

/// The events about one object, or about all.
async fn events_of(
    session: &Session<'_>,
    object: Option<(&Kind, &str)>,
    all_namespaces: bool,
) -> anyhow::Result<Vec<Value>> {
    let fields =
        object.map(|(kind, name)| format!("involvedObject.kind={},involvedObject.name={name}", kind.kind));
    let namespace = (!all_namespaces).then(|| session.namespace.to_owned());
    let selection = Selection { namespace, fields, ..Selection::default() };
    let resource = cluster::EVENT.api_resource();
    let listed = cluster::list_resource(&session.client, &resource, &selection).await;
    let (events, _) = listed.map_err(|error| cluster::explain(error, "listing events"))?;
    let is_ours =
        |event: &Value| kinds().any(|kind| object::text(event, "/involvedObject/kind") == kind.kind);
    Ok(events.into_iter().filter(is_ours).collect())
}
