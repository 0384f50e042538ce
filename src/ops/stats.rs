//! How many objects of each kind run, fail and are suspended, and how much their artifacts take.

use crate::api::Kind;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::api::image::image_repository::IMAGE_REPOSITORY;
use crate::api::image::image_update_automation::IMAGE_UPDATE_AUTOMATION;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::notification::alert::ALERT;
use crate::api::notification::provider::PROVIDER;
use crate::api::notification::receiver::RECEIVER;
use crate::api::source::bucket::BUCKET;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::source::helm_chart::HELM_CHART;
use crate::api::source::helm_repository::HELM_REPOSITORY;
use crate::api::source::oci_repository::OCI_REPOSITORY;
use crate::cluster;
use crate::cluster::Selection;
use serde_json::Value;

/// The kinds that are counted, in the order of their rows.
static COUNTED: [&Kind; 13] = [
    &GIT_REPOSITORY,
    &OCI_REPOSITORY,
    &HELM_REPOSITORY,
    &HELM_CHART,
    &BUCKET,
    &KUSTOMIZATION,
    &HELM_RELEASE,
    &ALERT,
    &PROVIDER,
    &RECEIVER,
    &IMAGE_UPDATE_AUTOMATION,
    &IMAGE_POLICY,
    &IMAGE_REPOSITORY,
];

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
    let resources = COUNTED.map(Kind::api_resource);
    let lists =
        resources.iter().map(|resource| cluster::list_visible(client, resource, &selection, Seen::of));
    let mut stats = Stats { counts: Vec::new(), failures: Vec::new() };
    let lists = cluster::unless_all_are_hopeless(futures::future::join_all(lists).await);
    let lists = lists.map_err(|error| cluster::explain(error, "counting the objects"))?;
    for (kind, listed) in COUNTED.iter().zip(lists) {
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
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        Self {
            is_suspended: object.pointer("/spec/suspend") == Some(&Value::Bool(true)),
            is_failing: conditions
                .into_iter()
                .flatten()
                .any(|one| one["type"] == "Ready" && one["status"] == "False"),
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
