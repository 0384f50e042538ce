//! What every forge shares: requests that go wrong on purpose, Git over HTTP, and the way to the API that a path belongs to.

use super::answers::respond;
use super::bitbucket;
use super::git_http;
use super::gitea;
use super::github;
use super::github_requests;
use super::gitlab;
use super::state::Action;
use super::state::Exchange;
use super::state::Logged;
use super::state::Right;
use super::state::Shared;
use axum::body::Body;
use axum::body::Bytes;
use axum::body::HttpBody;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A request of a REST API.
pub struct Call<'a> {
    pub shared: &'a Shared,
    pub token: String,
    pub method: &'a str,
    /// The path below the API's own, cut at its slashes and decoded.
    pub segments: Vec<String>,
    pub query: BTreeMap<String, String>,
    pub body: &'a Value,
}

impl Call<'_> {
    /// Method and path, to be matched.
    pub fn parts(&self) -> (&str, Vec<&str>) {
        (self.method, self.segments.iter().map(String::as_str).collect())
    }

    /// A text of the body.
    pub fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// A number of the query.
    pub fn number(&self, name: &str, otherwise: usize) -> usize {
        self.query.get(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }
}

fn segments(path: &str) -> Vec<String> {
    // What comes before `=` of a form is decoded alike, but for the plus sign.
    let decode = |part: &str| pairs(&part.replace('+', "%2B")).into_keys().next().unwrap_or_default();
    path.trim_matches('/').split('/').map(decode).collect()
}

fn pairs(query: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Answers every request that reaches the forge.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let method = head.method.as_str().to_owned();
    let path = head.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let body = to_bytes(body, 256 << 20).await.unwrap_or_default();
    let fault = shared.lock().fault_for(&method, &path);
    let response = match fault {
        Some(Action::Answer(status, headers, text)) => {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            respond(status, &headers, text.to_owned())
        }
        Some(Action::Refuse(refusal)) => refusal.answer("repo, admin:org"),
        Some(Action::Delay(pause)) => {
            tokio::time::sleep(pause).await;
            route(&shared, &head, body).await
        }
        Some(Action::Call(action)) => {
            let _ = tokio::task::spawn_blocking(move || action()).await;
            route(&shared, &head, body).await
        }
        Some(Action::CutOff) => cut_off(route(&shared, &head, body).await).await,
        Some(Action::Silence) => {
            // What was asked for has been done; only the answer never comes.
            drop(route(&shared, &head, body).await);
            let gone = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("closed")) });
            Response::new(Body::from_stream(gone))
        }
        None => route(&shared, &head, body).await,
    };
    let (status, bytes) = (response.status().as_u16(), response.body().size_hint().exact().unwrap_or(0));
    shared.lock().log.push(Logged { method, path, status, bytes });
    response
}

/// The first half of an answer, after which the connection ends.
async fn cut_off(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, 256 << 20).await.unwrap_or_default();
    head.headers.insert("content-length", body.len().into());
    let half: Vec<Result<Bytes, std::io::Error>> =
        vec![Ok(body.slice(..body.len() / 2)), Err(std::io::Error::other("closed"))];
    Response::from_parts(head, Body::from_stream(futures::stream::iter(half)))
}

/// The API of one forge.
type Api = fn(&Call<'_>) -> Response;

async fn route(shared: &Shared, head: &Parts, body: Bytes) -> Response {
    let path = head.uri.path();
    let apis: [(&str, Api); 5] = [
        ("/api/graphql", github_requests::graph),
        ("/api/v3", github::api),
        ("/api/v4", gitlab::api),
        ("/api/v1", gitea::api),
        ("/rest", bitbucket::api),
    ];
    if let Some((api_path, api)) =
        apis.iter().find_map(|(prefix, api)| Some((path.strip_prefix(prefix)?, api)))
    {
        let asked = read(&body);
        let call = Call {
            shared,
            token: token_of(&head.headers),
            method: head.method.as_str(),
            segments: segments(api_path),
            query: pairs(head.uri.query().unwrap_or_default()),
            body: &asked,
        };
        let response = api(&call);
        return record(shared, head, asked, response).await;
    }
    // Bitbucket Server has its repositories below this folder.
    let path = path.strip_prefix("/scm").unwrap_or(path);
    let Some((full_name, service)) = git_http::repository_of(path) else {
        return respond(404, &[], "Not Found".to_owned());
    };
    if let Some(refused) = refused(shared, head, &full_name, service) {
        return refused;
    }
    match git_http::answer(shared, head, &full_name, service, body).await {
        Ok(response) => response,
        Err(error) => respond(500, &[], format!("{error:#}\n")),
    }
}

/// A body in JSON; anything else is a text.
fn read(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// Keeps a request of an API and its answer, if they are to be kept.
async fn record(shared: &Shared, head: &Parts, asked: Value, response: Response) -> Response {
    if shared.lock().exchanges.is_none() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 256 << 20).await.unwrap_or_default();
    let exchange = Exchange {
        method: head.method.as_str().to_owned(),
        path: head.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default(),
        asked,
        status: parts.status.as_u16(),
        answered: read(&body),
    };
    if let Some(all) = &mut shared.lock().exchanges {
        all.push(exchange);
    }
    Response::from_parts(parts, Body::from(body))
}

/// What keeps a user from fetching from a repository, or from pushing to it.
fn refused(shared: &Shared, head: &Parts, full_name: &str, service: &str) -> Option<Response> {
    let pushes =
        service.contains("receive-pack") || head.uri.query().unwrap_or_default().contains("receive-pack");
    let state = shared.lock();
    let token = token_of(&head.headers);
    let user = state.user_of_token(&token);
    let right = state.right(user.as_ref(), full_name).or_else(|| state.right_of_token(&token, full_name));
    match (right, user) {
        (Some(Right::Write), _) => None,
        (Some(Right::Read), _) if !pushes => None,
        (_, None) => {
            let challenge = ("www-authenticate", "Basic realm=\"GitHub\"".to_owned());
            Some(respond(401, &[challenge], "Authentication failed\n".to_owned()))
        }
        (Some(Right::Read), Some(user)) => {
            let words = format!("Permission to {full_name}.git denied to {}.\n", user.login);
            Some(respond(403, &[], words))
        }
        (None, Some(_)) => Some(respond(404, &[], "Repository not found.\n".to_owned())),
    }
}

/// The token of a request: `Bearer`, `token`, the password of `Basic`, or GitLab's own header.
fn token_of(headers: &HeaderMap) -> String {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("private-token").is_empty() {
        return header("private-token").to_owned();
    }
    let value = header("authorization");
    let Some((scheme, rest)) = value.split_once(' ') else { return String::new() };
    if !scheme.eq_ignore_ascii_case("basic") {
        return rest.to_owned();
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(rest).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    decoded.split_once(':').map(|(_, password)| password.to_owned()).unwrap_or_default()
}
