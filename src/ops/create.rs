//! Bringing one object into the cluster as `create` does: its labels and spec are replaced as a whole.

use crate::api::Kind;
use crate::api::object;
use crate::cluster;
use crate::cluster::Deadline;
use crate::ops::Session;
use kube::Api;
use kube::api::PostParams;
use kube::core::DynamicObject;
use serde_json::Value;

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upserted {
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
async fn upsert(
    client: &kube::Client,
    kind: &Kind,
    object: &Value,
    deadline: Deadline,
) -> anyhow::Result<Upserted> {
    let (name, namespace) = (object::name(object), object::namespace(object));
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

/// Brings an object into the cluster and waits until it is ready, as every `create` reports it. `title` is what it is called, e.g.
/// `GitRepository source`, and `done` is what is reported at the end. Returns the object as it then is.
///
/// # Errors
/// What the API server answers; an object that does not become ready in time.
pub async fn apply(
    session: &Session<'_>,
    kind: &Kind,
    object: &Value,
    title: &str,
    done: &str,
) -> anyhow::Result<Value> {
    let Session { client, sink, namespace, deadline, .. } = session;
    let name = object::name(object);
    sink.action(format!("applying {title}"));
    let upserted = match upsert(client, kind, object, *deadline).await? {
        Upserted::Created => "created",
        Upserted::Updated => "updated",
    };
    sink.success(format!("{title} {upserted}"));
    sink.waiting(format!("waiting for {title} reconciliation"));
    let ready = {
        let _busy = sink.busy(&format!("{} {name}", kind.kind));
        session.waiting().until_ready(kind, namespace, name).await?
    };
    sink.success(done);
    Ok(ready)
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
}
