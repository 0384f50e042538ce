//! The graph of a cluster: all kinds are listed side by side; objects of other namespaces that something refers to are read one by one.

use super::Drawn;
use super::Start;
use super::assemble::assemble;
use super::part::part;
use super::seen::Key;
use super::seen::Seen;
use super::seen::key_of;
use crate::api::ObjectId;
use crate::api::ReferenceTarget;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Selection;
use crate::kind;
use crate::kind::KINDS;
use crate::ops::get;
use crate::present::graph::State;
use crate::text::with_hint;
use futures::StreamExt;
use std::collections::HashMap;
use std::collections::HashSet;

/// How many objects of other namespaces are read at once.
const AT_ONCE: usize = 16;

/// What is drawn.
pub struct GraphRequest<'a> {
    /// The namespace; all if empty.
    pub namespace: Option<&'a str>,
    /// The object that it is about; everything if empty.
    pub start: Option<Start<'a>>,
    /// When all requests together must have ended.
    pub deadline: Deadline,
}

/// What is known about objects that were not listed.
type Outside = HashMap<Key, Result<Option<Seen>, String>>;

/// The graph of the objects of a cluster.
///
/// # Errors
/// No kind can be listed; the object that it is about does not exist; the limit.
pub async fn from_cluster(client: &kube::Client, request: &GraphRequest<'_>) -> anyhow::Result<Drawn> {
    let selection = Selection { namespace: request.namespace.map(str::to_owned), ..Selection::default() };
    let reduce = |kind, object| Seen::live(kind, &object);
    let listed = get::gather(client, KINDS, &selection, request.deadline.remaining(), false, &reduce).await?;
    let (mut seen, mut failures, mut unread) = (Vec::new(), Vec::new(), HashSet::new());
    for (kind, outcome) in listed {
        let failure = match outcome {
            Ok(found) => {
                seen.extend(found.objects);
                found.unseen
            }
            Err(error) if request.start.is_some_and(|start| start.kind.kind == kind.kind) => {
                return Err(error);
            }
            Err(error) => Some(error),
        };
        if let Some(failure) = failure {
            unread.insert(kind.kind);
            failures.push(failure);
        }
    }
    let reading = outside(client, &seen, request.namespace);
    let mut outside =
        cluster::in_time(request.deadline.remaining(), "reading objects of other namespaces", async {
            Ok(reading.await)
        })
        .await?;
    seen.extend(outside.values_mut().flatten().filter_map(Option::take));
    let absent = |id: &ObjectId| match outside.get(&key_of(id)) {
        Some(Err(reason)) => (State::Unknown, reason.clone()),
        _ if kind::by_name(&id.kind).is_none() => (State::Unknown, "not a Flux kind".to_owned()),
        _ if unread.contains(id.kind.as_str()) => (State::Unknown, "it may not be read".to_owned()),
        _ => (State::Missing, "it does not exist".to_owned()),
    };
    let mut graph = assemble(seen, &absent);
    if let Some(start) = request.start {
        let places = start.places_in(&graph);
        if places.is_empty() {
            return Err(not_found(start));
        }
        graph = part(graph, &places);
    }
    Ok(Drawn { graph, failures })
}

/// The error for an object that does not exist.
fn not_found(start: Start<'_>) -> anyhow::Error {
    let Start { kind, namespace, name } = start;
    let error = anyhow::anyhow!("{} \"{namespace}/{name}\" not found", kind.kind);
    with_hint(error, format!("`fluxr get {} -A` lists what is there", kind.noun.many.join(" ")))
}

/// Reads what objects refer to in other namespaces than the one that was listed.
async fn outside(client: &kube::Client, seen: &[Seen], namespace: Option<&str>) -> Outside {
    let Some(namespace) = namespace else { return Outside::new() };
    let named = seen.iter().flat_map(|one| &one.references).flat_map(|reference| match &reference.to {
        ReferenceTarget::One(id) => vec![id],
        ReferenceTarget::Made(made, source) => vec![made, source],
        ReferenceTarget::All { .. } | ReferenceTarget::Labelled { .. } => Vec::new(),
    });
    let mut wanted: Vec<&ObjectId> =
        named.filter(|id| id.namespace != namespace && !id.name.is_empty()).collect();
    let mut asked = HashSet::new();
    wanted.retain(|id| asked.insert(key_of(id)));
    let reads = futures::stream::iter(wanted).filter_map(|id| async move {
        let kind = kind::by_name(&id.kind)?;
        Some(async move {
            let found = match cluster::get(client, kind, &id.namespace, &id.name).await {
                // Its own references are left to its namespace.
                Ok(object) => Ok(Some(Seen { references: Vec::new(), ..Seen::live(kind, &object) })),
                Err(error) if cluster::is_missing(&error) => Ok(None),
                Err(error) => Err(format!("{error:#}")),
            };
            (key_of(id), found)
        })
    });
    reads.buffer_unordered(AT_ONCE).collect().await
}
