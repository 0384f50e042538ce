//! The mark by which a controller has a say before its object goes.

use super::surroundings::Surroundings;
use serde_json::Value;
use serde_json::json;

const FINALIZER: &str = "finalizers.fluxcd.io";

fn others(object: &Value) -> Vec<Value> {
    let all = object.pointer("/metadata/finalizers").and_then(Value::as_array).cloned().unwrap_or_default();
    all.into_iter().filter(|name| name != FINALIZER).collect()
}

fn has(object: &Value) -> bool {
    object
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|name| name == FINALIZER))
}

/// Whether the object is about to go.
pub fn is_leaving(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

/// Puts it there, unless it is.
pub async fn add(around: &Surroundings, object: &mut Value) -> anyhow::Result<()> {
    if has(object) {
        return Ok(());
    }
    let mut all = others(object);
    all.push(FINALIZER.into());
    around.merge(object, &json!({"metadata": {"finalizers": all}})).await?;
    object["metadata"]["finalizers"] = all.into();
    Ok(())
}

/// Takes it from there, so that the object can go.
pub async fn remove(around: &Surroundings, object: &Value) -> anyhow::Result<()> {
    if !has(object) {
        return Ok(());
    }
    around.merge(object, &json!({"metadata": {"finalizers": others(object)}})).await
}
