//! A way to an API server on which requests fail as planned: what a stand-in does by itself, for a real one.

use super::faults::Fault;
use super::faults::Planned;
use super::faults::method_of;
use super::faults::staged;
use super::faults::strike;
use super::server::lock;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;

/// The way; it ends with the runtime that it was opened in.
pub struct FaultyWay {
    shared: Arc<Shared>,
    port: u16,
}

struct Shared {
    client: kube::Client,
    faults: Mutex<Vec<Planned>>,
    requests: Mutex<Vec<String>>,
}

impl FaultyWay {
    /// Forwards requests to where the client leads, with the client's credentials.
    ///
    /// # Errors
    /// No port on loopback.
    pub async fn open(client: kube::Client) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared { client, faults: Mutex::default(), requests: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let app = axum::Router::new().fallback(pass).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { shared, port })
    }

    /// As [`super::ApiServer::fail`].
    pub fn fail(&self, method: &str, part: &str, times: usize, fault: Fault) {
        let planned = Planned { method: method.to_owned(), part: part.to_owned(), times, fault };
        lock(&self.shared.faults).push(planned);
    }

    /// Plans no fault any more.
    pub fn forgive(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Every request so far: method, path and query.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }

    /// A kubeconfig that leads here.
    pub fn kubeconfig(&self) -> String {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "here", "cluster": {"server": format!("http://127.0.0.1:{}", self.port)}}],
            "users": [{"name": "tester", "user": {}}],
            "contexts": [{"name": "test", "context": {"cluster": "here", "user": "tester"}}],
        })
        .to_string()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (method, target) = (method_of(&request), request.uri().to_string());
    lock(&shared.requests).push(format!("{method} {target}"));
    let fault = strike(&mut lock(&shared.faults), &method, &target);
    if let Some(answer) = staged(fault).await {
        return answer;
    }
    let (mut head, body) = request.into_parts();
    head.headers.remove("host");
    let Ok(body) = axum::body::to_bytes(body, 16 << 20).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match shared.client.send(http::Request::from_parts(head, body.into())).await {
        Ok(answer) => answer.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
