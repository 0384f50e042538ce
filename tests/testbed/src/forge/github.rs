//! The part of GitHub's REST API that bootstrap uses, in GitHub's words and shapes. (<https://docs.github.com/rest>)

use super::answers;
use super::answers::respond;
use super::git_http;
use super::refusal::Refusal;
use super::state::Action;
use super::state::Logged;
use super::state::Repository;
use super::state::Right;
use super::state::Shared;
use super::state::State;
use super::state::User;
use axum::body::Body;
use axum::body::Bytes;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine;
use serde_json::Value;
use std::sync::Arc;

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
    shared.lock().log.push(Logged { method, path, status: response.status().as_u16() });
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

async fn route(shared: &Shared, head: &Parts, body: Bytes) -> Response {
    let path = head.uri.path();
    if let Some(api_path) = path.strip_prefix("/api/v3") {
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        return api(shared, head.method.as_str(), api_path, &head.headers, &body);
    }
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

/// What keeps a user from fetching from a repository, or from pushing to it.
fn refused(shared: &Shared, head: &Parts, full_name: &str, service: &str) -> Option<Response> {
    let pushes =
        service.contains("receive-pack") || head.uri.query().unwrap_or_default().contains("receive-pack");
    let state = shared.lock();
    let user = state.user_of_token(&token_of(&head.headers));
    let right = state.right(user.as_ref(), full_name);
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

/// The token of a request: `Bearer`, `token`, or the password of `Basic`.
fn token_of(headers: &HeaderMap) -> String {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((scheme, rest)) = value.split_once(' ') else { return String::new() };
    if !scheme.eq_ignore_ascii_case("basic") {
        return rest.to_owned();
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(rest).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    decoded.split_once(':').map(|(_, password)| password.to_owned()).unwrap_or_default()
}

/// What an API call comes to.
enum Outcome {
    Json(u16, Value),
    Nothing,
    Refused(Refusal),
}

fn api(shared: &Shared, method: &str, path: &str, headers: &HeaderMap, body: &Value) -> Response {
    let mut state = shared.lock();
    let Some(user) = state.user_of_token(&token_of(headers)) else {
        return Refusal::BadCredentials.answer("");
    };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match call(shared, &mut state, &user, method, &segments, body) {
        Outcome::Json(status, value) => answers::json_response(status, &value, &user.scopes),
        Outcome::Nothing => answers::json_response(204, &Value::Null, &user.scopes),
        Outcome::Refused(refusal) => refusal.answer(&user.scopes),
    }
}

fn call(
    shared: &Shared,
    state: &mut State,
    user: &User,
    method: &str,
    segments: &[&str],
    body: &Value,
) -> Outcome {
    let creates = method == "POST" && segments.last() == Some(&"repos");
    if creates && !user.may_write() {
        return Outcome::Refused(match user.scopes.as_str() {
            User::FINE_GRAINED => Refusal::NotAccessible,
            _ => Refusal::MissingScope { has: "gist", wants: "public_repo, repo" },
        });
    }
    match (method, segments) {
        ("GET", ["user"]) => Outcome::Json(200, answers::account(shared, &user.login, user.id)),
        ("GET", ["rate_limit"]) => Outcome::Json(200, answers::rate_limit()),
        ("POST", ["user", "repos"]) => create(shared, state, &user.login, body),
        ("POST", ["orgs", owner, "repos"]) if state.organizations.contains_key(*owner) => {
            create(shared, state, owner, body)
        }
        ("GET" | "PUT", ["orgs", owner, "teams", team, "repos", _, name]) => {
            team_access(state, method, owner, team, name, body)
        }
        (_, ["repos", owner, name, rest @ ..]) => {
            let full_name = format!("{owner}/{name}");
            let right = state.right(Some(user), &full_name);
            match (state.repository(&full_name).cloned(), right) {
                // GitHub hides what a token may not see, and keys from those who may not change them.
                (Some(found), Some(right)) if right == Right::Write || rest.is_empty() => {
                    repository(shared, state, method, &found, rest, body)
                }
                _ => Outcome::Refused(Refusal::NotFound),
            }
        }
        _ => Outcome::Refused(Refusal::NotFound),
    }
}

fn create(shared: &Shared, state: &mut State, owner: &str, body: &Value) -> Outcome {
    let name = body["name"].as_str().unwrap_or_default();
    if state.repository(&format!("{owner}/{name}")).is_some() {
        return Outcome::Refused(Refusal::NameTaken);
    }
    if state.create_repository(owner, name, body["private"].as_bool().unwrap_or(false)).is_err() {
        return Outcome::Refused(Refusal::Broken { status: 500 });
    }
    match state.repository(&format!("{owner}/{name}")) {
        Some(made) => Outcome::Json(201, answers::repository(shared, state, made)),
        None => Outcome::Refused(Refusal::Broken { status: 500 }),
    }
}

fn repository(
    shared: &Shared,
    state: &mut State,
    method: &str,
    found: &Repository,
    rest: &[&str],
    body: &Value,
) -> Outcome {
    let full_name = format!("{}/{}", found.owner, found.name);
    match (method, rest) {
        ("GET", []) => Outcome::Json(200, answers::repository(shared, state, found)),
        ("PATCH", []) => {
            if let (Some(private), Some(stored)) =
                (body["private"].as_bool(), state.repository_mut(&full_name))
            {
                stored.private = private;
            }
            match state.repository(&full_name) {
                Some(changed) => Outcome::Json(200, answers::repository(shared, state, changed)),
                None => Outcome::Refused(Refusal::NotFound),
            }
        }
        ("GET", ["keys"]) => {
            let keys: Vec<Value> =
                found.keys.iter().map(|key| answers::key(shared, &full_name, key)).collect();
            Outcome::Json(200, Value::Array(keys))
        }
        ("POST", ["keys"]) => add_key(shared, state, found, body),
        ("DELETE", ["keys", id]) => {
            let Some(stored) = state.repository_mut(&full_name) else {
                return Outcome::Refused(Refusal::NotFound);
            };
            let before = stored.keys.len();
            stored.keys.retain(|key| key.id.to_string() != *id);
            if stored.keys.len() < before { Outcome::Nothing } else { Outcome::Refused(Refusal::NotFound) }
        }
        _ => Outcome::Refused(Refusal::NotFound),
    }
}

fn add_key(shared: &Shared, state: &mut State, found: &Repository, body: &Value) -> Outcome {
    let full_name = format!("{}/{}", found.owner, found.name);
    let key = body["key"].as_str().unwrap_or_default().trim();
    // What identifies a key is its type and its bytes, not the comment.
    let same = |other: &str| other.split(' ').take(2).eq(key.split(' ').take(2));
    if found.keys_disabled {
        return Outcome::Refused(Refusal::DeployKeysDisabled);
    }
    if state.owned.values().flat_map(|owned| &owned.keys).any(|present| same(&present.key)) {
        return Outcome::Refused(Refusal::KeyInUse);
    }
    let title = body["title"].as_str().unwrap_or_default();
    let read_only = body["read_only"].as_bool().unwrap_or(false);
    match state.add_key(&full_name, title, key, read_only) {
        Some(key) => Outcome::Json(201, answers::key(shared, &full_name, &key)),
        None => Outcome::Refused(Refusal::NotFound),
    }
}

fn team_access(
    state: &mut State,
    method: &str,
    owner: &str,
    team: &str,
    name: &str,
    body: &Value,
) -> Outcome {
    let is_team = state.organizations.get(owner).is_some_and(|teams| teams.iter().any(|known| known == team));
    let Some(stored) = state.repository_mut(&format!("{owner}/{name}")).filter(|_| is_team) else {
        return Outcome::Refused(Refusal::NotFound);
    };
    if method == "PUT" {
        let permission = body["permission"].as_str().unwrap_or("push").to_owned();
        stored.teams.insert(team.to_owned(), permission);
        return Outcome::Nothing;
    }
    if stored.teams.contains_key(team) { Outcome::Nothing } else { Outcome::Refused(Refusal::NotFound) }
}
