//! What an apply of a Kustomization would change in the cluster, as dry runs show it.

mod compare;

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

/// What would change for one Kustomization.
#[derive(Debug)]
pub struct Differences {
    pub kustomization: ObjectId,
    /// In the order of the build.
    pub objects: Vec<Compared>,
    /// What the Kustomization has applied and would remove.
    pub deleted: Vec<ObjectId>,
    /// What could not be compared, also further down, each naming its object.
    pub errors: Vec<anyhow::Error>,
}

/// One object of the build.
#[derive(Debug)]
pub struct Compared {
    pub id: ObjectId,
    pub change: Change,
    pub below: Option<Below>,
}

/// What would happen to an object.
#[derive(Debug)]
pub enum Change {
    /// It says itself that it is not applied.
    Skipped,
    /// What it would be, without managed fields and the values of a Secret.
    Created(Box<Value>),
    Drifted(Box<Drift>),
    Unchanged,
}

/// An object without managed fields, ignored fields and secret values: as it is, and as it would be.
#[derive(Debug)]
pub struct Drift {
    pub live: Value,
    pub merged: Value,
    /// Who owns which fields of the object as it is, as the API server keeps it.
    pub managed: Value,
}

/// A Kustomization that is part of the build.
#[derive(Debug)]
pub enum Below {
    Compared(Differences),
    /// It applies to another cluster.
    Remote,
}

impl Differences {
    /// Whether an apply would change anything.
    pub fn is_change(&self) -> bool {
        let changes = |one: &Compared| {
            let below = matches!(&one.below, Some(Below::Compared(below)) if below.is_change());
            below || matches!(one.change, Change::Created(_) | Change::Drifted(_))
        };
        !self.deleted.is_empty() || self.objects.iter().any(changes)
    }
}

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
                    let goes_on = request.settings.is_recursive
                        && !matches!(compared.change, Change::Created(_))
                        && build::is_another_kustomization(object, &kustomization);
                    if goes_on {
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
pub(super) fn left_over(kustomization: &Value, objects: &[Compared]) -> anyhow::Result<Vec<ObjectId>> {
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
