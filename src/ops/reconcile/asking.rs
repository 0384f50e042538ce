//! One request to a controller, and its answer.

use super::ReconcileRequest;
use crate::api::Kind;
use crate::api::kustomize::kustomization::tried_revision;
use crate::api::object;
use crate::cluster;
use crate::cluster::Status;
use crate::ops::Session;
use crate::ops::Waiting;
use crate::ops::next_step;
use crate::text::with_hint;
use serde_json::Value;
use serde_json::json;
use std::ops::ControlFlow;

/// Annotates the object, says so, and waits until its controller has come to an end with it: with the present revision of `source`, when
/// that was reconciled before.
///
/// # Errors
/// What the API server refuses; an object that is deleted or stalls; the end of the time.
pub(super) async fn ask(
    session: &Session<'_>,
    request: &ReconcileRequest,
    before: &Value,
    source: Option<&ReconcileRequest>,
    annotated: impl FnOnce(),
) -> anyhow::Result<Value> {
    let client = &session.client;
    annotate(session, request).await?;
    annotated();
    let waiting = session.waiting();
    let mut after = wait(&waiting, request, before, None).await?;
    // The controller may take up the request before it hears of the new artifact; it then reports the old revision.
    while let Some(source) = source {
        let source = cluster::get(client, source.kind, &source.namespace, &source.name).await?;
        let old = tried_revision(&after).to_owned();
        if old == object::text(&source, "/status/artifact/revision") {
            break;
        }
        after = wait(&waiting, request, before, Some(&old)).await?;
    }
    Ok(after)
}

/// Annotates the object; its controller reports the text that is returned as `lastHandledReconcileAt` when it has taken up the request.
///
/// # Errors
/// What the API server refuses.
pub(in crate::ops) async fn annotate(
    session: &Session<'_>,
    request: &ReconcileRequest,
) -> anyhow::Result<String> {
    let ReconcileRequest { kind, namespace, name, .. } = request;
    let at = request_text(&(session.now)());
    let mut annotations = json!({"reconcile.fluxcd.io/requestedAt": at});
    if request.force {
        annotations["reconcile.fluxcd.io/forceAt"] = json!(at);
    }
    if request.reset {
        annotations["reconcile.fluxcd.io/resetAt"] = json!(at);
    }
    let patch = json!({"metadata": {"annotations": annotations}});
    let patched = cluster::merge(&session.client, kind, namespace, name, &patch).await;
    patched.map_err(|error| {
        cluster::explain(error, &format!("annotating {} \"{namespace}/{name}\"", kind.kind))
    })?;
    Ok(at)
}

/// Whether a reconciliation ended well, and its message as the Flux CLI quotes it.
pub(super) fn verdict(kind: &Kind, after: &Value) -> (bool, String) {
    let (ready, message) = kind.ready(after);
    (ready == "True", if kind.reconciling.is_quoted { format!("'{message}'") } else { message })
}

/// RFC 3339 with nanoseconds in the local zone, as Go writes it.
fn request_text(now: &jiff::Zoned) -> String {
    let zone = if now.offset().is_zero() { "Z".to_owned() } else { now.strftime("%:z").to_string() };
    format!("{}{zone}", now.strftime("%Y-%m-%dT%H:%M:%S.%9f"))
}

fn answered_at(object: &Value) -> &str {
    object::text(object, "/status/lastHandledReconcileAt")
}

/// Waits until the controller has taken up the request and come to an end with it, with another revision than `old`.
async fn wait(
    waiting: &Waiting<'_>,
    request: &ReconcileRequest,
    before: &Value,
    old: Option<&str>,
) -> anyhow::Result<Value> {
    let ReconcileRequest { kind, namespace, name, .. } = request;
    let what = format!("{} \"{namespace}/{name}\"", kind.kind);
    waiting
        .until(kind, namespace, name, &what, true, |object| {
            let status = cluster::status_of(object);
            if answered_at(object) == answered_at(before) {
                let reported = match &status {
                    Status::Working(told) | Status::Failing(told) | Status::Stalled(told) => {
                        format!("; it reported before: {told}")
                    }
                    _ => String::new(),
                };
                let why = format!("its controller has not taken up the request{reported}");
                return Ok(ControlFlow::Continue(why));
            }
            if old.is_some_and(|old| tried_revision(object) == old) {
                let why = "its controller has not seen the new revision of the source".to_owned();
                return Ok(ControlFlow::Continue(why));
            }
            match status {
                // An attempt that failed is the outcome of this request, not the way to it.
                Status::Current | Status::Silent | Status::Failing(_) => {
                    Ok(ControlFlow::Break(object.clone()))
                }
                Status::Stalled(told) => {
                    Err(with_hint(anyhow::anyhow!("{}", told.message), next_step(kind, namespace, name)))
                }
                status => Ok(ControlFlow::Continue(status.reason())),
            }
        })
        .await
}
