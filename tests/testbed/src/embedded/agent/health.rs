//! Waiting for what was applied to become ready, when a Kustomization asks for it.

use super::surroundings::Surroundings;
use super::surroundings::text;
use fluxr::testing::api::ObjectId;
use fluxr::testing::cluster;
use fluxr::testing::cluster::Status;
use serde_json::Value;
use std::time::Duration;
use std::time::Instant;

const INTERVAL: Duration = Duration::from_millis(100);

/// What is to be waited for: everything applied with `wait`, else what is listed.
pub fn wanted(object: &Value, applied: &[Value]) -> Vec<Value> {
    if object.pointer("/spec/wait") == Some(&Value::Bool(true)) {
        return applied.to_vec();
    }
    let listed = object.pointer("/spec/healthChecks").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = |one: Value| serde_json::json!({"apiVersion": one["apiVersion"], "kind": one["kind"], "metadata": {"name": one["name"], "namespace": one["namespace"]}});
    listed.into_iter().map(named).collect()
}

/// Comes back when all are ready.
///
/// # Errors
/// What is not ready in time, or will never be, in the controller's words.
pub async fn wait(around: &Surroundings, wanted: &[Value], limit: Duration) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let mut missing = Vec::new();
        for object in wanted {
            let word = match look(around, object) {
                Some(Status::Current | Status::Silent) => continue,
                Some(Status::Unobserved(_) | Status::Working(_) | Status::Failing(_)) => "InProgress",
                Some(Status::Stalled(_)) => "Failed",
                Some(Status::Terminating) => "Terminating",
                None => "NotFound",
            };
            missing.push(format!("{} status: '{word}'", ObjectId::of(object)));
        }
        if missing.is_empty() {
            return Ok(());
        }
        if missing.iter().any(|one| one.ends_with("'Failed'")) {
            return Err(format!("failed early due to stalled resources: [{}]", missing.join(", ")));
        }
        if begun.elapsed() > limit {
            return Err(format!("timeout waiting for: [{}]", missing.join(", ")));
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

fn look(around: &Surroundings, object: &Value) -> Option<Status> {
    let live = around.api.get(
        text(object, "/kind"),
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name"),
    )?;
    Some(cluster::status_of(&live))
}
