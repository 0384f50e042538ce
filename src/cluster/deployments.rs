//! Are the Deployments ready? Asked once for several, answered by name.

use super::Deadline;
use super::Outcome;
use super::Patience;
use super::Status;
use super::WatchedObject;
use super::status_of;
use super::wait_for;
use futures::future::try_join_all;
use serde_json::Value;
use serde_json::json;
use std::ops::ControlFlow;
use std::time::Duration;

/// The label of everything that belongs to an installation of Flux.
pub const PART_OF: &str = "app.kubernetes.io/part-of=flux";

/// How a Deployment was found when the waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentState {
    Ready,
    NotFound,
    /// The reason last seen.
    NotReady(String),
}

/// Waits for all of them at once, by name; what is not ready at the deadline is reported as such. `notice` is given every version that is
/// seen.
///
/// # Errors
/// A refusal of the API server.
pub async fn assess_deployments(
    client: &kube::Client,
    namespace: &str,
    names: &[String],
    deadline: Deadline,
    poll: Duration,
    mut notice: impl FnMut(&Value) + Send,
) -> anyhow::Result<Vec<(String, DeploymentState)>> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    let target = |name: &String| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": name}});
    let manifests: Vec<Value> = names.iter().map(target).collect();
    let targets =
        try_join_all(manifests.iter().map(|manifest| WatchedObject::of_manifest(client, manifest))).await?;
    let patience = Patience { deadline, poll, is_strict: false };
    let mut seen_once = vec![false; names.len()];
    let outcomes = wait_for(client, &targets, patience, |place, seen| {
        seen.inspect(|object| notice(object));
        seen_once[place] |= seen.is_some();
        match seen.map(status_of) {
            Some(Status::Current) => Ok(ControlFlow::Break(())),
            Some(status) => Ok(ControlFlow::Continue(status.reason())),
            None => Ok(ControlFlow::Continue("not found".to_owned())),
        }
    })
    .await?;
    let state = |(outcome, was_seen): (Outcome<()>, bool)| match outcome {
        Outcome::Done(()) => Ok(DeploymentState::Ready),
        Outcome::Failed(error) => Err(error),
        Outcome::Left(_) if !was_seen => Ok(DeploymentState::NotFound),
        Outcome::Left(reason) => Ok(DeploymentState::NotReady(reason)),
    };
    let states = outcomes.into_iter().zip(seen_once).map(state).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(names.into_iter().zip(states).collect())
}
