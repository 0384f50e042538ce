//! What can go wrong on the way to the API server and back, on demand.

use super::answers::status;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::response::Response;
use std::time::Duration;

/// One way to fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// An answer with this status code and a `Status` object as its body.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds.
    TooManyRequests(u32),
    /// The answer comes, but late.
    Slow(Duration),
    /// The connection ends in the middle of the answer.
    Cut,
    /// 200 with a body that is not JSON.
    Garbage,
    /// 200 with this body instead of the true one.
    Instead(serde_json::Value),
}

/// A fault that waits for its request.
#[derive(Debug, Clone)]
pub struct Planned {
    /// `GET`, `PATCH`, …; `WATCH` for a watch.
    pub method: String,
    /// A part of path and query.
    pub part: String,
    /// How often it strikes.
    pub times: usize,
    pub fault: Fault,
}

/// Takes the first planned fault that fits the request.
pub fn strike(planned: &mut Vec<Planned>, method: &str, target: &str) -> Option<Fault> {
    let at = planned.iter().position(|plan| plan.method == method && target.contains(&plan.part))?;
    planned[at].times -= 1;
    if planned[at].times == 0 { Some(planned.remove(at).fault) } else { Some(planned[at].fault.clone()) }
}

/// The answer that the fault makes of a request; nothing where the true one is to be given, perhaps late.
pub async fn staged(fault: Option<Fault>) -> Option<Response> {
    match fault? {
        Fault::Status(code) => Some(status(code, "Planned", &format!("planned failure {code}"))),
        Fault::TooManyRequests(seconds) => {
            let mut response = status(429, "TooManyRequests", "planned: slow down");
            response.headers_mut().insert("retry-after", seconds.into());
            Some(response)
        }
        Fault::Garbage => Some(Response::new(Body::from("<html>not an answer</html>"))),
        Fault::Instead(body) => Some(axum::Json(body).into_response()),
        Fault::Cut => {
            let pieces = [Ok("{\"kind\": \"Gi"), Err(std::io::Error::other("cut"))];
            Some(Response::new(Body::from_stream(futures::stream::iter(pieces))))
        }
        Fault::Slow(pause) => {
            tokio::time::sleep(pause).await;
            None
        }
    }
}

/// `GET`, `PATCH`, …; `WATCH` for a watch.
pub fn method_of(request: &Request) -> String {
    let query = query_of(request.uri());
    let is_watch = query.iter().any(|(key, value)| key == "watch" && (value == "true" || value == "1"));
    if is_watch { "WATCH".to_owned() } else { request.method().to_string() }
}

/// The query of an address, decoded.
pub fn query_of(address: &http::Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(address.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
