//! Asks a controller to reconcile an object, its source first where that is wanted, and waits for the answer.

mod asking;
mod many;
pub(super) mod order;

pub(super) use asking::annotate;
pub use many::ManyRequest;
pub use many::reconcile_many;

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Readiness;
use crate::cluster;
use crate::kind;
use crate::ops::Session;
use crate::text::WithHint;
use crate::text::with_hint;
use asking::ask;
use asking::verdict;
use futures::future::LocalBoxFuture;
use serde_json::Value;

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

/// Runs the request, reports its progress, and returns the object as it then is.
///
/// # Errors
/// An object that is missing, suspended, or does not become ready; a source of a kind that cannot be reconciled.
pub fn reconcile<'a>(
    session: &'a Session<'a>,
    request: &'a ReconcileRequest,
) -> LocalBoxFuture<'a, anyhow::Result<Value>> {
    Box::pin(async move {
        let Session { client, sink, deadline, .. } = session;
        let ReconcileRequest { kind, namespace, name, .. } = request;
        let what = format!("{} \"{namespace}/{name}\"", kind.kind);
        let before = deadline.bound(&what, cluster::get(client, kind, namespace, name)).await?;
        if matches!((kind.readiness)(&before), Readiness::Static(_)) {
            sink.success("reconciliation not supported by the object");
            return Ok(before);
        }
        if kind.is_suspended(&before) {
            return Err(anyhow::anyhow!("resource is suspended")).hint(format!(
                "`fluxr resume {} {name} -n {namespace}` resumes it",
                kind.noun.one.join(" ")
            ));
        }
        let mut source = None;
        if request.with_source {
            let its_source = source_of(kind, &before)?;
            reconcile(session, &its_source).await?;
            source = Some(its_source).filter(|_| kind.reconciling.follows_source);
        }
        sink.action(format!("annotating {} {name} in {namespace} namespace", kind.kind));
        let annotated = || {
            sink.success(format!("{} annotated", kind.kind));
            sink.waiting(format!("waiting for {} reconciliation", kind.kind));
        };
        let after = ask(session, request, &before, source.as_ref(), annotated).await?;
        let (is_ready, message) = verdict(kind, &after);
        if !is_ready {
            let failed = anyhow::anyhow!("{} reconciliation failed: {message}", kind.kind);
            return Err(with_hint(failed, super::next_step(kind, namespace, name)));
        }
        sink.success((kind.outcome)(&after));
        Ok(after)
    })
}

/// The request for the source of an object.
fn source_of(kind: &Kind, object: &Value) -> anyhow::Result<ReconcileRequest> {
    let refused = |kind: &str| anyhow::anyhow!("cannot reconcile source of kind {kind}");
    let ObjectId { kind: name_of_kind, namespace, name, .. } =
        (kind.source)(object).ok_or_else(|| refused(""))?;
    let source = kind::by_name(&name_of_kind)
        .filter(|source| source.verbs.reconcile)
        .ok_or_else(|| refused(&name_of_kind))?;
    let with_source = source.reconciling.source_first;
    Ok(ReconcileRequest { kind: source, namespace, name, with_source, force: false, reset: false })
}
