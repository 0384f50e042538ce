//! The rules for all objects, generation and conditions, and which kinds have rules of their own.

use super::core;
use super::status::Explanation;
use super::status::NOT_RECONCILED;
use super::status::Status;
use super::workloads;
use crate::api::object::condition;
use crate::api::object::condition_with;
use crate::api::object::conditions;
use crate::api::object::is_being_deleted;
use crate::api::object::kind;
use crate::api::object::number;
use crate::api::object::text;
use serde_json::Value;

/// The reason of `Reconciling` after an attempt that failed. (Flux's `meta.ProgressingWithRetryReason`.)
const RETRYING: &str = "ProgressingWithRetry";

/// Group, kind, and what is to be known beyond generation and the standard conditions.
type Rule = (&'static str, &'static str, fn(&Value) -> Status);

static RULES: [Rule; 13] = [
    ("", "ConfigMap", core::as_it_is),
    ("", "PersistentVolumeClaim", core::claim),
    ("", "Pod", core::pod),
    ("", "Secret", core::as_it_is),
    ("", "Service", core::service),
    ("apiextensions.k8s.io", "CustomResourceDefinition", core::definition),
    ("apps", "DaemonSet", workloads::daemon_set),
    ("apps", "Deployment", workloads::deployment),
    ("apps", "ReplicaSet", workloads::replica_set),
    ("apps", "StatefulSet", workloads::stateful_set),
    ("batch", "CronJob", core::as_it_is),
    ("batch", "Job", workloads::job),
    ("policy", "PodDisruptionBudget", core::as_it_is),
];

/// The status of an object of any kind.
pub fn status_of(object: &Value) -> Status {
    if is_being_deleted(object) {
        return Status::Terminating;
    }
    let group = text(object, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
    match RULES.iter().find(|(of, name, _)| *of == group && *name == kind(object)) {
        Some((.., judge)) => {
            unobserved(object, None).or_else(|| standard(object)).unwrap_or_else(|| judge(object))
        }
        None => by_conditions(object),
    }
}

/// Whether a condition, or the status as a whole, is about another generation than the present one.
fn unobserved(object: &Value, condition: Option<&Value>) -> Option<Status> {
    let generation = number(object, "/metadata/generation")?;
    let own = condition.and_then(|condition| number(condition, "/observedGeneration"));
    let observed = own.or_else(|| number(object, "/status/observedGeneration"))?;
    (generation != observed).then(|| {
        Status::Unobserved(match observed {
            ..1 => NOT_RECONCILED.to_owned(),
            _ => {
                // What was found then is often still what is wrong.
                let failed = self::condition(object, "Ready").filter(|ready| ready["status"] != "True");
                let then = failed.map(|ready| format!(" ({})", Explanation::by(ready))).unwrap_or_default();
                format!("generation is {generation}, but latest observed generation is {observed}{then}")
            }
        })
    })
}

/// The first of the two conditions that mean the same for every kind.
fn standard(object: &Value) -> Option<Status> {
    conditions(object).iter().filter(|one| one["status"] == "True").find_map(|one| match text(one, "/type") {
        "Reconciling" => Some(Status::Working(Explanation::by(one))),
        "Stalled" => Some(Status::Stalled(Explanation::by(one))),
        _ => None,
    })
}

fn by_conditions(object: &Value) -> Status {
    let ready = condition(object, "Ready");
    if let Some(other) = unobserved(object, ready) {
        return other;
    }
    let standard = standard(object);
    let Some(ready) = ready else { return standard.unwrap_or(Status::Silent) };
    let is_retrying =
        condition_with(object, "Reconciling", "True").is_some_and(|found| found["reason"] == RETRYING);
    match (text(ready, "/status"), standard) {
        (_, Some(stalled @ Status::Stalled(_))) => stalled,
        ("False", standard) if standard.is_none() || is_retrying => Status::Failing(Explanation::by(ready)),
        ("True", Some(working)) => working,
        // Controllers write conditions before the rest of the status: a result is there when all of it was observed.
        ("True", None) => unobserved(object, None).unwrap_or(Status::Current),
        ("False" | "Unknown", _) | (_, Some(_)) => Status::Working(Explanation::by(ready)),
        (_, None) => Status::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_conditions(conditions: Value) -> Value {
        json!({"kind": "GitRepository", "metadata": {"generation": 2}, "status": {"observedGeneration": 2, "conditions": conditions}})
    }

    fn told(reason: &str, message: &str) -> Explanation {
        Explanation { reason: reason.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn an_object_that_was_not_observed_yet_is_reported_as_such() {
        let object = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}});
        let reason = "generation is 2, but latest observed generation is 1";
        assert_eq!(status_of(&object), Status::Unobserved(reason.to_owned()));
        let object = json!({"metadata": {"generation": 1}, "status": {"observedGeneration": -1}});
        assert_eq!(status_of(&object).reason(), "it was not reconciled yet");
        assert_eq!(status_of(&json!({"metadata": {"generation": 1}})), Status::Silent);
    }

    #[test]
    fn a_success_counts_only_once_all_of_the_status_was_observed() {
        let object = |observed: Value| {
            json!({"metadata": {"generation": 2}, "status": {"observedGeneration": observed, "conditions": [
                {"type": "Ready", "status": "True", "reason": "Succeeded", "observedGeneration": 2},
            ]}})
        };
        for early in [-1, 1] {
            assert!(matches!(status_of(&object(json!(early))), Status::Unobserved(_)), "{early}");
        }
        assert_eq!(status_of(&object(json!(2))), Status::Current);
        // Not every kind has that field.
        assert_eq!(status_of(&object(json!(null))), Status::Current);
    }

    #[test]
    fn a_condition_of_this_generation_counts_before_the_status_as_a_whole_was_observed() {
        let object = |generation: i64| {
            json!({"metadata": {"generation": 2}, "status": {"observedGeneration": -1, "conditions": [
                {"type": "Reconciling", "status": "True", "reason": "ProgressingWithRetry", "message": "again"},
                {"type": "Ready", "status": "False", "reason": "GitOperationFailed", "message": "connection refused",
                    "observedGeneration": generation}]}})
        };
        assert_eq!(status_of(&object(2)), Status::Failing(told("GitOperationFailed", "connection refused")));
        assert!(matches!(status_of(&object(1)), Status::Unobserved(_)));
    }

    #[test]
    fn what_is_at_work_has_not_failed_and_what_is_stalled_has() {
        let failed = |further: Value| {
            with_conditions(
                json!([{"type": "Ready", "status": "False", "reason": "No", "message": "soon"}, further]),
            )
        };
        let at_work = failed(json!({"type": "Reconciling", "status": "True", "reason": "Progressing"}));
        assert_eq!(status_of(&at_work), Status::Working(told("No", "soon")));
        let stalled =
            failed(json!({"type": "Stalled", "status": "True", "reason": "Never", "message": "no"}));
        assert_eq!(status_of(&stalled), Status::Stalled(told("Never", "no")));
        assert_eq!(status_of(&failed(Value::Null)), Status::Failing(told("No", "soon")));
        let ready = json!([{"type": "Ready", "status": "True"}]);
        assert_eq!(status_of(&with_conditions(ready)), Status::Current);
        let unknown = json!([{"type": "Ready", "status": "Unknown", "message": "building"}]);
        assert_eq!(status_of(&with_conditions(unknown)), Status::Working(told("", "building")));
        assert_eq!(status_of(&with_conditions(json!([]))), Status::Silent);
    }

    #[test]
    fn the_standard_conditions_come_before_the_rules_of_a_kind() {
        let claim = |conditions: Value| {
            let status = json!({"phase": "Bound", "conditions": conditions});
            status_of(&json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": status}))
        };
        assert_eq!(claim(json!([{"type": "Reconciling", "status": "False"}])), Status::Current);
        let reconciling = json!({"type": "Reconciling", "status": "True", "message": "resizing"});
        assert_eq!(claim(json!([reconciling])), Status::Working(told("", "resizing")));
        let stalled = json!({"type": "Stalled", "status": "True", "message": "full"});
        assert_eq!(claim(json!([stalled, reconciling])), Status::Stalled(told("", "full")));
        let alone = json!({"status": {"conditions": [reconciling]}});
        assert_eq!(status_of(&alone), Status::Working(told("", "resizing")));
    }

    #[test]
    fn what_is_being_deleted_is_nothing_else() {
        let object =
            json!({"metadata": {"deletionTimestamp": "2026-02-03T04:05:06Z"}, "status": {"phase": "Bound"}});
        assert_eq!(status_of(&object).reason(), "it is being deleted");
    }

    #[test]
    fn a_ready_condition_of_no_known_status_says_nothing() {
        assert_eq!(
            status_of(&with_conditions(json!([{"type": "Ready", "status": "Maybe"}]))),
            Status::Silent
        );
    }
}
