//! The part of GitLab's REST API v4 that bootstrap uses. (<https://docs.gitlab.com/api/rest>)

use super::answers::plain;
use super::gitlab_requests;
use super::serve::Call;
use super::state::DeployKey;
use super::state::DeployToken;
use super::state::Repository;
use super::state::Right;
use super::state::State;
use super::state::User;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

const WHEN: &str = "2026-01-01T00:00:00.000Z";

pub(super) fn refused(status: u16, message: &str) -> Response {
    plain(status, &json!({"message": message}))
}

/// Answers a call.
pub fn api(call: &Call<'_>) -> Response {
    let mut state = call.shared.lock();
    let Some(user) = state.user_of_token(&call.token) else {
        return refused(401, "401 Unauthorized");
    };
    if call.method != "GET" && !user.may_write() {
        let body = json!({
            "error": "insufficient_scope", "scope": "api",
            "error_description": "The request requires higher privileges than provided by the access token.",
        });
        return plain(403, &body);
    }
    let (method, path) = call.parts();
    match (method, &path[..]) {
        ("GET", ["user"]) => plain(200, &json!({"id": user.id, "username": user.login, "name": user.login})),
        ("GET", ["users"]) => gitlab_requests::users(call, &state),
        ("GET", ["groups", path]) => match group(&state, path) {
            Some(found) => plain(200, &found),
            None => refused(404, "404 Group Not Found"),
        },
        ("POST", ["projects"]) => create(call, &mut state, &user),
        (_, ["projects", project, rest @ ..]) => {
            let found = find(&state, project).cloned();
            let right = found.as_ref().and_then(|found| state.right(Some(&user), &found.full_name()));
            match (found, right) {
                (Some(found), Some(right)) if right == Right::Write || rest.is_empty() => match rest {
                    ["merge_requests", rest @ ..] => {
                        gitlab_requests::answer(call, &mut state, &user, &found, rest)
                    }
                    rest => below(call, &mut state, &found, rest),
                },
                (Some(_), Some(_)) => refused(403, "403 Forbidden"),
                _ => refused(404, "404 Project Not Found"),
            }
        }
        _ => refused(404, "404 Not Found"),
    }
}

fn group(state: &State, path: &str) -> Option<Value> {
    let same = |known: &&String| known.eq_ignore_ascii_case(path) || id_of(state, known).to_string() == path;
    let full_path = state.organizations.keys().find(same)?;
    let last = full_path.rsplit('/').next();
    Some(json!({
        "id": id_of(state, full_path), "name": last, "path": last, "full_path": full_path,
        "full_name": full_path.replace('/', " / "),
    }))
}

fn id_of(state: &State, path: &str) -> u64 {
    state.named.get(path).map(|(id, _)| *id).unwrap_or_default()
}

/// A project by its path, in which letters of both cases count alike, or by its number.
fn find<'a>(state: &'a State, project: &str) -> Option<&'a Repository> {
    let same = |found: &&Repository| {
        found.full_name().eq_ignore_ascii_case(project) || found.id.to_string() == project
    };
    state.owned.values().find(same)
}

fn described(call: &Call<'_>, state: &State, found: &Repository) -> Value {
    let web = format!("https://127.0.0.1:{}/{}", call.shared.port, found.full_name());
    let kind = if state.organizations.contains_key(&found.owner) { "group" } else { "user" };
    let shares: Vec<Value> = found
        .teams
        .iter()
        .map(|(path, level)| {
            json!({
                "group_id": id_of(state, path), "group_name": path, "group_full_path": path,
                "group_access_level": level.parse::<u64>().unwrap_or_default(),
            })
        })
        .collect();
    let mut project = json!({
        "id": found.id, "name": found.name, "path": found.name, "path_with_namespace": found.full_name(),
        "visibility": found.visibility, "description": "", "default_branch": Value::Null, "empty_repo": true,
        "namespace": {"id": id_of(state, &found.owner), "kind": kind, "full_path": found.owner, "path": found.owner},
        "http_url_to_repo": format!("{web}.git"), "web_url": web, "created_at": WHEN,
        "shared_with_groups": shares,
    });
    // Only the projects of a user have an owner; those of a group belong to its namespace.
    if kind == "user" {
        project["owner"] =
            json!({"id": id_of(state, &found.owner), "username": found.owner, "name": found.owner});
    }
    project
}

fn create(call: &Call<'_>, state: &mut State, user: &User) -> Response {
    let owner = match call.body["namespace_id"].as_u64() {
        None => user.login.clone(),
        Some(id) => match state.named.iter().find(|(_, named)| named.0 == id) {
            Some((path, _)) => path.clone(),
            None => return plain(400, &json!({"message": {"namespace": ["is not valid"]}})),
        },
    };
    // A path that is not given is made of the name.
    let path = match call.text("path") {
        "" => call.text("name").to_lowercase(),
        given => given.to_owned(),
    };
    let full_name = format!("{owner}/{path}");
    if find(state, &full_name).is_some() {
        let taken = json!(["has already been taken"]);
        return plain(
            400,
            &json!({"message": {"name": taken, "path": taken, "project_namespace.name": taken}}),
        );
    }
    let visibility = match call.text("visibility") {
        "" => "private",
        given => given,
    };
    if state.create_repository(&owner, &path, visibility).is_err() {
        return refused(500, "500 Internal Server Error");
    }
    match state.repository(&full_name) {
        Some(made) => plain(201, &described(call, state, made)),
        None => refused(500, "500 Internal Server Error"),
    }
}

fn page<T>(call: &Call<'_>, all: &[T], show: impl Fn(&T) -> Value) -> Response {
    let (size, page) = (call.number("per_page", 20), call.number("page", 1).max(1));
    plain(200, &Value::Array(all.iter().skip(size * (page - 1)).take(size).map(show).collect()))
}

fn key(key: &DeployKey) -> Value {
    json!({"id": key.id, "title": key.title, "key": key.key, "can_push": !key.read_only, "created_at": WHEN})
}

fn token(token: &DeployToken) -> Value {
    json!({
        "id": token.id, "name": token.name, "username": token.username, "expires_at": Value::Null,
        "revoked": false, "expired": false, "scopes": ["read_repository"],
    })
}

fn below(call: &Call<'_>, state: &mut State, found: &Repository, rest: &[&str]) -> Response {
    let full_name = found.full_name();
    let gone = || refused(404, "404 Not Found");
    match (call.method, rest) {
        ("GET", []) => plain(200, &described(call, state, found)),
        ("GET", ["deploy_keys"]) => page(call, &found.keys, key),
        ("POST", ["deploy_keys"]) => add_key(call, state, found),
        ("GET", ["deploy_tokens"]) => page(call, &found.tokens, token),
        ("POST", ["deploy_tokens"]) => match state.add_token(&full_name, call.text("name")) {
            Some(made) => {
                let mut body = token(&made);
                body["token"] = json!(made.token);
                plain(201, &body)
            }
            None => gone(),
        },
        ("POST", ["share"]) => share(call, state, &full_name),
        (method, rest) => {
            let shared = rest.get(1).and_then(|id| group(state, id));
            let Some(stored) = state.repository_mut(&full_name) else { return gone() };
            let count = |stored: &Repository| stored.keys.len() + stored.tokens.len() + stored.teams.len();
            let before = count(stored);
            match (method, rest) {
                ("PUT", []) => {
                    if let Some(visibility) = call.body["visibility"].as_str() {
                        stored.visibility = visibility.to_owned();
                    }
                    let changed = stored.clone();
                    return plain(200, &described(call, state, &changed));
                }
                ("DELETE", ["deploy_keys", id]) => stored.keys.retain(|key| key.id.to_string() != *id),
                ("DELETE", ["deploy_tokens", id]) => {
                    stored.tokens.retain(|token| token.id.to_string() != *id);
                }
                ("DELETE", ["share", _]) => {
                    let path = shared.as_ref().and_then(|group| group["full_path"].as_str());
                    stored.teams.remove(path.unwrap_or_default());
                }
                _ => {}
            }
            if count(stored) < before { plain(204, &Value::Null) } else { gone() }
        }
    }
}

fn add_key(call: &Call<'_>, state: &mut State, found: &Repository) -> Response {
    let text = call.text("key").trim();
    if let Some(known) = found.keys.iter().find(|known| known.is_same(text)) {
        return plain(201, &key(known));
    }
    if state.owned.values().flat_map(|owned| &owned.keys).any(|known| known.is_same(text)) {
        let taken = json!(["has already been taken"]);
        return plain(400, &json!({"message": {"deploy_key.fingerprint_sha256": taken}}));
    }
    let read_only = !call.body["can_push"].as_bool().unwrap_or(false);
    match state.add_key(&found.full_name(), call.text("title"), text, read_only) {
        Some(made) => plain(201, &key(&made)),
        None => refused(404, "404 Project Not Found"),
    }
}

fn share(call: &Call<'_>, state: &mut State, full_name: &str) -> Response {
    let (id, level) = (call.body["group_id"].as_u64(), call.body["group_access"].as_u64());
    let path = state.named.iter().find(|(_, named)| Some(named.0) == id).map(|(path, _)| path.clone());
    let (Some(path), Some(level)) = (path, level) else { return refused(404, "404 Group Not Found") };
    let Some(stored) = state.repository_mut(full_name) else { return refused(404, "404 Project Not Found") };
    if stored.teams.contains_key(&path) {
        return refused(409, "Group link already shared with this group");
    }
    stored.teams.insert(path, level.to_string());
    plain(201, &json!({"id": 1, "project_id": stored.id, "group_id": id, "group_access": level}))
}
