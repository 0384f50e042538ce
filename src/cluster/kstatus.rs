//! Readiness as kstatus reduces it: one word from generation, conditions and, for workloads, replica counts.

use serde_json::Value;

/// Where an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Current,
    /// On its way; why, in the object's own words.
    InProgress(String),
    /// It will not get there by itself.
    Failed(String),
    /// It is being deleted.
    Terminating,
}

/// The status of an object of any kind.
pub fn status_of(object: &Value) -> Status {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Status::Terminating;
    }
    if let Some((generation, observed)) = unobserved(object) {
        return Status::InProgress(format!(
            "generation is {generation}, but latest observed generation is {observed}"
        ));
    }
    match object["kind"].as_str() {
        Some("Deployment") => deployment(object),
        Some("CustomResourceDefinition") => definition(object),
        _ => generic(object),
    }
}

/// Whether what the object says about itself is about an older generation.
pub fn is_unobserved(object: &Value) -> bool {
    unobserved(object).is_some()
}

/// The generation, and another one that was observed last.
fn unobserved(object: &Value) -> Option<(i64, i64)> {
    let generation = object.pointer("/metadata/generation")?.as_i64()?;
    let observed = object.pointer("/status/observedGeneration")?.as_i64()?;
    (generation != observed).then_some((generation, observed))
}

/// Status and message of a condition.
fn condition<'a>(object: &'a Value, name: &str) -> Option<(&'a str, String)> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|condition| condition["type"] == name)?;
    Some((found["status"].as_str()?, found["message"].as_str().unwrap_or_default().to_owned()))
}

fn generic(object: &Value) -> Status {
    if let Some(("True", message)) = condition(object, "Reconciling") {
        return Status::InProgress(message);
    }
    if let Some(("True", message)) = condition(object, "Stalled") {
        return Status::Failed(message);
    }
    match condition(object, "Ready") {
        Some(("True", _)) | None => Status::Current,
        Some((_, message)) => Status::InProgress(message),
    }
}

fn definition(object: &Value) -> Status {
    if let Some(("False", message)) = condition(object, "NamesAccepted") {
        return Status::Failed(message);
    }
    match condition(object, "Established") {
        Some(("True", _)) => Status::Current,
        _ => Status::InProgress("waiting for the definition to be established".to_owned()),
    }
}

fn deployment(object: &Value) -> Status {
    let count = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    if object.pointer("/status/observedGeneration").is_none() {
        return Status::InProgress("waiting for the Deployment to be observed".to_owned());
    }
    let conditions =
        object.pointer("/status/conditions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if conditions
        .iter()
        .any(|found| found["type"] == "Progressing" && found["reason"] == "ProgressDeadlineExceeded")
    {
        return Status::Failed("the progress deadline was exceeded".to_owned());
    }
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (total, updated) = (count("/status/replicas"), count("/status/updatedReplicas"));
    let (available, ready) = (count("/status/availableReplicas"), count("/status/readyReplicas"));
    let progress = |what: &str, have: i64, want: i64| Status::InProgress(format!("{what}: {have}/{want}"));
    if wanted > total {
        return progress("replicas", total, wanted);
    }
    if wanted > updated {
        return progress("updated", updated, wanted);
    }
    if total > wanted {
        return Status::InProgress(format!("pending termination: {}", total - wanted));
    }
    if updated > available {
        return progress("available", available, updated);
    }
    if wanted > ready {
        return progress("ready", ready, wanted);
    }
    match condition(object, "Available") {
        Some(("True", _)) => Status::Current,
        _ => Status::InProgress("the Deployment is not available".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_conditions(conditions: Value) -> Value {
        json!({"kind": "GitRepository", "metadata": {"generation": 2}, "status": {"observedGeneration": 2, "conditions": conditions}})
    }

    #[test]
    fn an_object_that_was_not_observed_yet_is_in_progress() {
        let object = json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}});
        assert!(matches!(status_of(&object), Status::InProgress(_)));
    }

    #[test]
    fn stalled_is_failed_and_not_ready_is_in_progress() {
        let stalled = with_conditions(
            json!([{"type": "Stalled", "status": "True", "message": "no"}, {"type": "Ready", "status": "False"}]),
        );
        assert_eq!(status_of(&stalled), Status::Failed("no".into()));
        let waiting = with_conditions(json!([{"type": "Ready", "status": "False", "message": "soon"}]));
        assert_eq!(status_of(&waiting), Status::InProgress("soon".into()));
        assert_eq!(
            status_of(&with_conditions(json!([{"type": "Ready", "status": "True"}]))),
            Status::Current
        );
        assert_eq!(status_of(&with_conditions(json!([]))), Status::Current);
    }

    #[test]
    fn a_deployment_is_current_when_all_replicas_are_available() {
        let mut deployment = json!({"kind": "Deployment", "spec": {"replicas": 1}, "metadata": {"generation": 1}, "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1,
            "conditions": [{"type": "Available", "status": "True"}]}});
        assert_eq!(status_of(&deployment), Status::Current);
        deployment["status"]["availableReplicas"] = json!(0);
        assert_eq!(status_of(&deployment), Status::InProgress("available: 0/1".into()));
    }
}
