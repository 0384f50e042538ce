//! The part of GitHub's REST API that bootstrap uses, in GitHub's words and shapes. (<https://docs.github.com/rest>)

use super::git_http;
use super::state::Action;
use super::state::DeployKey;
use super::state::Logged;
use super::state::Repository;
use super::state::Shared;
use super::state::State;
use super::state::User;
use axum::body::Body;
use axum::body::Bytes;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

const DOCUMENTATION: &str = "https://docs.github.com/rest";
const WHEN: &str = "2026-01-01T00:00:00Z";

/// Answers every request that reaches the forge.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let method = head.method.as_str().to_owned();
    let path = head.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let body = to_bytes(body, 256 << 20).await.unwrap_or_default();
    let fault = shared.lock().fault_for(&method, &path);
    let response = match fault {
        Some(Action::Answer(status, headers, text)) => {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            respond(status, headers.collect(), text.to_owned())
        }
        Some(Action::Delay(pause)) => {
            tokio::time::sleep(pause).await;
            route(&shared, &head, body).await
        }
        Some(Action::Call(action)) => {
            let _ = tokio::task::spawn_blocking(move || action()).await;
            route(&shared, &head, body).await
        }
        None => route(&shared, &head, body).await,
    };
    shared.lock().log.push(Logged { method, path, status: response.status().as_u16() });
    response
}

async fn route(shared: &Shared, head: &axum::http::request::Parts, body: Bytes) -> Response {
    let path = head.uri.path();
    if let Some(api_path) = path.strip_prefix("/api/v3") {
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        return api(shared, head.method.as_str(), api_path, &head.headers, &body);
    }
    let Some((full_name, service)) = git_http::repository_of(path) else {
        return respond(404, Vec::new(), "Not Found".to_owned());
    };
    let user = shared.lock().user_of_token(&token_of(&head.headers));
    let reads =
        !service.contains("receive-pack") && !head.uri.query().unwrap_or_default().contains("receive-pack");
    let is_public = shared.lock().repository(&full_name).is_some_and(|found| !found.private);
    if user.is_none() && !(reads && is_public) {
        let challenge = ("www-authenticate".to_owned(), "Basic realm=\"GitHub\"".to_owned());
        return respond(401, vec![challenge], "Authentication failed\n".to_owned());
    }
    if shared.lock().repository(&full_name).is_none() {
        return respond(404, Vec::new(), "Repository not found.\n".to_owned());
    }
    match git_http::answer(shared, head, &full_name, service, body).await {
        Ok(response) => response,
        Err(error) => respond(500, Vec::new(), format!("{error:#}\n")),
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
    Failed(u16, &'static str),
    /// GitHub's validation errors: the message and its details.
    Invalid(&'static str, Vec<Value>),
    MissingScope(&'static str),
}

fn api(shared: &Shared, method: &str, path: &str, headers: &HeaderMap, body: &Value) -> Response {
    let mut state = shared.lock();
    let Some(user) = state.user_of_token(&token_of(headers)) else {
        return json_response(401, &error_body("Bad credentials", 401), "", "");
    };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let outcome = call(shared, &mut state, &user, method, &segments, body);
    match outcome {
        Outcome::Json(status, value) => json_response(status, &value, &user.scopes, ""),
        Outcome::Nothing => json_response(204, &Value::Null, &user.scopes, ""),
        Outcome::Failed(status, message) => {
            json_response(status, &error_body(message, status), &user.scopes, "")
        }
        Outcome::Invalid(message, errors) => {
            let mut body = error_body(message, 422);
            body["errors"] = Value::Array(errors);
            json_response(422, &body, &user.scopes, "")
        }
        Outcome::MissingScope(scope) => {
            let message = "Resource not accessible by personal access token";
            json_response(403, &error_body(message, 403), &user.scopes, scope)
        }
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
    let may_write = user.scopes.split(',').any(|scope| scope.trim() == "repo");
    match (method, segments) {
        ("GET", ["user"]) => Outcome::Json(200, account(shared, &user.login, user.id, "User")),
        ("POST", ["user", "repos"]) if !may_write => Outcome::MissingScope("repo"),
        ("POST", ["user", "repos"]) => create(shared, state, &user.login, body),
        ("POST", ["orgs", owner, "repos"]) => {
            if !state.organizations.contains_key(*owner) {
                return Outcome::Failed(404, "Not Found");
            }
            if may_write { create(shared, state, owner, body) } else { Outcome::MissingScope("repo") }
        }
        ("GET" | "PUT", ["orgs", owner, "teams", team, "repos", _, name]) => {
            team_access(state, method, owner, team, name, body)
        }
        (_, ["repos", owner, name, rest @ ..]) => {
            let full_name = format!("{owner}/{name}");
            let Some(found) = state.repository(&full_name).cloned() else {
                return Outcome::Failed(404, "Not Found");
            };
            // GitHub hides what a token may not see.
            if found.private && !may_write {
                return Outcome::Failed(404, "Not Found");
            }
            repository(shared, state, method, &found, rest, body)
        }
        _ => Outcome::Failed(404, "Not Found"),
    }
}

fn create(shared: &Shared, state: &mut State, owner: &str, body: &Value) -> Outcome {
    let name = body["name"].as_str().unwrap_or_default();
    if state.repository(&format!("{owner}/{name}")).is_some() {
        let detail = json!({
            "resource": "Repository", "code": "custom", "field": "name", "message": "name already exists on this account",
        });
        return Outcome::Invalid("Repository creation failed.", vec![detail]);
    }
    if state.create_repository(owner, name, body["private"].as_bool().unwrap_or(false)).is_err() {
        return Outcome::Failed(500, "Server Error");
    }
    match state.repository(&format!("{owner}/{name}")) {
        Some(made) => Outcome::Json(201, repository_body(shared, state, made)),
        None => Outcome::Failed(500, "Server Error"),
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
        ("GET", []) => Outcome::Json(200, repository_body(shared, state, found)),
        ("PATCH", []) => {
            if let (Some(private), Some(stored)) =
                (body["private"].as_bool(), state.repository_mut(&full_name))
            {
                stored.private = private;
            }
            match state.repository(&full_name) {
                Some(changed) => Outcome::Json(200, repository_body(shared, state, changed)),
                None => Outcome::Failed(404, "Not Found"),
            }
        }
        ("GET", ["keys"]) => {
            let keys: Vec<Value> = found.keys.iter().map(|key| key_body(shared, &full_name, key)).collect();
            Outcome::Json(200, Value::Array(keys))
        }
        ("POST", ["keys"]) => add_key(shared, state, found, body),
        ("DELETE", ["keys", id]) => {
            let Some(stored) = state.repository_mut(&full_name) else {
                return Outcome::Failed(404, "Not Found");
            };
            let before = stored.keys.len();
            stored.keys.retain(|key| key.id.to_string() != *id);
            if stored.keys.len() < before { Outcome::Nothing } else { Outcome::Failed(404, "Not Found") }
        }
        _ => Outcome::Failed(404, "Not Found"),
    }
}

fn add_key(shared: &Shared, state: &mut State, found: &Repository, body: &Value) -> Outcome {
    let full_name = format!("{}/{}", found.owner, found.name);
    let key = body["key"].as_str().unwrap_or_default().trim();
    // What identifies a key is its type and its bytes, not the comment.
    let same = |other: &str| other.split(' ').take(2).eq(key.split(' ').take(2));
    if found.keys_disabled {
        return Outcome::Failed(422, "Deploy keys are disabled for this repository");
    }
    if state.owned.values().flat_map(|owned| &owned.keys).any(|present| same(&present.key)) {
        let detail = json!({"resource": "PublicKey", "code": "custom", "field": "key", "message": "key is already in use"});
        return Outcome::Invalid("Validation Failed", vec![detail]);
    }
    let title = body["title"].as_str().unwrap_or_default();
    let read_only = body["read_only"].as_bool().unwrap_or(false);
    match state.add_key(&full_name, title, key, read_only) {
        Some(key) => Outcome::Json(201, key_body(shared, &full_name, &key)),
        None => Outcome::Failed(404, "Not Found"),
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
        return Outcome::Failed(404, "Not Found");
    };
    if method == "PUT" {
        let permission = body["permission"].as_str().unwrap_or("push").to_owned();
        stored.teams.insert(team.to_owned(), permission);
        return Outcome::Nothing;
    }
    if stored.teams.contains_key(team) { Outcome::Nothing } else { Outcome::Failed(404, "Not Found") }
}

fn error_body(message: &str, status: u16) -> Value {
    json!({"message": message, "documentation_url": DOCUMENTATION, "status": status.to_string()})
}

fn account(shared: &Shared, login: &str, id: u64, kind: &str) -> Value {
    let web = format!("https://127.0.0.1:{}", shared.port);
    let api = format!("{web}/api/v3/users/{login}");
    json!({
        "login": login, "id": id, "node_id": format!("U_{id}"), "avatar_url": format!("{web}/avatars/{login}"), "gravatar_id": "",
        "url": api, "html_url": format!("{web}/{login}"), "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"), "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"), "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"), "received_events_url": format!("{api}/received_events"),
        "type": kind, "site_admin": false, "name": login, "company": null, "blog": "", "location": null, "email": null,
        "hireable": null, "bio": null, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "created_at": WHEN, "updated_at": WHEN,
    })
}

fn repository_body(shared: &Shared, state: &State, found: &Repository) -> Value {
    let web = format!("https://127.0.0.1:{}", shared.port);
    let full_name = format!("{}/{}", found.owner, found.name);
    let kind = if state.organizations.contains_key(&found.owner) { "Organization" } else { "User" };
    let owner_id = state.users.get(&found.owner).map_or(1, |user| user.id);
    json!({
        "id": found.id, "node_id": format!("R_{}", found.id), "name": found.name, "full_name": full_name,
        "owner": account(shared, &found.owner, owner_id, kind), "private": found.private,
        "html_url": format!("{web}/{full_name}"), "description": null, "fork": false,
        "url": format!("{web}/api/v3/repos/{full_name}"), "clone_url": format!("{web}/{full_name}.git"),
        "ssh_url": format!("ssh://git@127.0.0.1:{}/{full_name}", shared.ssh_port), "git_url": format!("git://127.0.0.1/{full_name}.git"),
        "default_branch": "main", "visibility": if found.private { "private" } else { "public" },
        "archived": false, "disabled": false, "created_at": WHEN, "updated_at": WHEN, "pushed_at": WHEN,
        "permissions": {"admin": true, "maintain": true, "push": true, "triage": true, "pull": true},
    })
}

fn key_body(shared: &Shared, full_name: &str, key: &DeployKey) -> Value {
    json!({
        "id": key.id, "key": key.key, "url": format!("https://127.0.0.1:{}/api/v3/repos/{full_name}/keys/{}", shared.port, key.id),
        "title": key.title, "verified": true, "created_at": WHEN, "read_only": key.read_only,
    })
}

fn json_response(status: u16, body: &Value, scopes: &str, accepted: &str) -> Response {
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-oauth-scopes", scopes),
        ("x-accepted-oauth-scopes", accepted),
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "4999"),
        ("x-ratelimit-reset", "4102444800"),
    ];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    respond(status, headers, if body.is_null() { String::new() } else { body.to_string() })
}

fn respond(status: u16, headers: Vec<(String, String)>, body: String) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap_or_default()
}
