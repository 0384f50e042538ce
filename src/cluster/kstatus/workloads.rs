//! The rules for what runs pods: how many there are of those that there should be.

use super::status::Explanation;
use super::status::Status;
use crate::api::object::condition_with;
use crate::api::object::conditions;
use crate::api::object::number;
use crate::api::object::text;
use serde_json::Value;

/// The deadline that Kubernetes' controllers take for none.
const NO_DEADLINE: i64 = i32::MAX as i64;

fn working(message: impl Into<String>) -> Status {
    Status::Working(Explanation::plain(message))
}

/// A number of the status; none is 0.
fn count(object: &Value, field: &str) -> i64 {
    number(object, &format!("/status/{field}")).unwrap_or_default()
}

fn replicas(object: &Value) -> i64 {
    number(object, "/spec/replicas").unwrap_or(1)
}

/// The first of these of which there are fewer than there should be: what they are, how many there are, how many there should be.
fn fewer(counts: &[(&str, i64, i64)]) -> Option<Status> {
    let found = counts.iter().find(|(_, have, want)| have < want);
    found.map(|(what, have, want)| working(format!("{what}: {have}/{want}")))
}

fn too_many(have: i64, want: i64) -> Option<Status> {
    (have > want).then(|| working(format!("pending termination: {}", have - want)))
}

pub(super) fn deployment(object: &Value) -> Status {
    let is_late = |one: &Value| one["type"] == "Progressing" && one["reason"] == "ProgressDeadlineExceeded";
    if conditions(object).iter().any(is_late) {
        return Status::Stalled(Explanation::plain("the progress deadline was exceeded"));
    }
    let (wanted, updated) = (replicas(object), count(object, "updatedReplicas"));
    let total = count(object, "replicas");
    let waiting = fewer(&[("replicas", total, wanted), ("updated", updated, wanted)])
        .or_else(|| too_many(total, wanted))
        .or_else(|| {
            let available = ("available", count(object, "availableReplicas"), updated);
            fewer(&[available, ("ready", count(object, "readyReplicas"), wanted)])
        })
        .or_else(|| (!has_progressed(object)).then(|| working("the new ReplicaSet is not available")))
        .or_else(|| match condition_with(object, "Available", "True") {
            Some(_) => None,
            None => Some(working("the Deployment is not available")),
        });
    match (waiting, condition_with(object, "ReplicaFailure", "True")) {
        (None, _) => Status::Current,
        _ if number(object, "/status/observedGeneration").is_none() => {
            working("waiting for the Deployment to be observed")
        }
        (Some(_), Some(failure)) => Status::Failing(Explanation::by(failure)),
        (Some(waiting), None) => waiting,
    }
}

/// Whether the last rollout has come to an end. Without a deadline nothing says so.
fn has_progressed(deployment: &Value) -> bool {
    number(deployment, "/spec/progressDeadlineSeconds").unwrap_or(NO_DEADLINE) == NO_DEADLINE
        || condition_with(deployment, "Progressing", "True")
            .is_some_and(|one| one["reason"] == "NewReplicaSetAvailable")
}

pub(super) fn replica_set(object: &Value) -> Status {
    if let Some(failure) = condition_with(object, "ReplicaFailure", "True") {
        return Status::Failing(Explanation::by(failure));
    }
    let wanted = replicas(object);
    fewer(&[
        ("labelled", count(object, "fullyLabeledReplicas"), wanted),
        ("available", count(object, "availableReplicas"), wanted),
        ("ready", count(object, "readyReplicas"), wanted),
    ])
    .or_else(|| too_many(count(object, "replicas"), wanted))
    .unwrap_or(Status::Current)
}

/// Its controller reports no failures.
pub(super) fn stateful_set(object: &Value) -> Status {
    // With manual updates, a person decides when they are done.
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Status::Current;
    }
    let (wanted, total) = (replicas(object), count(object, "replicas"));
    let waiting = fewer(&[("replicas", total, wanted), ("ready", count(object, "readyReplicas"), wanted)])
        .or_else(|| too_many(total, wanted));
    if let Some(waiting) = waiting {
        return waiting;
    }
    // Pods before the partition keep their revision.
    if let Some(partition) =
        number(object, "/spec/updateStrategy/rollingUpdate/partition").filter(|at| *at != -1)
    {
        let updated = ("updated", count(object, "updatedReplicas"), wanted - partition);
        return fewer(&[updated]).unwrap_or(Status::Current);
    }
    if let Some(waiting) = fewer(&[("current", count(object, "currentReplicas"), wanted)]) {
        return waiting;
    }
    match text(object, "/status/currentRevision") == text(object, "/status/updateRevision") {
        true => Status::Current,
        false => working("waiting for all replicas to be of the new revision"),
    }
}

pub(super) fn daemon_set(object: &Value) -> Status {
    let observed = ["/metadata/generation", "/status/observedGeneration"].map(|at| number(object, at));
    let wanted = number(object, "/status/desiredNumberScheduled").filter(|wanted| *wanted != -1);
    let ([Some(_), Some(_)], Some(wanted)) = (observed, wanted) else {
        return working("waiting for the DaemonSet to be observed");
    };
    fewer(&[
        ("current", count(object, "currentNumberScheduled"), wanted),
        ("updated", count(object, "updatedNumberScheduled"), wanted),
        ("available", count(object, "numberAvailable"), wanted),
        ("ready", count(object, "numberReady"), wanted),
    ])
    .unwrap_or(Status::Current)
}

/// As Flux's controllers judge: kstatus itself calls a Job that has started ready.
pub(super) fn job(object: &Value) -> Status {
    if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        return Status::Current;
    }
    let ended = conditions(object).iter().filter(|one| one["status"] == "True").find_map(|one| {
        match text(one, "/type") {
            "Complete" => Some(Status::Current),
            "Failed" => Some(Status::Stalled(Explanation::by(one))),
            _ => None,
        }
    });
    ended.unwrap_or_else(|| {
        if text(object, "/status/startTime").is_empty() {
            return working("waiting for the Job to start");
        }
        let parallelism = number(object, "/spec/parallelism").unwrap_or(1);
        let wanted = number(object, "/spec/completions").unwrap_or(parallelism);
        working(format!("succeeded: {}/{wanted}", count(object, "succeeded")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::status_of;
    use serde_json::json;

    /// Changes an object step by step and reads the reason after each.
    fn reasons<const N: usize>(mut object: Value, steps: [(&str, Value); N]) -> [String; N] {
        object["metadata"] = json!({"generation": 1});
        steps.map(|(pointer, value)| {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            object.pointer_mut(parent).unwrap()[key] = value;
            status_of(&object).reason()
        })
    }

    #[test]
    fn a_deployment_is_current_when_all_replicas_are_available() {
        let progressed = json!({"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"});
        let deployment =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 2}, "status": {}});
        let found = reasons(
            deployment,
            [
                ("/status/replicas", json!(1)),
                ("/status/observedGeneration", json!(1)),
                ("/status/replicas", json!(3)),
                ("/status/updatedReplicas", json!(2)),
                ("/status/replicas", json!(2)),
                ("/status/availableReplicas", json!(2)),
                ("/status/readyReplicas", json!(2)),
                ("/spec/progressDeadlineSeconds", json!(600)),
                ("/status/conditions", json!([progressed])),
                ("/status/conditions", json!([progressed, {"type": "Available", "status": "True"}])),
            ],
        );
        assert_eq!(
            found,
            [
                "waiting for the Deployment to be observed",
                "replicas: 1/2",
                "updated: 0/2",
                "pending termination: 1",
                "available: 0/2",
                "ready: 0/2",
                "the Deployment is not available",
                "the new ReplicaSet is not available",
                "the Deployment is not available",
                "",
            ]
        );
    }

    #[test]
    fn a_deployment_fails_at_its_deadline_and_while_pods_cannot_be_created() {
        let with = |condition: Value| {
            let status = json!({"observedGeneration": 1, "conditions": [condition]});
            status_of(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "status": status}))
        };
        let late =
            with(json!({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}));
        assert_eq!(late, Status::Stalled(Explanation::plain("the progress deadline was exceeded")));
        let failure =
            json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"});
        let told = Explanation { reason: "FailedCreate".to_owned(), message: "quota".to_owned() };
        assert_eq!(with(failure), Status::Failing(told));
    }

    #[test]
    fn a_replica_set_is_current_when_all_pods_are_available() {
        let set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {}, "status": {"observedGeneration": 1, "replicas": 2}});
        let failure = json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}]);
        let found = reasons(
            set,
            [
                ("/status/conditions", failure),
                ("/status/conditions", json!([])),
                ("/status/fullyLabeledReplicas", json!(1)),
                ("/status/availableReplicas", json!(1)),
                ("/status/readyReplicas", json!(1)),
                ("/status/replicas", json!(1)),
            ],
        );
        assert_eq!(
            found,
            ["FailedCreate", "labelled: 0/1", "available: 0/1", "ready: 0/1", "pending termination: 1", ""]
        );
    }

    #[test]
    fn a_stateful_set_is_current_when_all_replicas_are_ready_and_of_one_revision() {
        let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"replicas": 2, "updateStrategy": {"rollingUpdate": {}}},
            "status": {"observedGeneration": 1, "updateRevision": "b", "currentRevision": "a"}});
        let found = reasons(
            set,
            [
                ("/status/replicas", json!(1)),
                ("/status/replicas", json!(3)),
                ("/status/readyReplicas", json!(2)),
                ("/status/replicas", json!(2)),
                ("/status/currentReplicas", json!(2)),
                ("/status/currentRevision", json!("b")),
                ("/spec/updateStrategy/rollingUpdate/partition", json!(1)),
                ("/status/updatedReplicas", json!(1)),
                ("/spec/updateStrategy/type", json!("OnDelete")),
            ],
        );
        let waiting = "waiting for all replicas to be of the new revision";
        assert_eq!(
            found,
            [
                "replicas: 1/2",
                "ready: 0/2",
                "pending termination: 1",
                "current: 0/2",
                waiting,
                "",
                "updated: 0/1",
                "",
                "",
            ]
        );
    }

    #[test]
    fn a_daemon_set_is_current_when_a_pod_is_ready_on_every_node() {
        let set = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "status": {}});
        let found = reasons(
            set,
            [
                ("/status/desiredNumberScheduled", json!(1)),
                ("/status/observedGeneration", json!(1)),
                ("/status/currentNumberScheduled", json!(1)),
                ("/status/updatedNumberScheduled", json!(1)),
                ("/status/numberAvailable", json!(1)),
                ("/status/numberReady", json!(1)),
                ("/status/desiredNumberScheduled", json!(-1)),
            ],
        );
        let unseen = "waiting for the DaemonSet to be observed";
        assert_eq!(
            found,
            [unseen, "current: 0/1", "updated: 0/1", "available: 0/1", "ready: 0/1", "", unseen]
        );
    }

    #[test]
    fn a_job_is_current_when_it_has_completed_or_is_suspended() {
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"parallelism": 2}, "status": {}});
        let ended = |name: &str| json!([{"type": name, "status": "True", "reason": "BackoffLimitExceeded"}]);
        let found = reasons(
            job,
            [
                ("/status/succeeded", json!(1)),
                ("/status/startTime", json!("2026-02-03T04:05:06Z")),
                ("/spec/completions", json!(3)),
                ("/status/conditions", ended("Failed")),
                ("/status/conditions", ended("Complete")),
                ("/status/conditions", json!([{"type": "Complete", "status": "False"}])),
                ("/spec/suspend", json!(true)),
            ],
        );
        let (running, failed) = ("succeeded: 1/3", "BackoffLimitExceeded");
        assert_eq!(
            found,
            ["waiting for the Job to start", "succeeded: 1/2", running, failed, "", running, ""]
        );
    }
}
