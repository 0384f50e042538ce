//! Events, as both controllers write them: one object for each reason and message, counted up.

use super::surroundings::Surroundings;
use super::surroundings::now;
use super::surroundings::text;
use fluxr::testing::cluster;
use kube::api::DynamicObject;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;

/// Whether an event is a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Normal,
    Warning,
}

/// Writes an event about an object. An event that cannot be written is not a reason to stop.
pub async fn record(around: &Surroundings, about: &Value, severity: Severity, reason: &str, message: &str) {
    let controller = match text(about, "/kind") {
        "GitRepository" => "source-controller",
        _ => "kustomize-controller",
    };
    let (namespace, name) = (text(about, "/metadata/namespace"), text(about, "/metadata/name"));
    let uid = text(about, "/metadata/uid");
    let digest = hex::encode(sha2::Sha256::digest(format!("{uid}\n{reason}\n{message}")));
    let event_name = format!("{name}.{}", &digest[..16]);
    let before = around.api.get("Event", namespace, &event_name);
    let count = before.as_ref().and_then(|event| event["count"].as_i64()).unwrap_or_default();
    let first = before.as_ref().map_or_else(now, |event| text(event, "/firstTimestamp").to_owned());
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": event_name, "namespace": namespace},
        "involvedObject": {
            "apiVersion": about["apiVersion"], "kind": about["kind"], "namespace": namespace, "name": name, "uid": uid,
            "resourceVersion": about["metadata"]["resourceVersion"],
        },
        "type": if severity == Severity::Normal { "Normal" } else { "Warning" },
        "reason": reason, "message": message, "count": count + 1, "firstTimestamp": first, "lastTimestamp": now(),
        "source": {"component": controller}, "reportingComponent": controller, "reportingInstance": "",
    });
    let Ok(api) = cluster::api_for(&around.client, &event).await else { return };
    let outcome: Result<DynamicObject, _> =
        api.patch(&event_name, &PatchParams::apply(controller).force(), &Patch::Apply(&event)).await;
    drop(outcome);
}
