//! Asks a controller to reconcile an object, its source first where that is wanted, and waits for the answer.

use crate::api::Kind;
use crate::api::ObjectRef;
use crate::api::Readiness;
use crate::api::columns;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Status;
use crate::kind;
use crate::text::WithHint;
use crate::ui::Ui;
use futures::future::LocalBoxFuture;
use serde_json::Value;
use serde_json::json;
use std::ops::ControlFlow;
use std::time::Duration;

/// What is to be reconciled, and how.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    pub kind: &'static Kind,
    pub namespace: String,
    pub name: String,
    /// The source first.
    pub with_source: bool,
    /// A release even when nothing changed.
    pub force: bool,
    /// Earlier failures are forgotten.
    pub reset: bool,
}

/// Runs the request, says its progress, and gives the object as it then is.
///
/// # Errors
/// An object that is missing, suspended, or does not become ready; a source of a kind that cannot be reconciled.
pub fn reconcile<'a>(
    client: &'a kube::Client,
    ui: &'a Ui,
    request: &'a ReconcileRequest,
    deadline: Deadline,
    poll: Duration,
    now: fn() -> jiff::Zoned,
) -> LocalBoxFuture<'a, anyhow::Result<Value>> {
    Box::pin(async move {
        let ReconcileRequest { kind, namespace, name, .. } = request;
        let what = format!("{} \"{namespace}/{name}\"", kind.kind);
        let before = deadline.bound(&what, cluster::get(client, kind, namespace, name)).await?;
        if matches!((kind.readiness)(&before), Readiness::Static(_)) {
            ui.success("reconciliation not supported by the object");
            return Ok(before);
        }
        if kind.is_suspended(&before) {
            return Err(anyhow::anyhow!("resource is suspended")).hint(format!(
                "`resume {} {name} -n {namespace}` takes it up again",
                kind.noun.one.join(" ")
            ));
        }
        let mut source = None;
        if request.with_source {
            let its_source = source_of(kind, &before)?;
            reconcile(client, ui, &its_source, deadline, poll, now).await?;
            source = Some(its_source).filter(|_| kind.kind == "Kustomization");
        }
        ui.action(format!("annotating {} {name} in {namespace} namespace", kind.kind));
        let at = request_text(&now());
        let mut annotations = json!({"reconcile.fluxcd.io/requestedAt": at});
        if request.force {
            annotations["reconcile.fluxcd.io/forceAt"] = json!(at);
        }
        if request.reset {
            annotations["reconcile.fluxcd.io/resetAt"] = json!(at);
        }
        let patch = json!({"metadata": {"annotations": annotations}});
        let patched = cluster::merge(client, kind, namespace, name, &patch).await;
        patched.map_err(|error| cluster::explain(error, &format!("annotating {what}")))?;
        ui.success(format!("{} annotated", kind.kind));
        ui.waiting(format!("waiting for {} reconciliation", kind.kind));
        let mut after = wait(client, request, &before, None, deadline, poll).await?;
        // The controller may take up the request before it hears of the new artifact; it then reports the old revision.
        while let Some(source) = &source {
            let source = cluster::get(client, source.kind, &source.namespace, &source.name).await?;
            let old = tried_revision(&after).to_owned();
            if old == columns::text(&source, "/status/artifact/revision") {
                break;
            }
            after = wait(client, request, &before, Some(&old), deadline, poll).await?;
        }
        let (ready, message) = kind.ready(&after);
        if ready != "True" {
            let is_plain = matches!(kind.kind, "Kustomization" | "HelmRelease" | "HelmChart");
            let message = if is_plain { message } else { format!("'{message}'") };
            anyhow::bail!("{} reconciliation failed: {message}", kind.kind);
        }
        ui.success((kind.outcome)(&after));
        Ok(after)
    })
}

/// RFC 3339 with nanoseconds in the local zone, as Go writes it.
fn request_text(now: &jiff::Zoned) -> String {
    let zone = if now.offset().is_zero() { "Z".to_owned() } else { now.strftime("%:z").to_string() };
    format!("{}{zone}", now.strftime("%Y-%m-%dT%H:%M:%S.%9f"))
}

fn answered_at(object: &Value) -> &str {
    object.pointer("/status/lastHandledReconcileAt").and_then(Value::as_str).unwrap_or_default()
}

/// Waits until the controller has taken up the request and come to an end with it, with another revision than `old`.
async fn wait(
    client: &kube::Client,
    request: &ReconcileRequest,
    before: &Value,
    old: Option<&str>,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Value> {
    let ReconcileRequest { kind, namespace, name, .. } = request;
    let api = super::create::api_of(client, kind, namespace);
    let what = format!("{} \"{namespace}/{name}\"", kind.kind);
    cluster::until(&api, name, &what, deadline, poll, |seen| {
        let Some(object) = seen else { anyhow::bail!("{what} was deleted") };
        if answered_at(object) == answered_at(before) {
            return Ok(ControlFlow::Continue("its controller has not taken up the request".to_owned()));
        }
        if old.is_some_and(|old| tried_revision(object) == old) {
            return Ok(ControlFlow::Continue(
                "its controller has not seen the new revision of the source".to_owned(),
            ));
        }
        match cluster::status_of(object) {
            Status::Current => Ok(ControlFlow::Break(object.clone())),
            Status::InProgress(_) if has_failed(object) => Ok(ControlFlow::Break(object.clone())),
            Status::InProgress(reason) => Ok(ControlFlow::Continue(reason)),
            Status::Failed(reason) => Err(anyhow::anyhow!("{reason}")),
            Status::Terminating => Err(anyhow::anyhow!("{what} is being deleted")),
        }
    })
    .await
    .hint(format!("`get {} {name} -n {namespace}` shows how it stands", kind.noun.many.join(" ")))
}

/// The revision that a Kustomization was last reconciled with, well or badly. While it still says Ready for the old revision, the
/// attempted one may be the new one already.
fn tried_revision(object: &Value) -> &str {
    let ready = columns::condition(object, "Ready").is_some_and(|ready| ready["status"] == "True");
    columns::text(object, if ready { "/status/lastAppliedRevision" } else { "/status/lastAttemptedRevision" })
}

/// Not ready, and not at work on it: the outcome of this request, not the way to it.
fn has_failed(object: &Value) -> bool {
    let generation = object.pointer("/metadata/generation");
    let status = |name: &str| {
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        conditions
            .into_iter()
            .flatten()
            .find(|condition| condition["type"] == name)
            .map(|condition| &condition["status"])
    };
    generation == object.pointer("/status/observedGeneration")
        && status("Ready").is_some_and(|ready| ready == "False")
        && status("Reconciling").is_none_or(|reconciling| reconciling != "True")
}

/// The request for the source of an object.
fn source_of(kind: &Kind, object: &Value) -> anyhow::Result<ReconcileRequest> {
    let refused = |kind: &str| anyhow::anyhow!("cannot reconcile source of kind {kind}");
    let ObjectRef { kind: name_of_kind, namespace, name } =
        (kind.source)(object).ok_or_else(|| refused(""))?;
    let source = kind::by_name(&name_of_kind)
        .filter(|source| source.verbs.reconcile)
        .ok_or_else(|| refused(&name_of_kind))?;
    // A chart is only as new as the source that it is packed from.
    let with_source = source.kind == "HelmChart";
    Ok(ReconcileRequest { kind: source, namespace, name, with_source, force: false, reset: false })
}
