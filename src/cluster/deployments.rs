//! Are the Deployments ready? Asked once for several, answered by name.

use super::Deadline;
use super::Status;
use super::TimedOut;
use super::api_for;
use super::status_of;
use super::until;
use crate::text::find_cause;
use serde_json::json;
use std::ops::ControlFlow;
use std::time::Duration;

/// How a Deployment was found when the waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentState {
    Ready,
    NotFound,
    /// The reason last seen.
    NotReady(String),
}

/// Waits for all of them at once, by name; what is not ready at the deadline is said to be so.
///
/// # Errors
/// A refusal of the API server.
pub async fn assess_deployments(
    client: &kube::Client,
    namespace: &str,
    names: &[String],
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Vec<(String, DeploymentState)>> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    let waits = names.iter().map(|name| async move {
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": name}});
        let api = api_for(client, &deployment).await?;
        let mut seen_once = false;
        let what = format!("Deployment/{namespace}/{name}");
        let outcome = until(&api, name, &what, deadline, poll, |seen| {
            seen_once |= seen.is_some();
            match seen.map(status_of) {
                Some(Status::Current) => Ok(ControlFlow::Break(())),
                Some(Status::InProgress(reason) | Status::Failed(reason)) => Ok(ControlFlow::Continue(reason)),
                Some(Status::Terminating) => Ok(ControlFlow::Continue("it is being deleted".to_owned())),
                None => Ok(ControlFlow::Continue("not found".to_owned())),
            }
        })
        .await;
        let state = match outcome {
            Ok(()) => DeploymentState::Ready,
            Err(error) => match find_cause::<TimedOut>(&error) {
                Some(_) if !seen_once => DeploymentState::NotFound,
                Some(timed_out) => DeploymentState::NotReady(timed_out.last.clone()),
                None => return Err(error),
            },
        };
        Ok((name.clone(), state))
    });
    futures::future::try_join_all(waits).await
}
