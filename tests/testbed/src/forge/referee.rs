//! Judges both sides of the forge's REST API by GitHub's own OpenAPI description: what a client asks, and what the forge answers.
//!
//! The description and the validating proxy, prism, come from npm; they are kept per user. It judges shapes only: tokens, scopes and Git are not
//! in the description.

use super::state::Shared;
use crate::build;
use crate::places;
use crate::ports;
use anyhow::Context;
use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use serde_json::Value;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

/// Something that GitHub's description does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Method and path, e.g. `POST /user/repos`.
    pub call: String,
    /// Where, e.g. `request.body.name`; it begins with `request` or `response`.
    pub place: String,
    pub message: String,
}

/// A running prism in front of the forge's plain HTTP port; it ends when this value does.
pub struct Referee {
    prism: Child,
    port: u16,
    client: reqwest::Client,
    judged: AtomicUsize,
    seen: Mutex<Vec<Violation>>,
}

impl Referee {
    /// Starts prism in front of the API at `upstream`, e.g. `http://127.0.0.1:8080/api/v3`.
    /// `folder` takes its log.
    ///
    /// # Errors
    /// The referee is not installed, node is missing, or prism does not start within a minute.
    pub fn start(upstream: &str, folder: &Path) -> anyhow::Result<Self> {
        places::require(&[("setpriv", "ends the referee with the tests; package util-linux")])?;
        let installed = build::npm::installed()?;
        let port = ports::free_port()?;
        let log = std::fs::File::create(folder.join("referee.log"))?;
        // The client comes first, so that nothing is left running when it cannot be had.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build()?;
        let prism = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "node"])
            .arg(installed.prism)
            .args(["proxy", "--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(installed.description)
            .arg(upstream)
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting prism")?;
        let mut referee = Self { prism, port, client, judged: AtomicUsize::new(0), seen: Mutex::default() };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = referee.prism.try_wait()?;
            anyhow::ensure!(
                ended.is_none() && begun.elapsed() < Duration::from_secs(60),
                "prism did not start, see referee.log in {}",
                folder.display()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(referee)
    }

    /// What was not allowed so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many exchanges were looked at so far.
    pub fn judged(&self) -> usize {
        self.judged.load(Ordering::SeqCst)
    }

    fn note(&self, found: Vec<Violation>) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }

    /// Passes a request of the API on through prism and notes what prism found.
    async fn pass(&self, request: Request) -> anyhow::Result<Response> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        let mut headers = head.headers.clone();
        for name in ["host", "connection", "content-length", "transfer-encoding"] {
            headers.remove(name);
        }
        let answer = self
            .client
            .request(head.method.clone(), format!("http://127.0.0.1:{}{path}", self.port))
            .headers(headers)
            .body(to_bytes(body, 16 << 20).await?)
            .send()
            .await?;
        self.judged.fetch_add(1, Ordering::SeqCst);
        let call = format!("{} {path}", head.method);
        let found =
            answer.headers().get("sl-violations").map(|value| String::from_utf8_lossy(value.as_bytes()));
        if let Some(found) = found {
            self.note(read(&call, &found));
        }
        // Prism answers by itself where the description has no such call.
        if answer
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem"))
        {
            self.note(vec![Violation {
                call,
                place: "request".to_owned(),
                message: "no such call".to_owned(),
            }]);
        }
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            if !["connection", "content-length", "transfer-encoding", "sl-violations"]
                .contains(&name.as_str())
            {
                response = response.header(name, value);
            }
        }
        Ok(response.body(Body::from(answer.bytes().await?))?)
    }
}

impl Drop for Referee {
    fn drop(&mut self) {
        let _ = self.prism.kill();
        let _ = self.prism.wait();
    }
}

/// Answers a request that came over HTTPS: the API through the referee if there is one, everything else directly.
pub async fn answer(shared: std::sync::Arc<Shared>, request: Request) -> Response {
    let referee = shared.referee.get().filter(|_| request.uri().path().starts_with("/api/v3/"));
    let Some(referee) = referee else {
        return super::serve::answer(std::sync::Arc::clone(&shared), request).await;
    };
    let call = format!("{} {}", request.method(), request.uri().path());
    referee.pass(request).await.unwrap_or_else(|error| {
        // Nothing may pass unjudged.
        referee.note(vec![Violation { call, place: "unknown".to_owned(), message: format!("{error:#}") }]);
        let mut response = Response::new(Body::from(format!("the referee failed: {error:#}\n")));
        *response.status_mut() = axum::http::StatusCode::BAD_GATEWAY;
        response
    })
}

/// What prism wrote into its header. It cuts a long list off in the middle; what is whole is read.
fn read(call: &str, header: &str) -> Vec<Violation> {
    let list = header.trim_start_matches("Too many violations!").trim_start();
    let mut found = Vec::new();
    let mut rest = list.strip_prefix('[').unwrap_or(list);
    loop {
        let mut items = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item)) = items.next() else { break };
        let place: Vec<String> = item["location"].as_array().into_iter().flatten().map(plain).collect();
        found.push(Violation {
            call: call.to_owned(),
            place: place.join("."),
            message: plain(&item["message"]),
        });
        rest = rest[items.byte_offset()..].trim_start_matches(',');
    }
    if found.is_empty() {
        found.push(Violation {
            call: call.to_owned(),
            place: "unknown".to_owned(),
            message: header.to_owned(),
        });
    }
    found
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
