//! The lines about the components' health, shared by install, bootstrap and check.

use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::DeploymentState;
use crate::ops::Sink;
use crate::ops::Waiting;
use serde_json::Value;
use std::time::Duration;

/// When the time is over the components are looked at all the same: not having looked does not mean that they are missing.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Waits for the Deployments and says of each how it was found; `true` when all are ready.
///
/// # Errors
/// A refusal of the API server.
pub async fn confirm_components(
    client: &kube::Client,
    ui: &dyn Sink,
    namespace: &str,
    components: &[String],
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<bool> {
    let states = {
        let _spinner = ui.busy("waiting for the components");
        let deadline = deadline.with_at_least(LAST_LOOK);
        let waiting = Waiting::new(client, ui, deadline, poll);
        let notice = |object: &Value| waiting.watch_reason(object);
        let states = cluster::assess_deployments(client, namespace, components, deadline, poll, notice);
        waiting.telling(states).await?
    };
    let mut healthy = true;
    for (name, state) in states {
        match &state {
            DeploymentState::Ready => ui.success(format!("{name}: deployment ready")),
            DeploymentState::NotFound => ui.failure(format!("{name}: deployment not found")),
            DeploymentState::NotReady(reason) => {
                ui.failure(format!("{name}: deployment not ready"));
                ui.hint(&format!("{reason}; `kubectl -n {namespace} describe deployment {name}` shows more"));
            }
        }
        healthy &= state == DeploymentState::Ready;
    }
    Ok(healthy)
}
