//! The lines about the components' health, shared by install, bootstrap and check.

use super::findings::CheckFindings;
use crate::cluster;
use crate::cluster::DeploymentState;
use crate::ops::Session;
use serde_json::Value;
use std::time::Duration;

/// Checked once even past the deadline: not checked is not missing.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Waits for the Deployments and says of each how it was found; `true` when all are ready.
///
/// # Errors
/// A refusal of the API server.
pub async fn confirm_components(session: &Session<'_>, components: &[String]) -> anyhow::Result<bool> {
    let Session { client, sink, namespace, poll, .. } = session;
    let states = {
        let _busy = sink.busy("waiting for the components");
        let deadline = session.deadline.with_at_least(LAST_LOOK);
        let patient = Session { deadline, ..session.clone() };
        let waiting = patient.waiting();
        let notice = |object: &Value| waiting.watch_reason(object);
        let states = cluster::assess_deployments(client, namespace, components, deadline, *poll, notice);
        waiting.telling(states).await?
    };
    let mut found = CheckFindings::new(Some(*sink));
    let mut healthy = true;
    for (name, state) in &states {
        healthy &= judge(&mut found, namespace, name, Some(state));
    }
    Ok(healthy)
}

/// Says how a Deployment was found; `true` when it is ready.
pub(super) fn judge(
    found: &mut CheckFindings<'_>,
    namespace: &str,
    name: &str,
    state: Option<&DeploymentState>,
) -> bool {
    match state {
        Some(DeploymentState::Ready) => found.success(format!("{name}: deployment ready")),
        Some(DeploymentState::NotReady(reason)) => {
            found.failure(format!("{name}: deployment not ready"));
            found.hint(&format!("{reason}; `kubectl -n {namespace} describe deployment {name}` shows more"));
        }
        Some(DeploymentState::NotFound) | None => found.failure(format!("{name}: deployment not found")),
    }
    state == Some(&DeploymentState::Ready)
}
