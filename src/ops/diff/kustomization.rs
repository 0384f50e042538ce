//! One Kustomization: what its build has, what the cluster has of that, and what the build no longer has.

use super::compare;
use super::differences::Below;
use super::differences::Change;
use super::differences::Compared;
use super::differences::Differences;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::list;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::Deadline;
use crate::ops::build;
use crate::ops::build::BuildRequest;
use crate::ops::build::Built;
use crate::render::drift;
use crate::render::drift::IgnoreRules;
use crate::text::with_hint;
use futures::future::LocalBoxFuture;
use serde_json::Value;
use std::collections::HashSet;

/// Compares what the request builds with the cluster.
///
/// # Errors
/// A build that fails. What the API server refuses is in the answer.
pub fn diff<'a>(
    client: &'a kube::Client,
    request: &'a BuildRequest,
    deadline: Deadline,
) -> LocalBoxFuture<'a, anyhow::Result<Differences>> {
    Box::pin(async move {
        let Built { kustomization, objects } =
            build::build_alone(Some(client), request, None, deadline).await?;
        let rules = IgnoreRules::read(&kustomization["spec"])?;
        let objects: Vec<Value> = objects.into_iter().map(drift::normalised).collect();
        let compared = async { Ok(compare::all(client, &objects, &rules).await) };
        let compared = deadline.bound("the objects to be compared", compared).await?;
        let failed = objects.iter().zip(&compared).filter(|(_, compared)| compared.is_err());
        let failed = failed.map(|(object, _)| ObjectId::of(object)).collect();
        let mut places = build::places(&failed, request, &kustomization, deadline).await;
        let id = KUSTOMIZATION.id(object::namespace(&kustomization), object::name(&kustomization));
        let mut found =
            Differences { kustomization: id, objects: Vec::new(), deleted: Vec::new(), errors: Vec::new() };
        for (object, compared) in objects.iter().zip(compared) {
            match compared {
                Ok(mut compared) => {
                    let is_compared_below = request.settings.is_recursive
                        && !matches!(compared.change, Change::Created(_))
                        && build::is_another_kustomization(object, &kustomization);
                    if is_compared_below {
                        match below(client, request, object, deadline).await {
                            Ok(below) => compared.below = Some(below),
                            Err(error) => found.errors.push(error),
                        }
                    }
                    if let Some(Below::Compared(below)) = &mut compared.below {
                        found.errors.append(&mut below.errors);
                    }
                    found.objects.push(compared);
                }
                Err(error) => {
                    let place = places.remove(&ObjectId::of(object));
                    found.errors.push(with_hint(error, place.unwrap_or_default()));
                }
            }
        }
        // What failed may be what seems to be gone.
        if kustomization["spec"]["prune"] == true && found.errors.is_empty() {
            found.deleted = left_over(&kustomization, &found.objects)?;
        }
        Ok(found)
    })
}

async fn below(
    client: &kube::Client,
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> anyhow::Result<Below> {
    if kustomization.pointer("/spec/kubeConfig").is_some_and(|config| !config.is_null()) {
        return Ok(Below::Remote);
    }
    let request = request.below(kustomization)?;
    diff(client, &request, deadline).await.map(Below::Compared)
}

/// What the inventory has and the build has not, in the order in which kinds are applied.
pub(in crate::ops) fn left_over(
    kustomization: &Value,
    objects: &[Compared],
) -> anyhow::Result<Vec<ObjectId>> {
    let key = |id: &ObjectId| [&id.group, &id.kind, &id.namespace, &id.name].map(Clone::clone);
    let kept: HashSet<_> = objects.iter().map(|one| key(&one.id)).collect();
    let mut gone = Vec::new();
    for entry in list(kustomization, "/status/inventory/entries") {
        let id = ObjectId::in_inventory(text(entry, "/id"))?;
        if !kept.contains(&key(&id)) {
            gone.push(ObjectId { version: text(entry, "/v").to_owned(), ..id });
        }
    }
    gone.sort_by_cached_key(|id| (cluster::rank(&id.kind), key(id)));
    Ok(gone)
}
