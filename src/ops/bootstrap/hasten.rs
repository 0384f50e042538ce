//! Asking the controllers to look now. Bootstrap never waits for an interval.

use super::run::Run;
use crate::api::Kind;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::ops::reconcile;
use crate::ops::reconcile::ReconcileRequest;

/// Asks source-controller to fetch now.
pub(super) async fn reconcile_source(run: &Run<'_>) {
    annotate(run, &GIT_REPOSITORY).await;
}

/// Asks kustomize-controller to apply now.
pub(super) async fn reconcile_sync(run: &Run<'_>) {
    annotate(run, &KUSTOMIZATION).await;
}

/// Asks the controller of a new object that has just put its finalizer there. Otherwise it continues only
/// after its retry delay, 750 ms.
pub(super) async fn retry_now(run: &Run<'_>, kind: &'static Kind) {
    annotate(run, kind).await;
}

/// A request that does not get through is not a failure: the interval brings the same result later, and objects may not exist yet.
async fn annotate(run: &Run<'_>, kind: &'static Kind) {
    let name = run.options.namespace().to_owned();
    let request = ReconcileRequest {
        kind,
        namespace: name.clone(),
        name,
        with_source: false,
        force: false,
        reset: false,
    };
    let asked = reconcile::annotate(run.session, &request);
    let _ = run.session.deadline.cut(asked).await;
}
