//! Bringing one object into the cluster as `create` does: its labels and spec are replaced as a whole, then it is waited for.

use crate::api::Kind;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Status;
use crate::text::WithHint;
use crate::text::find_cause;
use kube::Api;
use kube::api::PostParams;
use kube::core::DynamicObject;
use serde_json::Value;
use std::ops::ControlFlow;
use std::time::Duration;

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    Created,
    Updated,
}

/// The objects of a kind in a namespace.
pub fn api_of(client: &kube::Client, kind: &Kind, namespace: &str) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &kind.api_resource())
}

/// A value without the fields that are `null`, at every level.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Creates the object, or replaces labels and spec of the present one; annotations and finalizers are kept.
///
/// # Errors
/// What the API server answers; the deadline.
pub async fn upsert(
    client: &kube::Client,
    kind: &Kind,
    object: &Value,
    deadline: Deadline,
) -> anyhow::Result<Upserted> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
    let api = api_of(client, kind, namespace);
    let doing = format!("applying {} \"{namespace}/{name}\"", kind.kind);
    let refused = |error: kube::Error| cluster::explain(error, &doing);
    let work = async {
        let Some(mut present) = api.get_opt(name).await.map_err(refused)? else {
            let wanted: DynamicObject = serde_json::from_value(object.clone())?;
            api.create(&PostParams::default(), &wanted).await.map_err(refused)?;
            return Ok(Upserted::Created);
        };
        present.metadata.labels = object
            .pointer("/metadata/labels")
            .map(|labels| serde_json::from_value(labels.clone()))
            .transpose()?;
        present.metadata.managed_fields = None;
        present.data["spec"] = object["spec"].clone();
        api.replace(name, &PostParams::default(), &present).await.map_err(refused)?;
        Ok(Upserted::Updated)
    };
    deadline.bound(&doing, work).await
}

/// Waits until the controller has seen the present spec and calls it ready; gives the object as it then is.
///
/// # Errors
/// An object that stalls or is deleted; the deadline, with the last message of its Ready condition.
pub async fn wait_until_ready(
    api: Api<DynamicObject>,
    kind: &str,
    name: &str,
    deadline: Deadline,
    poll: Duration,
) -> anyhow::Result<Value> {
    let what = format!("{kind} \"{name}\"");
    let mut was_there = false;
    let outcome = cluster::until(&api, name, &what, deadline, poll, |seen| {
        let Some(object) = seen else {
            anyhow::ensure!(!was_there, "{what} was deleted");
            return Ok(ControlFlow::Continue("it does not exist".to_owned()));
        };
        was_there = true;
        if !is_observed(object) {
            return Ok(ControlFlow::Continue("its controller has not looked at it yet".to_owned()));
        }
        match cluster::status_of(object) {
            Status::Current => Ok(ControlFlow::Break(object.clone())),
            Status::InProgress(reason) => Ok(ControlFlow::Continue(reason)),
            Status::Failed(reason) => Err(anyhow::anyhow!("{what} failed: {reason}")),
            Status::Terminating => Err(anyhow::anyhow!("{what} is being deleted")),
        }
    })
    .await;
    match outcome {
        Err(error) if find_cause::<cluster::TimedOut>(&error).is_some() => Err(error).hint(format!(
            "are the controllers running? `check` tells; a higher --timeout waits longer for {what}"
        )),
        outcome => outcome,
    }
}

/// Whether there is a Ready condition, and it speaks of the present generation.
fn is_observed(object: &Value) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    let generation = number(object.pointer("/metadata/generation"));
    let observed = number(object.pointer("/status/observedGeneration"));
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let ready = conditions.and_then(|list| list.iter().find(|condition| condition["type"] == "Ready"));
    let Some(ready) = ready else { return false };
    let spoken_of = number(ready.get("observedGeneration")).or(observed);
    observed.is_some_and(|observed| observed >= 1) && spoken_of == generation
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_fields_disappear_at_every_level() {
        let value = json!({"a": null, "b": {"c": null, "d": 1}, "e": [{"f": null}]});
        assert_eq!(without_nulls(value), json!({"b": {"d": 1}, "e": [{}]}));
    }

    #[test]
    fn an_object_is_observed_when_its_condition_speaks_of_the_present_generation() {
        let object = |observed: i64, own: Option<i64>| {
            let mut ready = json!({"type": "Ready", "status": "True"});
            if let Some(own) = own {
                ready["observedGeneration"] = json!(own);
            }
            json!({"metadata": {"generation": 2}, "status": {"observedGeneration": observed, "conditions": [ready]}})
        };
        assert!(is_observed(&object(2, None)) && is_observed(&object(1, Some(2))));
        assert!(!is_observed(&object(1, None)) && !is_observed(&object(2, Some(1))));
        assert!(!is_observed(&json!({"metadata": {"generation": 1}, "status": {"observedGeneration": -1}})));
    }
}
