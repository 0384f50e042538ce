//! What a kubelet would tell about a pod, from the process behind it.

use super::controller::Condition;
use super::wanted::Wanted;
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

/// The patch of the pod's status, at this time.
pub(super) fn pod_status(
    wanted: &Wanted,
    container: &str,
    condition: &Condition,
    restarts: u32,
    now: Timestamp,
) -> Value {
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let ready = *condition == Condition::Ready;
    let word = if ready { "True" } else { "False" };
    let conditions: Vec<Value> =
        [("PodScheduled", "True"), ("Initialized", "True"), ("ContainersReady", word), ("Ready", word)]
            .iter()
            .map(|(name, status)| json!({"type": name, "status": status, "lastTransitionTime": now}))
            .collect();
    let running = json!({"running": {"startedAt": now}});
    let (phase, state, last) = match condition {
        Condition::Unknown => {
            let message = format!("nothing is built for image {}", wanted.image);
            ("Pending", json!({"waiting": {"reason": "ErrImagePull", "message": message}}), Value::Null)
        }
        Condition::Starting | Condition::Ready => ("Running", running, Value::Null),
        Condition::Ended(code) => {
            let message = format!("the process ended with exit code {code}");
            let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
            let last = json!({"terminated": {"exitCode": code, "reason": "Error", "finishedAt": now}});
            ("Running", waiting, last)
        }
    };
    json!({"status": {
        "phase": phase,
        "startTime": now,
        "hostIP": "127.0.0.1",
        "podIP": "127.0.0.1",
        "conditions": conditions,
        "containerStatuses": [{
            "name": container,
            "image": wanted.image,
            "imageID": "",
            "ready": ready,
            "started": ready,
            "restartCount": restarts,
            "state": state,
            "lastState": last,
        }],
    }})
}
