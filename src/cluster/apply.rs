//! Server-side apply in two stages: what others depend on first, then the rest. Unchanged objects are not written.

use super::Deadline;
use super::Status;
use super::api_for;
use super::explain;
use super::is_not_found;
use super::status_of;
use super::until;
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

/// The field manager of everything that is applied.
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
    /// `Kind/namespace/name`.
    pub subject: String,
    pub change: Change,
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.change {
            Change::Created => "created",
            Change::Configured => "configured",
            Change::Unchanged => "unchanged",
        };
        write!(f, "{} {word}", self.subject)
    }
}

/// The order of kinds inside a stage; what is not listed comes between the workloads and the webhooks.
const ORDER: [&str; 18] = [
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
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
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

fn rank(kind: &str) -> usize {
    match ORDER.iter().position(|known| *known == kind) {
        // The two kinds of webhooks come after everything that is not in the list.
        Some(at) if at >= 16 => at + 1,
        Some(at) => at,
        None => 16,
    }
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// `Kind/namespace/name`, without the namespace for cluster-wide objects.
pub fn subject(object: &Value) -> String {
    let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
    match text(object, "/metadata/namespace") {
        "" => format!("{kind}/{name}"),
        namespace => format!("{kind}/{namespace}/{name}"),
    }
}

/// Applies definitions, namespaces and cluster roles, waits until they hold, then applies the rest.
/// The answer lists every object in the order of kinds.
///
/// # Errors
/// The first object that is refused, named with the API server's reason; definitions that are not established in a minute.
pub async fn apply_in_stages(
    client: &kube::Client,
    mut objects: Vec<Value>,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Vec<Applied>> {
    objects.sort_by(|a, b| {
        let key = |object: &Value| {
            (
                rank(text(object, "/kind")),
                text(object, "/metadata/namespace").to_owned(),
                text(object, "/metadata/name").to_owned(),
            )
        };
        key(a).cmp(&key(b))
    });
    let (first, rest): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| {
        matches!(text(object, "/kind"), "CustomResourceDefinition" | "Namespace" | "ClusterRole")
    });
    let mut applied = deadline.bound("the definitions to be applied", apply_all(client, &first)).await?;
    let stage_deadline = Deadline::after(deadline.remaining().min(Duration::from_secs(60)));
    let waits = first.iter().filter(|object| text(object, "/kind") == "CustomResourceDefinition");
    futures::future::try_join_all(
        waits.map(|object| wait_until_current(client, object, stage_deadline, poll)),
    )
    .await?;
    // Objects that others need, such as service accounts and bindings, are there before the workloads start.
    let (before, workloads): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|object| rank(text(object, "/kind")) < rank("Deployment"));
    applied.extend(deadline.bound("the objects to be applied", apply_all(client, &before)).await?);
    applied.extend(deadline.bound("the workloads to be applied", apply_all(client, &workloads)).await?);
    Ok(applied)
}

async fn apply_all(client: &kube::Client, objects: &[Value]) -> anyhow::Result<Vec<Applied>> {
    futures::stream::iter(objects).map(|object| apply(client, object)).buffered(PARALLEL).try_collect().await
}

async fn apply(client: &kube::Client, object: &Value) -> anyhow::Result<Applied> {
    let api = api_for(client, object).await?;
    let name = text(object, "/metadata/name");
    let subject = subject(object);
    let failed = |error| explain(error, &format!("applying {subject}"));
    let live = match api.get(name).await {
        Ok(live) => Some(live),
        Err(error) if is_not_found(&error) => None,
        Err(error) => return Err(failed(error)),
    };
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let Some(live) = live else {
        api.patch(name, &parameters, &Patch::Apply(object)).await.map_err(failed)?;
        return Ok(Applied { subject, change: Change::Created });
    };
    if is_unchanged(&api, name, object, live).await.map_err(failed)? {
        return Ok(Applied { subject, change: Change::Unchanged });
    }
    api.patch(name, &parameters, &Patch::Apply(object)).await.map_err(failed)?;
    Ok(Applied { subject, change: Change::Configured })
}

/// Whether applying would leave everything but the bookkeeping as it is; the API server is asked by a dry run.
async fn is_unchanged(
    api: &Api<DynamicObject>,
    name: &str,
    object: &Value,
    live: DynamicObject,
) -> Result<bool, kube::Error> {
    let dry_run = PatchParams::apply(FIELD_MANAGER).force().dry_run();
    let merged = api.patch(name, &dry_run, &Patch::Apply(object)).await?;
    let content = |object: DynamicObject| -> Result<Value, kube::Error> {
        let mut value = serde_json::to_value(object).map_err(kube::Error::SerdeError)?;
        if let Some(map) = value.as_object_mut() {
            map.remove("status");
        }
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            for key in ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"] {
                metadata.remove(key);
            }
        }
        Ok(value)
    };
    Ok(content(merged)? == content(live)?)
}

async fn wait_until_current(
    client: &kube::Client,
    object: &Value,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<()> {
    let api = api_for(client, object).await?;
    let what = subject(object);
    until(&api, text(object, "/metadata/name"), &what, deadline, poll, |seen| match seen.map(status_of) {
        Some(Status::Current) => Ok(ControlFlow::Break(())),
        Some(Status::Failed(reason)) => Err(anyhow::anyhow!("{what} failed: {reason}")),
        Some(Status::InProgress(reason)) => Ok(ControlFlow::Continue(reason)),
        Some(Status::Terminating) => Err(anyhow::anyhow!("{what} is being deleted")),
        None => Ok(ControlFlow::Continue("not found".to_owned())),
    })
    .await
}
