//! What the stand-in holds, and how it answers.

use axum::body::Body;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine;
use serde_json::json;
use sha2::Digest;
use std::collections::BTreeMap;
use std::time::Duration;

/// The token that is given for a login.
const TOKEN: &str = "t0ken-of-the-stand-in";

/// What the registry does wrong from now on.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Refuses the next requests whose path contains a text.
    Refuse { path: &'static str, status: u16, times: usize },
    /// Asks for a login of this kind: the header `WWW-Authenticate`.
    Challenge(String),
    /// Sends for contents to this base, e.g. `http://127.0.0.1:1`.
    RedirectTo(String),
    /// Contents break off in the middle, so many times.
    Truncate(usize),
    /// Contents are others, of the same length.
    WrongBytes,
    /// Contents have a byte more, without a length beforehand.
    Longer,
    /// A page of tags leads to itself.
    CircularPages,
    /// Everything is a page for people.
    Html,
    /// Everything below `/v2/<repository>` hangs.
    Silent,
    /// Manifests come with another digest in the header.
    WrongDigest,
}

/// Who may do something.
#[derive(Debug, Clone)]
pub enum Login {
    Basic { username: String, password: String },
    Bearer { username: String, password: String },
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub authorization: Option<String>,
    pub agent: String,
}

#[derive(Default)]
pub(super) struct Store {
    pub(super) host: String,
    pub(super) login: Option<Login>,
    pub(super) faults: Vec<Fault>,
    pub(super) requests: Vec<Request>,
    blobs: BTreeMap<String, Bytes>,
    /// By repository and tag or digest: content and type.
    manifests: BTreeMap<(String, String), (Bytes, String)>,
    /// Tags in a page.
    pub(super) page: usize,
    /// How long a request for a manifest takes.
    pub(super) pause: Duration,
    /// Requests for manifests that have not been answered, and the largest number of them that there was.
    pub(super) open: usize,
    pub(super) most_open: usize,
}

fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes)))
}

fn answer(status: u16, headers: &[(&str, String)], body: impl Into<Body>) -> Response {
    let mut building = Response::builder().status(status);
    for (name, value) in headers {
        building = building.header(*name, value);
    }
    building.body(body.into()).unwrap_or_default()
}

fn refused(status: u16, code: &str, message: &str) -> Response {
    let body =
        json!({"errors": [{"code": code, "message": message, "detail": {"from": "stand-in"}}]}).to_string();
    answer(status, &[("content-type", "application/json".to_owned())], body)
}

impl Store {
    /// An empty one, behind this address.
    pub(super) fn at(host: &str) -> Self {
        Self { host: host.to_owned(), page: 1000, ..Self::default() }
    }

    pub(super) fn put_blob(&mut self, bytes: Bytes) -> String {
        let digest = digest_of(&bytes);
        self.blobs.insert(digest.clone(), bytes);
        digest
    }

    pub(super) fn put_manifest(
        &mut self,
        repository: &str,
        reference: &str,
        bytes: Bytes,
        kind: &str,
    ) -> String {
        let digest = digest_of(&bytes);
        for name in [reference, &digest] {
            let key = (repository.to_owned(), name.to_owned());
            self.manifests.insert(key, (bytes.clone(), kind.to_owned()));
        }
        digest
    }

    pub(super) fn manifest(&self, repository: &str, reference: &str) -> Option<Bytes> {
        let found = self.manifests.get(&(repository.to_owned(), reference.to_owned()));
        found.map(|(bytes, _)| bytes.clone())
    }

    pub(super) fn blob(&self, digest: &str) -> Option<Bytes> {
        self.blobs.get(digest).cloned()
    }

    /// Whether a request hangs.
    pub(super) fn is_silent(&self, path: &str) -> bool {
        path != "/v2/" && self.faults.iter().any(|fault| matches!(fault, Fault::Silent))
    }

    pub(super) fn answer(&mut self, head: &Parts, body: Bytes) -> Response {
        let text =
            |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let authorization = text("authorization");
        self.requests.push(Request {
            method: head.method.to_string(),
            path: head.uri.to_string(),
            authorization: authorization.clone(),
            agent: text("user-agent").unwrap_or_default(),
        });
        let path = head.uri.path();
        if let Some(refusal) = self.refusal(path, authorization.as_deref()) {
            return refusal;
        }
        if path == "/v2/" {
            return answer(200, &[], "{}");
        }
        let kind = text("content-type").unwrap_or_default();
        self.answer_in_repository(head, &kind, body)
            .unwrap_or_else(|| refused(404, "UNSUPPORTED", "no such path"))
    }

    fn refusal(&mut self, path: &str, authorization: Option<&str>) -> Option<Response> {
        for fault in &mut self.faults {
            match fault {
                Fault::Refuse { path: part, status, times } if *times > 0 && path.contains(*part) => {
                    *times -= 1;
                    return Some(answer(*status, &[], "an outage"));
                }
                Fault::Challenge(header) => {
                    return Some(answer(401, &[("www-authenticate", header.clone())], ""));
                }
                Fault::Html => {
                    let html = [("content-type", "text/html".to_owned())];
                    return Some(answer(200, &html, "<html>Please log in</html>"));
                }
                _ => {}
            }
        }
        let basic = |username: &str, password: &str| {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
            format!("Basic {pair}")
        };
        match self.login.clone()? {
            Login::Basic { username, password } => (authorization != Some(&basic(&username, &password)))
                .then(|| {
                    let mut refusal = refused(401, "UNAUTHORIZED", "authentication required");
                    let header = "Basic realm=\"stand-in\"".parse();
                    refusal
                        .headers_mut()
                        .extend(header.ok().map(|value| (axum::http::header::WWW_AUTHENTICATE, value)));
                    refusal
                }),
            Login::Bearer { username, password } if path == "/token" => {
                let is_known = authorization == Some(&basic(&username, &password));
                let token = json!({"token": TOKEN, "expires_in": 60}).to_string();
                Some(if is_known {
                    answer(200, &[], token)
                } else {
                    refused(401, "UNAUTHORIZED", "wrong login")
                })
            }
            Login::Bearer { .. } => (authorization != Some(&format!("Bearer {TOKEN}"))).then(|| {
                let header = format!("Bearer realm=\"http://{}/token\",service=\"stand-in\"", self.host);
                answer(401, &[("www-authenticate", header)], "")
            }),
        }
    }

    fn answer_in_repository(&mut self, head: &Parts, kind: &str, body: Bytes) -> Option<Response> {
        let rest = head.uri.path().strip_prefix("/v2/")?.to_owned();
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let method = head.method.as_str();
        if let Some(repository) = rest.strip_suffix("/tags/list") {
            return Some(self.tags(repository, query.get("last").map(String::as_str)));
        }
        if let Some((repository, _)) = rest.split_once("/blobs/uploads/") {
            return Some(match (method, query.get("digest")) {
                ("POST", None) => {
                    answer(202, &[("location", format!("/v2/{repository}/blobs/uploads/one?state=s"))], "")
                }
                ("PUT", Some(digest)) if *digest == digest_of(&body) => {
                    let digest = self.put_blob(body);
                    answer(201, &[("docker-content-digest", digest)], "")
                }
                ("PUT", _) => {
                    refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
                }
                _ => refused(405, "UNSUPPORTED", "not supported"),
            });
        }
        if let Some((_, digest)) = rest.split_once("/blobs/") {
            return Some(self.content(digest));
        }
        let (repository, reference) = rest.split_once("/manifests/")?;
        if method == "PUT" {
            let digest = self.put_manifest(repository, reference, body, kind);
            return Some(answer(201, &[("docker-content-digest", digest)], ""));
        }
        let Some((bytes, kind)) = self.manifests.get(&(repository.to_owned(), reference.to_owned())) else {
            return Some(refused(404, "MANIFEST_UNKNOWN", "manifest unknown"));
        };
        let lies = self.faults.iter().any(|fault| matches!(fault, Fault::WrongDigest));
        let digest = if lies { digest_of(b"another") } else { digest_of(bytes) };
        let headers = [("content-type", kind.clone()), ("docker-content-digest", digest)];
        Some(answer(200, &headers, bytes.clone()))
    }

    fn content(&mut self, digest: &str) -> Response {
        let Some(bytes) = self.blobs.get(digest).cloned() else {
            return refused(404, "BLOB_UNKNOWN", "blob unknown to registry");
        };
        for fault in &mut self.faults {
            match fault {
                Fault::RedirectTo(base) => {
                    return answer(
                        307,
                        &[("location", format!("{base}/storage/{digest}?signature=s3cret"))],
                        "",
                    );
                }
                Fault::Truncate(times) if *times > 0 => {
                    *times -= 1;
                    let half = bytes.slice(..bytes.len() / 2);
                    return answer(200, &[("content-length", bytes.len().to_string())], broken_off(half));
                }
                Fault::WrongBytes => {
                    return answer(200, &[], bytes.iter().rev().copied().collect::<Vec<u8>>());
                }
                Fault::Longer => {
                    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
                    return answer(
                        200,
                        &[],
                        Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(longer)])),
                    );
                }
                _ => {}
            }
        }
        answer(200, &[], bytes)
    }

    fn tags(&self, repository: &str, last: Option<&str>) -> Response {
        let all: Vec<&str> = self
            .manifests
            .keys()
            .filter(|(of, name)| of == repository && !name.contains(':'))
            .map(|(_, name)| name.as_str())
            .collect();
        if all.is_empty() {
            return refused(404, "NAME_UNKNOWN", "repository name not known to registry");
        }
        let after = all.iter().filter(|name| last.is_none_or(|last| **name > last));
        let page: Vec<&str> = after.copied().take(self.page).collect();
        let mut headers = Vec::new();
        let is_circular = self.faults.iter().any(|fault| matches!(fault, Fault::CircularPages));
        if let Some(end) = page.last().filter(|end| is_circular || all.last() != Some(*end)) {
            let from = if is_circular { last.unwrap_or_default() } else { end };
            headers.push(("link", format!("</v2/{repository}/tags/list?last={from}&n=1>; rel=\"next\"")));
        }
        answer(StatusCode::OK.as_u16(), &headers, json!({"name": repository, "tags": page}).to_string())
    }
}

/// A body that ends without being complete.
fn broken_off(bytes: Bytes) -> Body {
    let parts = [Ok(bytes), Err(std::io::Error::other("broken off"))];
    Body::from_stream(futures::stream::iter(parts))
}
