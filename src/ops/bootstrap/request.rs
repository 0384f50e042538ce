//! Asking the controllers to look now. Bootstrap never waits for an interval.

use super::run::Run;
use crate::api::Kind;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::ops::create::api_of;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::json;

/// The annotation that controllers act on when its value changes.
const REQUESTED_AT: &str = "reconcile.fluxcd.io/requestedAt";

/// Asks source-controller to fetch now.
pub(super) async fn reconcile_source(run: &Run<'_>) {
    annotate(run, &GIT_REPOSITORY).await;
}

/// Asks kustomize-controller to apply now.
pub(super) async fn reconcile_sync(run: &Run<'_>) {
    annotate(run, &KUSTOMIZATION).await;
}

/// Asks the controller of a new object that has just put its finalizer there. Otherwise it continues only after its retry delay, 750 ms.
pub(super) async fn go_on(run: &Run<'_>, kind: &Kind) {
    annotate(run, kind).await;
}

/// A request that does not get through is not a failure: the interval brings the same result later, and objects may not exist yet.
async fn annotate(run: &Run<'_>, kind: &Kind) {
    let name = run.options.namespace();
    let at = (run.session.now)().timestamp().to_string();
    let patch = Patch::Merge(json!({"metadata": {"annotations": {REQUESTED_AT: at}}}));
    let api = api_of(&run.session.client, kind, name);
    let parameters = PatchParams { field_manager: Some("fluxr".to_owned()), ..PatchParams::default() };
    let asked = api.patch(name, &parameters, &patch);
    let _ = run.session.deadline.cut(asked).await;
}
