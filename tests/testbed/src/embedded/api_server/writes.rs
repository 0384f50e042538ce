//! Creating, updating, patching and deleting, with dry runs, conflicts and finalizers.

#![expect(clippy::result_large_err, reason = "a refusal is the answer itself, and is passed on at once")]

use super::answers::not_found;
use super::answers::shown;
use super::answers::status;
use super::apply;
use super::call::Call;
use super::server::Shared;
use super::server::lock;
use super::store::Key;
use super::store::Store;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

pub fn answer(shared: &Arc<Shared>, call: &Call, body: &[u8], metadata_only: bool) -> Response {
    let given: Value = match serde_json::from_slice(body) {
        Ok(given) => given,
        Err(_) if body.is_empty() => Value::Null,
        // Server-side apply is sent as YAML by some clients.
        Err(_) => match serde_saphyr::from_slice(body) {
            Ok(given) => given,
            Err(error) => return status(400, "BadRequest", &format!("unreadable body: {error}")),
        },
    };
    let mut store = lock(&shared.store);
    let before = store.version;
    let response = match call.method.as_str() {
        "POST" => create(&mut store, call, given),
        "PUT" => update(&mut store, call, given),
        "PATCH" => patch(&mut store, call, &given),
        "DELETE" => delete(&mut store, call, &given),
        _ => Err(status(405, "MethodNotAllowed", "no such method")),
    };
    if store.version != before {
        shared.changed.send_replace(store.version);
    }
    let written: Vec<(Key, Value)> = store
        .history
        .iter()
        .filter(|c| c.version > before && c.word != "DELETED")
        .map(|c| (c.key.clone(), c.object.clone()))
        .collect();
    drop(store);
    for (key, object) in written {
        react(shared, &key, &object);
    }
    match response {
        Ok((code, object)) => {
            (code, axum::Json(shown(&object, metadata_only && object["kind"] != "Status"))).into_response()
        }
        Err(refused) => refused,
    }
}

pub(super) type Outcome = Result<(StatusCode, Value), Response>;

/// Whether the query says that nothing is to be written.
pub(super) fn is_dry_run(call: &Call) -> bool {
    call.query("dryRun").contains("All")
}

/// Stores the object, or only shows it in a dry run; an object whose last finalizer is gone goes with it.
pub(super) fn store_object(
    store: &mut Store,
    call: &Call,
    key: &Key,
    mut object: Value,
    code: StatusCode,
) -> Outcome {
    object["apiVersion"] = match call.served.group.as_str() {
        "" => json!(call.served.version),
        group => json!(format!("{group}/{}", call.served.version)),
    };
    object["kind"] = json!(call.served.kind);
    if is_dry_run(call) {
        return Ok((code, object));
    }
    let finalizers = object["metadata"]["finalizers"].as_array().map_or(0, Vec::len);
    if object.pointer("/metadata/deletionTimestamp").is_some() && finalizers == 0 {
        store.remove(key);
        return Ok((code, object));
    }
    if store.objects.get(key) == Some(&object) {
        return Ok((code, object));
    }
    Ok((code, store.write(key, object)))
}

fn create(store: &mut Store, call: &Call, mut object: Value) -> Outcome {
    let mut key = call.key();
    key.name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if key.name.is_empty() {
        return Err(status(422, "Invalid", "name or generateName is required"));
    }
    if store.objects.contains_key(&key) {
        return Err(status(
            409,
            "AlreadyExists",
            &format!("{} \"{}\" already exists", call.resource(), key.name),
        ));
    }
    namespace_exists(store, &key)?;
    if call.served.namespaced {
        object["metadata"]["namespace"] = json!(key.namespace);
    }
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    store_object(store, call, &key, object, StatusCode::CREATED)
}

pub(super) fn namespace_exists(store: &Store, key: &Key) -> Result<(), Response> {
    let wanted = Key {
        group: String::new(),
        plural: "namespaces".into(),
        namespace: String::new(),
        name: key.namespace.clone(),
    };
    if key.namespace.is_empty() || store.objects.contains_key(&wanted) {
        return Ok(());
    }
    Err(status(404, "NotFound", &format!("namespaces \"{}\" not found", key.namespace)))
}

fn update(store: &mut Store, call: &Call, mut object: Value) -> Outcome {
    let key = call.key();
    let Some(before) = store.objects.get(&key).cloned() else { return Err(not_found(call)) };
    let version = &object["metadata"]["resourceVersion"];
    if !version.is_null() && *version != before["metadata"]["resourceVersion"] {
        return Err(conflict(call));
    }
    keep_other_half(&mut object, &before, call);
    object["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
    store_object(store, call, &key, object, StatusCode::OK)
}

/// The status is written through its subresource, everything else past it.
pub(super) fn keep_other_half(object: &mut Value, before: &Value, call: &Call) {
    if call.subresource == "status" {
        let status = object["status"].take();
        *object = before.clone();
        object["status"] = status;
    } else if before.get("status").is_some() {
        object["status"] = before["status"].clone();
    } else if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
}

fn conflict(call: &Call) -> Response {
    let message = format!(
        "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest version and try again",
        call.resource(),
        call.name
    );
    status(409, "Conflict", &message)
}

fn patch(store: &mut Store, call: &Call, given: &Value) -> Outcome {
    let key = call.key();
    let before = store.objects.get(&key).cloned();
    if call.content_type.contains("apply-patch") {
        return apply::apply(store, call, &key, before, given);
    }
    let Some(before) = before else { return Err(not_found(call)) };
    let mut object = before.clone();
    if call.content_type.contains("json-patch") {
        let Ok(operations) = serde_json::from_value::<json_patch::Patch>(given.clone()) else {
            return Err(status(400, "BadRequest", "not a JSON patch"));
        };
        if let Err(error) = json_patch::patch(&mut object, &operations) {
            return Err(status(422, "Invalid", &error.to_string()));
        }
    } else {
        json_patch::merge(&mut object, given);
        let version = &given["metadata"]["resourceVersion"];
        if !version.is_null() && *version != before["metadata"]["resourceVersion"] {
            return Err(conflict(call));
        }
    }
    keep_other_half(&mut object, &before, call);
    store_object(store, call, &key, object, StatusCode::OK)
}

fn delete(store: &mut Store, call: &Call, options: &Value) -> Outcome {
    let key = call.key();
    let Some(object) = store.objects.get(&key).cloned() else { return Err(not_found(call)) };
    let dry_run = is_dry_run(call) || options["dryRun"].as_array().is_some_and(|all| !all.is_empty());
    if dry_run {
        return Ok((StatusCode::OK, object));
    }
    if object["metadata"]["finalizers"].as_array().is_some_and(|all| !all.is_empty()) {
        let mut leaving = object;
        leaving["metadata"]["deletionTimestamp"] = json!(store.clock.now("2026-01-02T03:04:06Z"));
        return Ok((StatusCode::OK, store.write(&key, leaving)));
    }
    store.remove(&key);
    Ok((
        StatusCode::OK,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": {"name": key.name, "kind": key.plural}}),
    ))
}

/// Lets the controllers do their part, each after its pause.
fn react(shared: &Arc<Shared>, key: &Key, object: &Value) {
    for reaction in lock(&shared.reactions).iter() {
        let Some((pause, next)) = reaction(object) else { continue };
        let (shared, key) = (shared.clone(), key.clone());
        let write = move || {
            let mut store = lock(&shared.store);
            let Some(current) = store.objects.get(&key).cloned() else { return };
            // Only the status is the controller's; what people wrote meanwhile stays.
            let mut written = current;
            written["status"] = next["status"].clone();
            store.write(&key, written);
            shared.changed.send_replace(store.version);
        };
        if pause.is_zero() {
            write();
        } else {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                write();
            });
        }
    }
}
