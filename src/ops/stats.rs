//! How many objects of each kind run, fail and are suspended, and how much their artifacts take.

use crate::api::Kind;
use crate::api::object;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind::KINDS;
use serde_json::Value;

/// The kinds that are counted, in the order of their rows.
fn counted() -> Vec<&'static Kind> {
    let mut counted: Vec<_> = KINDS.iter().copied().filter(|kind| kind.place_in_stats.is_some()).collect();
    counted.sort_by_key(|kind| kind.place_in_stats);
    counted
}

/// The objects of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub api_version: String,
    pub kind: &'static str,
    /// Those that are not suspended.
    pub running: usize,
    /// Those whose Ready condition is False, suspended or not.
    pub failing: usize,
    pub suspended: usize,
    /// Bytes of their artifacts.
    pub storage: u64,
}

/// What was counted, and what could not be: every kind has a count, and those that could not be listed an error as well.
pub struct Stats {
    pub counts: Vec<Count>,
    pub failures: Vec<anyhow::Error>,
}

/// Counts all kinds at once, in one namespace or in all.
///
/// # Errors
/// The API server cannot be asked at all.
pub async fn stats(client: &kube::Client, namespace: Option<&str>) -> anyhow::Result<Stats> {
    let selection = Selection { namespace: namespace.map(str::to_owned), ..Selection::default() };
    let counted = counted();
    let resources: Vec<_> = counted.iter().map(|kind| kind.api_resource()).collect();
    let lists =
        resources.iter().map(|resource| cluster::list_visible(client, resource, &selection, Seen::of));
    let mut stats = Stats { counts: Vec::new(), failures: Vec::new() };
    let lists = cluster::unless_all_are_hopeless(futures::future::join_all(lists).await);
    let lists = lists.map_err(|error| cluster::explain(error, "counting the objects"))?;
    for (kind, listed) in counted.into_iter().zip(lists) {
        match listed {
            Ok(seen) => {
                stats.counts.push(count(kind, &seen.objects));
                stats.failures.extend(seen.unseen);
            }
            Err(error) => {
                stats.counts.push(count(kind, &[]));
                // A kind that the cluster does not have has no objects.
                if !cluster::is_not_found(&error) {
                    stats.failures.push(cluster::explain(error, &format!("listing {}", kind.plural)));
                }
            }
        }
    }
    Ok(stats)
}

/// What counts of one object.
struct Seen {
    is_suspended: bool,
    is_failing: bool,
    size: u64,
}

impl Seen {
    fn of(object: Value) -> Self {
        Self {
            is_suspended: object.pointer("/spec/suspend") == Some(&Value::Bool(true)),
            is_failing: object::condition_with(&object, "Ready", "False").is_some(),
            size: object.pointer("/status/artifact/size").and_then(Value::as_u64).unwrap_or_default(),
        }
    }
}

fn count(kind: &Kind, objects: &[Seen]) -> Count {
    let suspended = objects.iter().filter(|object| object.is_suspended).count();
    Count {
        api_version: kind.api_version(),
        kind: kind.kind,
        running: objects.len() - suspended,
        failing: objects.iter().filter(|object| object.is_failing).count(),
        suspended,
        storage: objects.iter().map(|object| object.size).sum(),
    }
}
