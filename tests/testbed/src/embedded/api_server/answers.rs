//! The way of a request to its answer, and what is read.

use super::call::Call;
use super::call::parse;
use super::discovery;
use super::faults::method_of;
use super::faults::query_of;
use super::faults::staged;
use super::faults::strike;
use super::pod_logs;
use super::server::Shared;
use super::server::lock;
use super::store::Store;
use super::watches;
use super::writes;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A `Status` object as an answer.
pub fn status(code: u16, reason: &str, message: &str) -> Response {
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code});
    (StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), axum::Json(body))
        .into_response()
}

fn header(request: &Request, name: &str) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// Answers one request, or fails as planned.
pub async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request.uri().to_string();
    let query = query_of(request.uri());
    let method = method_of(&request);
    let number = {
        let mut requests = lock(&shared.requests);
        requests.push(format!("{method} {target}"));
        requests.len()
    };
    if number > shared.answers.load(Ordering::SeqCst) {
        return std::future::pending().await;
    }
    let fault = strike(&mut lock(&shared.faults), &method, &target);
    if let Some(answer) = staged(fault).await {
        return answer;
    }
    let path = request.uri().path().to_owned();
    let served = lock(&shared.store).served();
    let (content_type, accept) = (header(&request, "content-type"), header(&request, "accept"));
    if let Some(found) = discovery::answer(&served, &path, &accept) {
        return axum::Json(found).into_response();
    }
    let Some(call) = parse(&served, &path, method, query, content_type) else {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    };
    let metadata_only =
        accept.split(',').next().is_some_and(|first| first.contains("as=PartialObjectMetadata"));
    if call.method == "WATCH" {
        return watches::stream(shared, call);
    }
    if call.method == "GET" && call.subresource == "log" {
        return pod_logs::answer(&shared, call);
    }
    if call.method == "GET" {
        let store = lock(&shared.store);
        return read(&store, &call, metadata_only);
    }
    let Ok(body) = axum::body::to_bytes(request.into_body(), 16 << 20).await else {
        return status(400, "BadRequest", "the body was cut");
    };
    writes::answer(&shared, &call, &body, metadata_only)
}

/// The metadata alone, where only that was asked for.
pub fn shown(object: &Value, metadata_only: bool) -> Value {
    if !metadata_only {
        return object.clone();
    }
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]})
}

/// An element of a list. Of built-in kinds a real API server leaves out what the list says already.
fn listed(call: &Call, mut object: Value) -> Value {
    if call.served.is_built_in
        && let Some(fields) = object.as_object_mut()
    {
        fields.retain(|field, _| !["apiVersion", "kind"].contains(&field.as_str()));
    }
    object
}

fn read(store: &Store, call: &Call, metadata_only: bool) -> Response {
    if !call.name.is_empty() {
        return match store.objects.get(&call.key()) {
            Some(object) => axum::Json(shown(object, metadata_only)).into_response(),
            None => not_found(call),
        };
    }
    let items: Vec<Value> = store
        .objects
        .iter()
        .filter(|(key, object)| call.selects(key, object))
        .map(|(_, object)| listed(call, shown(object, metadata_only)))
        .collect();
    let api_version = if call.served.group.is_empty() {
        "v1".to_owned()
    } else {
        format!("{}/{}", call.served.group, call.served.version)
    };
    axum::Json(json!({
        "kind": format!("{}List", call.served.kind), "apiVersion": api_version,
        "metadata": {"resourceVersion": store.version.to_string()}, "items": items,
    }))
    .into_response()
}

/// `<resource> "<name>" not found`.
pub fn not_found(call: &Call) -> Response {
    status(404, "NotFound", &format!("{} \"{}\" not found", call.resource(), call.name))
}
