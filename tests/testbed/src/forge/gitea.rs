//! The part of Gitea's REST API v1 that bootstrap uses. (<https://docs.gitea.com/api>)

use super::answers::plain;
use super::gitea_requests;
use super::serve::Call;
use super::state::DeployKey;
use super::state::Repository;
use super::state::Right;
use super::state::State;
use super::state::User;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

const WHEN: &str = "2026-01-01T00:00:00Z";

pub(super) fn refused(status: u16, message: &str) -> Response {
    plain(status, &json!({"message": message, "url": "https://gitea.example.com/api/swagger"}))
}

pub(super) fn not_found() -> Response {
    refused(404, "The target couldn't be found.")
}

/// Answers a call.
pub fn api(call: &Call<'_>) -> Response {
    if call.parts() == ("GET", vec!["version"]) {
        return plain(200, &json!({"version": "1.26.4"}));
    }
    let mut state = call.shared.lock();
    let Some(user) = state.user_of_token(&call.token) else {
        return refused(401, "invalid username, password or token");
    };
    if call.method != "GET" && !user.may_write() {
        let words = "token does not have at least one of required scope(s), required=[write:repository], token scope=";
        return refused(403, &format!("{words}{}", user.scopes));
    }
    match call.parts() {
        ("GET", path) if path == ["user"] => plain(200, &account(&user.login, user.id)),
        ("GET", path) if path.len() == 2 && path[0] == "users" => {
            match state.users.get(path[1]).filter(|found| !found.is_hidden) {
                Some(found) => plain(200, &account(&found.login, found.id)),
                None => refused(404, "user redirect does not exist"),
            }
        }
        ("POST", path) if path == ["user", "repos"] => create(call, &mut state, &user.login),
        ("POST", path) if path.len() == 3 && path[0] == "orgs" && path[2] == "repos" => {
            if state.organizations.contains_key(path[1]) {
                create(call, &mut state, path[1])
            } else {
                not_found()
            }
        }
        ("GET", path) if path.len() == 3 && path[0] == "orgs" && path[2] == "labels" => {
            match state.organizations.contains_key(path[1]) {
                true => plain(200, &json!([])),
                false => not_found(),
            }
        }
        (_, path) if path.len() >= 3 && path[0] == "repos" => {
            let full_name = format!("{}/{}", path[1], path[2]);
            let right = state.right(Some(&user), &full_name);
            match (state.repository(&full_name).cloned(), right) {
                (Some(found), Some(right)) if right == Right::Write || path.len() == 3 => {
                    repository(call, &mut state, &user, &found, &path[3..])
                }
                (Some(_), Some(_)) => {
                    refused(403, "user should be an owner or a collaborator with admin write of a repository")
                }
                _ => not_found(),
            }
        }
        _ => not_found(),
    }
}

pub(super) fn account(login: &str, id: u64) -> Value {
    json!({"id": id, "login": login, "username": login, "full_name": login, "email": "", "created": WHEN})
}

pub(super) fn described(call: &Call<'_>, state: &State, found: &Repository) -> Value {
    let web = format!("https://127.0.0.1:{}/{}", call.shared.port, found.full_name());
    let id = state.users.get(&found.owner).map_or(1, |user: &User| user.id);
    json!({
        "id": found.id, "name": found.name, "full_name": found.full_name(), "private": found.is_private(),
        "owner": account(&found.owner, id), "empty": true, "description": "", "default_branch": "main", "default_merge_style": "merge",
        "html_url": web, "clone_url": format!("{web}.git"), "created_at": WHEN, "updated_at": WHEN,
        "permissions": {"admin": true, "push": true, "pull": true},
    })
}

fn create(call: &Call<'_>, state: &mut State, owner: &str) -> Response {
    let name = call.text("name");
    let full_name = format!("{owner}/{name}");
    if state.repository(&full_name).is_some() {
        return refused(409, "The repository with the same name already exists.");
    }
    let private = call.body["private"].as_bool().unwrap_or(false);
    if state.create_repository(owner, name, if private { "private" } else { "public" }).is_err() {
        return refused(500, "");
    }
    match state.repository(&full_name) {
        Some(made) => plain(201, &described(call, state, made)),
        None => refused(500, ""),
    }
}

fn key(key: &DeployKey) -> Value {
    json!({
        "id": key.id, "key_id": key.id, "key": key.key, "title": key.title, "read_only": key.read_only,
        "created_at": WHEN, "fingerprint": "SHA256:x",
    })
}

fn repository(
    call: &Call<'_>,
    state: &mut State,
    user: &User,
    found: &Repository,
    rest: &[&str],
) -> Response {
    let full_name = found.full_name();
    match (call.method, rest) {
        ("GET", []) => plain(200, &described(call, state, found)),
        ("PATCH", []) => {
            if let (Some(private), Some(stored)) =
                (call.body["private"].as_bool(), state.repository_mut(&full_name))
            {
                stored.visibility = if private { "private" } else { "public" }.to_owned();
            }
            plain(200, &described(call, state, found))
        }
        ("GET", ["keys"]) => {
            let (size, page) = (call.number("limit", 30), call.number("page", 1).max(1));
            let keys: Vec<Value> = found.keys.iter().skip(size * (page - 1)).take(size).map(key).collect();
            plain(200, &Value::Array(keys))
        }
        ("POST", ["keys"]) => add_key(call, state, found),
        ("DELETE", ["keys", id]) => {
            let Some(stored) = state.repository_mut(&full_name) else { return not_found() };
            let before = stored.keys.len();
            stored.keys.retain(|key| key.id.to_string() != *id);
            if stored.keys.len() < before { plain(204, &Value::Null) } else { not_found() }
        }
        ("GET", ["reviewers"]) => {
            let able = state.users.values().filter(|known| !known.is_outsider);
            plain(200, &able.map(|known| account(&known.login, known.id)).collect())
        }
        (_, ["pulls", ..] | ["issues", _, "labels"] | ["labels"]) => {
            gitea_requests::answer(call, state, user, found, rest)
        }
        (method, ["teams", team]) => team_access(method, state, found, team),
        _ => not_found(),
    }
}

fn add_key(call: &Call<'_>, state: &mut State, found: &Repository) -> Response {
    let (text, title) = (call.text("key").trim(), call.text("title"));
    if found.keys.iter().any(|known| known.is_same(text)) {
        return refused(422, "This key has already been added to this repository");
    }
    if found.keys.iter().any(|known| known.title == title) {
        return refused(422, "A key with the same name already exists");
    }
    let read_only = call.body["read_only"].as_bool().unwrap_or(false);
    match state.add_key(&found.full_name(), title, text, read_only) {
        Some(made) => plain(201, &key(&made)),
        None => not_found(),
    }
}

/// A team is in a repository or not; what it may do there belongs to the team.
fn team_access(method: &str, state: &mut State, found: &Repository, team: &str) -> Response {
    let Some(teams) = state.organizations.get(&found.owner) else {
        return refused(405, "repo is not owned by an organization");
    };
    if !teams.iter().any(|known| known == team) {
        return not_found();
    }
    let Some(stored) = state.repository_mut(&found.full_name()) else { return not_found() };
    match method {
        "GET" if stored.teams.contains_key(team) => {
            plain(200, &json!({"id": 1, "name": team, "permission": "write"}))
        }
        "PUT" if stored.teams.contains_key(team) => {
            refused(422, &format!("team '{team}' is already added to repo"))
        }
        "PUT" => {
            stored.teams.insert(team.to_owned(), "member".to_owned());
            plain(204, &Value::Null)
        }
        _ => not_found(),
    }
}
