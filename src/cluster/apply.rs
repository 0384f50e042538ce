//! Server-side apply in two stages: what others depend on first, then the rest. Unchanged objects are not written.

use super::Conflicting;
use super::Deadline;
use super::Patience;
use super::Status;
use super::WatchedObject;
use super::api_for;
use super::explain;
use super::status_of;
use super::until;
use crate::api::ObjectId;
use crate::api::object;
use crate::api::object::text;
use crate::text::differences;
use futures::StreamExt;
use futures::TryStreamExt;
use kube::Api;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

/// The field manager of everything that a command applies.
const FIELD_MANAGER: &str = "flux";
/// Requests under way at once.
const PARALLEL: usize = 16;

/// What applying did to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Created,
    Configured,
    Unchanged,
}

/// One object and what applying did to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub id: ObjectId,
    pub change: Change,
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.change {
            Change::Created => "created",
            Change::Configured => "configured",
            Change::Unchanged => "unchanged",
        };
        write!(f, "{} {word}", self.id)
    }
}

/// The kinds that come first, in this order, as the controllers apply them.
const FIRST: [&str; 23] = [
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterClass",
    "RuntimeClass",
    "PriorityClass",
    "StorageClass",
    "VolumeSnapshotClass",
    "IngressClass",
    "GatewayClass",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "LimitRange",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
/// Those that come after all others.
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The place of a kind in the order in which objects are applied.
pub fn rank(kind: &str) -> usize {
    let at = |kinds: &[&str]| kinds.iter().position(|known| *known == kind);
    at(&FIRST).or_else(|| at(&LAST).map(|at| FIRST.len() + 1 + at)).unwrap_or(FIRST.len())
}

/// Applies definitions, namespaces and cluster roles, waits until they hold, then applies the rest.
/// The answer lists every object in the order of kinds.
///
/// # Errors
/// The first object that is refused, named with the API server's reason; definitions that are not established in a minute.
pub async fn apply_in_stages(
    client: &kube::Client,
    objects: Vec<Value>,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Vec<Applied>> {
    apply_as(FIELD_MANAGER, client, objects, deadline, poll).await
}

/// As [`apply_in_stages`], for another field manager.
///
/// # Errors
/// As [`apply_in_stages`].
pub async fn apply_as(
    manager: &str,
    client: &kube::Client,
    mut objects: Vec<Value>,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Vec<Applied>> {
    objects.sort_by(|a, b| {
        let key = |object: &Value| {
            (
                rank(object::kind(object)),
                object::namespace(object).to_owned(),
                object::name(object).to_owned(),
            )
        };
        key(a).cmp(&key(b))
    });
    let (first, rest): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| {
        matches!(object::kind(object), "CustomResourceDefinition" | "Namespace" | "ClusterRole")
    });
    let stage = Stage { manager, client, deadline, poll };
    let mut applied = Vec::new();
    let looks = deadline.bound("the definitions to be compared", stage.look_at_all(&first)).await?;
    applied.extend(deadline.bound("the definitions to be applied", stage.write_all(looks)).await?);
    let stage_deadline = Deadline::after(deadline.remaining().min(Duration::from_secs(60)));
    let definitions: Vec<&Value> =
        first.iter().filter(|object| object::kind(object) == "CustomResourceDefinition").collect();
    let is_new = |object: &Value| {
        applied.iter().any(|one| one.change == Change::Created && one.id == ObjectId::of(object))
    };
    let waits = definitions.iter().map(|object| async {
        wait_until_current(client, object, stage_deadline, poll).await?;
        if is_new(object) {
            ask_once(client, object).await;
        }
        anyhow::Ok(())
    });
    let established = futures::future::try_join_all(waits);
    let prepared = stage.prepare(&rest);
    let is_defined = |object: &Value| definitions.iter().any(|definition| defines(definition, object));
    let (prepared, workloads) = if rest.iter().any(is_defined) {
        established.await?;
        prepared.await?
    } else {
        // Only the workloads need the definitions.
        futures::future::try_join(established, prepared).await?.1
    };
    applied.extend(prepared);
    applied.extend(deadline.bound("the workloads to be applied", stage.write_all(workloads)).await?);
    Ok(applied)
}

/// Whether an object is of the kind that a definition adds.
fn defines(definition: &Value, object: &Value) -> bool {
    let group = text(object, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
    text(definition, "/spec/group") == group && text(definition, "/spec/names/kind") == object::kind(object)
}

/// What applying an object would do.
struct Look<'a> {
    object: &'a Value,
    api: Api<DynamicObject>,
    change: Change,
}

struct Stage<'a> {
    manager: &'a str,
    client: &'a kube::Client,
    deadline: Deadline,
    poll: Duration,
}

impl Stage<'_> {
    /// Tries all objects by dry run: what the API server refuses is known before the first of them is written.
    async fn look_at_all<'o>(&self, objects: &'o [Value]) -> anyhow::Result<Vec<Look<'o>>> {
        futures::stream::iter(objects)
            .map(|object| self.look_at(object))
            .buffered(PARALLEL)
            .try_collect()
            .await
    }

    /// Tries everything before anything is written, then writes what others need, such as service accounts and bindings. Gives what was
    /// written, and the workloads that are still to be.
    async fn prepare<'o>(&self, objects: &'o [Value]) -> anyhow::Result<(Vec<Applied>, Vec<Look<'o>>)> {
        let looks = self.deadline.bound("the objects to be compared", self.look_at_all(objects)).await?;
        let (before, workloads): (Vec<_>, Vec<_>) =
            looks.into_iter().partition(|look| rank(object::kind(look.object)) < rank("Deployment"));
        let written = self.deadline.bound("the objects to be applied", self.write_all(before)).await?;
        Ok((written, workloads))
    }

    async fn write_all(&self, looks: Vec<Look<'_>>) -> anyhow::Result<Vec<Applied>> {
        futures::stream::iter(looks).map(|look| self.write(look)).buffered(PARALLEL).try_collect().await
    }

    async fn look_at<'o>(&self, object: &'o Value) -> anyhow::Result<Look<'o>> {
        let api = api_for(self.client, object).await?;
        let name = object::name(object);
        let subject = ObjectId::of(object);
        let failed = |error| explain(error, &format!("applying {subject}"));
        let mut live = api.get_opt(name).await.map_err(failed)?;
        if live.as_ref().is_some_and(|live| live.metadata.deletion_timestamp.is_some()) {
            // An installation right after an uninstallation meets what is still going away.
            let target = WatchedObject::of_manifest(self.client, object).await?;
            let patience = Patience { deadline: self.deadline, poll: self.poll, is_strict: false };
            until(self.client, &target, &format!("{subject} to be gone"), patience, |seen| {
                Ok(match seen {
                    None => ControlFlow::Break(()),
                    Some(_) => ControlFlow::Continue("it is still being deleted".to_owned()),
                })
            })
            .await?;
            live = None;
        }
        let dry_run = PatchParams::apply(self.manager).force().dry_run();
        let merged = api.patch(name, &dry_run, &Patch::Apply(object)).await.map_err(failed)?;
        let change = match live {
            None => Change::Created,
            Some(live) if differences(&content(&live)?, &content(&merged)?).is_empty() => Change::Unchanged,
            Some(_) => Change::Configured,
        };
        Ok(Look { object, api, change })
    }

    async fn write(&self, look: Look<'_>) -> anyhow::Result<Applied> {
        let id = ObjectId::of(look.object);
        if look.change == Change::Unchanged {
            return Ok(Applied { id, change: look.change });
        }
        let name = object::name(look.object);
        let parameters = PatchParams::apply(self.manager).force();
        let patch = Patch::Apply(look.object);
        let mut outcome = look.api.patch(name, &parameters, &patch).await;
        if outcome.as_ref().is_err_and(Conflicting::is_conflict) {
            // Another client wrote in the same instant; an apply means the same on top of theirs.
            outcome = look.api.patch(name, &parameters, &patch).await;
        }
        outcome.map_err(|error| explain(error, &format!("applying {id}")))?;
        Ok(Applied { id, change: look.change })
    }
}

/// An object without the API server's bookkeeping.
fn content(object: &DynamicObject) -> anyhow::Result<Value> {
    let mut value = serde_json::to_value(object)?;
    object::drop_bookkeeping(&mut value);
    Ok(value)
}

/// How long the first question about a kind may take.
const FIRST_QUESTION: Duration = Duration::from_millis(200);

/// Asks for objects of a new kind, whatever the answer. The API server makes the kind's cache on the first request, and refuses all clients for a
/// second meanwhile: not the controllers then, whose informers would lose that second.
async fn ask_once(client: &kube::Client, definition: &Value) {
    let paths = object::list(definition, "/spec/versions").iter().map(|version| {
        let (group, plural) = (text(definition, "/spec/group"), text(definition, "/spec/names/plural"));
        format!("/apis/{group}/{}/{plural}?limit=1&resourceVersion=0", text(version, "/name"))
    });
    let questions = paths.filter_map(|path| http::Request::get(path).body(Vec::new()).ok());
    let answers = futures::future::join_all(questions.map(|question| client.request_text(question)));
    let _ = tokio::time::timeout(FIRST_QUESTION, answers).await;
}

async fn wait_until_current(
    client: &kube::Client,
    object: &Value,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<()> {
    let target = WatchedObject::of_manifest(client, object).await?;
    let what = ObjectId::of(object).to_string();
    let patience = Patience { deadline, poll, is_strict: false };
    until(client, &target, &what, patience, |seen| match seen.map(status_of) {
        Some(Status::Current | Status::Silent) => Ok(ControlFlow::Break(())),
        Some(Status::Stalled(told)) => Err(anyhow::anyhow!("{what} failed: {told}")),
        Some(Status::Terminating) => Err(anyhow::anyhow!("{what} is being deleted")),
        Some(status) => Ok(ControlFlow::Continue(status.reason())),
        None => Ok(ControlFlow::Continue("not found".to_owned())),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_comes_before_workloads_and_webhooks_come_last() {
        let mut kinds = [
            "ValidatingWebhookConfiguration",
            "NetworkPolicy",
            "Deployment",
            "Secret",
            "ClusterRole",
            "Namespace",
        ];
        kinds.sort_by_key(|kind| rank(kind));
        assert_eq!(
            kinds,
            [
                "Namespace",
                "ClusterRole",
                "Secret",
                "Deployment",
                "NetworkPolicy",
                "ValidatingWebhookConfiguration"
            ]
        );
    }

    #[test]
    fn bookkeeping_is_not_content() {
        let object = |extra: Value| -> DynamicObject {
            let mut object = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}});
            object["metadata"]["resourceVersion"] = extra.clone();
            object["status"] = serde_json::json!({"seen": extra});
            serde_json::from_value(object).unwrap()
        };
        assert_eq!(content(&object("1".into())).unwrap(), content(&object("2".into())).unwrap());
        let mut other = object("1".into());
        other.data["data"]["a"] = "c".into();
        assert_ne!(content(&object("1".into())).unwrap(), content(&other).unwrap());
    }
}
