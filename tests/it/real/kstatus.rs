//! Our judgement of readiness beside kstatus, over generated objects of all kinds that have rules of their own, and of some that have none.

use crate::yaml::odd::Dice;
use fluxr::testing::cluster::Status;
use fluxr::testing::cluster::status_of;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

const OBJECTS: u64 = 6000;

const KINDS: [(&str, &str); 16] = [
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("v1", "Pod"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("v1", "Namespace"),
    ("policy/v1", "PodDisruptionBudget"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("source.toolkit.fluxcd.io/v1", "GitRepository"),
    ("serving.knative.dev/v1", "Service"),
];

const COUNTS: [&str; 15] = [
    "replicas",
    "readyReplicas",
    "availableReplicas",
    "updatedReplicas",
    "currentReplicas",
    "fullyLabeledReplicas",
    "desiredNumberScheduled",
    "currentNumberScheduled",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberReady",
    "succeeded",
    "active",
    "failed",
    "unavailableReplicas",
];

/// The types of conditions that a kind may have, and their reasons.
fn conditions_of(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "Deployment" => (
            &["Available", "Progressing", "ReplicaFailure"],
            &["NewReplicaSetAvailable", "NewReplicaSetAvailable", "ProgressDeadlineExceeded", "FailedCreate"],
        ),
        "ReplicaSet" => (&["ReplicaFailure"], &["FailedCreate"]),
        "Job" => (&["Complete", "Failed"], &["BackoffLimitExceeded"]),
        "Pod" => (&["Ready", "PodScheduled"], &["Unschedulable", "SchedulingGated"]),
        "CustomResourceDefinition" => (&["NamesAccepted", "Established"], &["Installing", "Conflict"]),
        _ => (&["Ready"], &["Succeeded", "Failed", "ProgressingWithRetry"]),
    }
}

/// An object whose counts, conditions and phases are drawn. Most of them agree, so that all rules are reached.
fn object(seed: u64) -> Value {
    let mut dice = Dice::new(seed + 1);
    let (api_version, kind) = KINDS[dice.below(KINDS.len())];
    let mut metadata = json!({"name": "app", "namespace": "team"});
    if !dice.one_in(8) {
        metadata["generation"] = json!(2);
    }
    if dice.one_in(30) {
        metadata["deletionTimestamp"] = json!("2026-02-03T04:05:06Z");
    }
    let (mut spec, mut status) = (json!({}), json!({}));
    if !dice.one_in(6) {
        spec["replicas"] = json!(dice.below(3));
    }
    match dice.below(6) {
        0 => spec["progressDeadlineSeconds"] = json!(600),
        1 => spec["progressDeadlineSeconds"] = json!(i32::MAX),
        2 => spec["updateStrategy"] = json!({"type": "OnDelete"}),
        3 => spec["updateStrategy"] = json!({"rollingUpdate": {"partition": dice.below(3)}}),
        _ => {}
    }
    if dice.one_in(2) {
        spec["type"] = json!(dice.pick(&["LoadBalancer", "ClusterIP"]));
    }
    if dice.one_in(2) {
        spec["clusterIP"] = json!(dice.pick(&["", "10.0.0.1"]));
    }
    if !dice.one_in(6) {
        status["observedGeneration"] = json!(if dice.one_in(8) { 1 } else { 2 });
    }
    let usual = dice.below(3);
    for count in COUNTS {
        if !dice.one_in(8) {
            status[count] = json!(if dice.one_in(8) { dice.below(3) } else { usual });
        }
    }
    if !dice.one_in(4) {
        let phase = dice.pick(&[
            "Running",
            "Running",
            "Pending",
            "Pending",
            "Bound",
            "Bound",
            "Succeeded",
            "Failed",
            "Lost",
        ]);
        status["phase"] = json!(phase);
    }
    if dice.one_in(2) {
        status["startTime"] = json!("2026-02-03T04:05:06Z");
    }
    if dice.one_in(2) {
        status["currentRevision"] = json!("a");
        status["updateRevision"] = json!(dice.pick(&["a", "b"]));
    }
    if dice.one_in(3) {
        let waiting = json!({"waiting": {"reason": dice.pick(&["CrashLoopBackOff", "ContainerCreating"])}});
        status["containerStatuses"] =
            json!([{"name": "app", "state": {"running": {}}}, {"name": "side", "state": waiting}]);
    }
    let (types, reasons) = conditions_of(kind);
    let mut conditions = Vec::new();
    for (name, chances) in types.iter().map(|name| (*name, 4)).chain([("Reconciling", 1), ("Stalled", 1)]) {
        if dice.below(5) < chances {
            let status = if chances == 1 {
                dice.pick(&["True", "False", "False"])
            } else {
                dice.pick(&["True", "True", "False", "Unknown"])
            };
            conditions.push(
                json!({"type": name, "status": status, "reason": dice.pick(reasons), "message": "so it is"}),
            );
        }
    }
    if dice.one_in(2) {
        conditions.reverse();
    }
    if !conditions.is_empty() {
        status["conditions"] = json!(conditions);
    }
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": status})
}

/// Our status in kstatus's words.
fn ours(object: &Value) -> &'static str {
    match status_of(object) {
        Status::Current | Status::Silent => "Current",
        Status::Unobserved(_) | Status::Working(_) | Status::Failing(_) => "InProgress",
        Status::Stalled(_) => "Failed",
        Status::Terminating => "Terminating",
    }
}

#[test]
#[ignore = "needs the testbed"]
fn objects_are_as_ready_as_kstatus_says() {
    let program = std::env::var_os("KSTATUS_REFEREE").map(Into::into);
    let program = program.unwrap_or_else(|| testbed::build::binary("kstatus-referee").unwrap());
    let mut referee = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let objects: Vec<Value> = (0..OBJECTS).map(object).collect();
    let questions: String = objects.iter().map(|object| format!("{object}\n")).collect();
    let mut input = referee.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(questions.as_bytes()).unwrap());
    let answers = referee.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers = String::from_utf8(answers.stdout).unwrap();
    assert_eq!(answers.lines().count(), objects.len());
    let (mut wrong, mut seen) = (Vec::new(), BTreeMap::new());
    for (object, theirs) in objects.iter().zip(answers.lines()) {
        let kind = object["kind"].as_str().unwrap();
        // A phase of another kind: kstatus refuses it, and a Job that runs is not ready for Flux's controllers.
        let is_ours =
            theirs == "Error" || kind == "Job" && theirs == "Current" && ours(object) == "InProgress";
        if !is_ours && ours(object) != theirs {
            wrong.push(format!("{theirs}, not {}: {object}", ours(object)));
        }
        *seen.entry((kind, theirs)).or_insert(0) += 1;
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    for kind in
        ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Pod", "PersistentVolumeClaim"]
    {
        for status in ["Current", "InProgress"] {
            let count = seen.get(&(kind, status)).copied().unwrap_or(0);
            assert!(count > 10, "{kind} was {status} only {count} times: {seen:?}");
        }
    }
}
