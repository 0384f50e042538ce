//! How far an object is, by what it says about itself: the one reading of generation, conditions and, for workloads, replica counts.
//!
//! It is that of kstatus with two additions. A condition that was observed in the present generation counts even where
//! `status.observedGeneration` is behind: source-controller leaves that at -1 until a fetch succeeds. And an attempt that failed is told
//! from one that is under way.

use crate::api::object::condition;
use crate::text::first_line;
use serde_json::Value;
use std::fmt;

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Current,
    /// It has no conditions: its kind has none, or nothing has looked at it yet.
    Silent,
    /// What it says is about an older generation; in words.
    Unobserved(String),
    /// On its way.
    Working(Told),
    /// The last attempt failed; there will be another one.
    Failing(Told),
    /// It will not get there by itself.
    Stalled(Told),
    /// It is being deleted.
    Terminating,
}

/// What a condition says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// One CamelCase word; may be empty.
    pub reason: String,
    pub message: String,
}

/// `Reason: message`, in one line.
impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = first_line(&self.message);
        let parts = [self.reason.as_str(), message.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        out.write_str(&parts.join(": "))
    }
}

impl Status {
    /// Why the object is not ready.
    pub fn reason(&self) -> String {
        match self {
            Self::Current => String::new(),
            Self::Silent => NOT_RECONCILED.to_owned(),
            Self::Unobserved(reason) => reason.clone(),
            Self::Working(told) | Self::Failing(told) | Self::Stalled(told) => told.to_string(),
            Self::Terminating => "it is being deleted".to_owned(),
        }
    }
}

const NOT_RECONCILED: &str = "it was not reconciled yet";
/// The reason of `Reconciling` after an attempt that failed. (Flux's `meta.ProgressingWithRetryReason`.)
const RETRYING: &str = "ProgressingWithRetry";

/// The status of an object of any kind.
pub fn status_of(object: &Value) -> Status {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Status::Terminating;
    }
    match object["kind"].as_str() {
        Some("Deployment") => unobserved(object, None).unwrap_or_else(|| deployment(object)),
        Some("CustomResourceDefinition") => definition(object),
        _ => by_conditions(object),
    }
}

/// Whether a condition, or the status as a whole, is about another generation than the present one.
fn unobserved(object: &Value, condition: Option<&Value>) -> Option<Status> {
    let generation = object.pointer("/metadata/generation")?.as_i64()?;
    let own = condition.and_then(|condition| condition["observedGeneration"].as_i64());
    let observed = own.or_else(|| object.pointer("/status/observedGeneration")?.as_i64())?;
    (generation != observed).then(|| {
        Status::Unobserved(match observed {
            ..1 => NOT_RECONCILED.to_owned(),
            _ => {
                // What was found then is often still what is wrong.
                let failed = self::condition(object, "Ready").filter(|ready| ready["status"] != "True");
                let then = failed.map(|ready| format!(" ({})", told(ready))).unwrap_or_default();
                format!("generation is {generation}, but latest observed generation is {observed}{then}")
            }
        })
    })
}

fn told(condition: &Value) -> Told {
    let text = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
    Told { reason: text("reason"), message: text("message") }
}

fn by_conditions(object: &Value) -> Status {
    let when_true = |name: &str| condition(object, name).filter(|found| found["status"] == "True");
    let (ready, reconciling) = (condition(object, "Ready"), when_true("Reconciling"));
    if let Some(other) = unobserved(object, ready) {
        return other;
    }
    let is_at_work = reconciling.is_some_and(|found| found["reason"] != RETRYING);
    if let Some(stalled) = when_true("Stalled").filter(|_| reconciling.is_none()) {
        return Status::Stalled(told(stalled));
    }
    match (ready, reconciling) {
        (None, None) => Status::Silent,
        (None, Some(reconciling)) => Status::Working(told(reconciling)),
        (Some(ready), reconciling) => match (ready["status"].as_str(), reconciling) {
            // Controllers write conditions before the rest of the status: a result is there when all of it was observed.
            (Some("True"), None) => unobserved(object, None).unwrap_or(Status::Current),
            (Some("True"), Some(reconciling)) => Status::Working(told(reconciling)),
            (Some("False"), _) if !is_at_work => Status::Failing(told(ready)),
            _ => Status::Working(told(ready)),
        },
    }
}

fn working(message: impl Into<String>) -> Status {
    Status::Working(Told { message: message.into(), ..Told::default() })
}

fn definition(object: &Value) -> Status {
    let is = |name: &str, status: &str| condition(object, name).filter(|found| found["status"] == status);
    if let Some(refused) = is("NamesAccepted", "False") {
        return Status::Stalled(told(refused));
    }
    match is("Established", "True") {
        Some(_) => Status::Current,
        None => working("waiting for the definition to be established"),
    }
}

fn deployment(object: &Value) -> Status {
    let count = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    if object.pointer("/status/observedGeneration").is_none() {
        return working("waiting for the Deployment to be observed");
    }
    let progressing = condition(object, "Progressing");
    if progressing.is_some_and(|found| found["reason"] == "ProgressDeadlineExceeded") {
        return Status::Stalled(Told {
            message: "the progress deadline was exceeded".to_owned(),
            ..Told::default()
        });
    }
    if let Some(failure) = condition(object, "ReplicaFailure").filter(|found| found["status"] == "True") {
        return Status::Failing(told(failure));
    }
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (total, updated) = (count("/status/replicas"), count("/status/updatedReplicas"));
    let (available, ready) = (count("/status/availableReplicas"), count("/status/readyReplicas"));
    let progress = |what: &str, have: i64, want: i64| working(format!("{what}: {have}/{want}"));
    if wanted > total {
        return progress("replicas", total, wanted);
    }
    if wanted > updated {
        return progress("updated", updated, wanted);
    }
    if total > wanted {
        return working(format!("pending termination: {}", total - wanted));
    }
    if updated > available {
        return progress("available", available, updated);
    }
    if wanted > ready {
        return progress("ready", ready, wanted);
    }
    match condition(object, "Available") {
        Some(available) if available["status"] == "True" => Status::Current,
        _ => working("the Deployment is not available"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_conditions(conditions: Value) -> Value {
        json!({"kind": "GitRepository", "metadata": {"generation": 2}, "status": {"observedGeneration": 2, "conditions": conditions}})
    }

    fn told(reason: &str, message: &str) -> Told {
        Told { reason: reason.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn an_object_that_was_not_observed_yet_is_said_to_be() {
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
    fn a_deployment_is_current_when_all_replicas_are_available() {
        let mut deployment = json!({"kind": "Deployment", "spec": {"replicas": 1}, "metadata": {"generation": 1}, "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1,
            "conditions": [{"type": "Available", "status": "True"}]}});
        assert_eq!(status_of(&deployment), Status::Current);
        deployment["status"]["availableReplicas"] = json!(0);
        assert_eq!(status_of(&deployment).reason(), "available: 0/1");
        let failure =
            json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"});
        deployment["status"]["conditions"][0] = failure;
        assert_eq!(status_of(&deployment), Status::Failing(told("FailedCreate", "quota")));
    }
}
