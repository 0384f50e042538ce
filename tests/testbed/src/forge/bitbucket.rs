//! The part of Bitbucket Server's REST API 1.0 that bootstrap uses. (<https://developer.atlassian.com/server/bitbucket/rest/>)

use super::answers::plain;
use super::bitbucket_requests;
use super::clean_git;
use super::serve::Call;
use super::state::DeployKey;
use super::state::Repository;
use super::state::Right;
use super::state::State;
use super::state::User;
use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;
use std::path::PathBuf;

pub(super) fn refused(status: u16, exception: &str, message: &str) -> Response {
    let name = format!("com.atlassian.bitbucket.{exception}");
    plain(status, &json!({"errors": [{"context": Value::Null, "message": message, "exceptionName": name}]}))
}

fn denied() -> Response {
    refused(401, "AuthorisationException", "You are not permitted to access this resource")
}

/// Answers a call.
pub fn api(call: &Call<'_>) -> Response {
    let mut state = call.shared.lock();
    let Some(user) = state.user_of_token(&call.token) else {
        let words = "Authentication failed. Please check your credentials and try again.";
        return refused(401, "auth.IncorrectPasswordAuthenticationException", words);
    };
    let mut response = route(call, &mut state, &user);
    if let Ok(name) = HeaderValue::from_str(&user.login) {
        response.headers_mut().insert("x-ausername", name);
    }
    response
}

fn route(call: &Call<'_>, state: &mut State, user: &User) -> Response {
    let (method, path) = call.parts();
    match (method, &path[..]) {
        ("GET", ["api", "1.0", "application-properties"]) => plain(
            200,
            &json!({
                "version": state.bitbucket_version, "buildNumber": "8019001", "displayName": "Bitbucket",
            }),
        ),
        ("GET", ["api", "1.0", "projects"]) => {
            let name = call.query.get("name").map(|name| name.to_lowercase()).unwrap_or_default();
            let found = |(_, (_, called)): &(&String, &(u64, String))| called.to_lowercase().contains(&name);
            let all: Vec<Value> =
                state.named.iter().filter(found).map(|(key, _)| project(state, key)).collect();
            page(call, all)
        }
        ("GET", ["api", "1.0", "projects", key]) => {
            match state.named.keys().find(|known| known.eq_ignore_ascii_case(key)) {
                Some(key) => plain(200, &project(state, key)),
                None => no_project(key),
            }
        }
        ("GET", ["api", "1.0", "users"]) => {
            let word = call.query.get("filter").cloned().unwrap_or_default().to_lowercase();
            let found = state.users.values().filter(|user| user.login.to_lowercase().contains(&word));
            page(call, found.map(account).collect())
        }
        ("GET", ["api", "1.0", "users", login]) => match state.users.get(*login) {
            Some(user) => plain(200, &account(user)),
            None => refused(404, "user.NoSuchUserException", "No such user."),
        },
        ("GET", ["api", "1.0", "projects", key, "permissions", "groups"]) => match state.named.get(*key) {
            Some(_) => page(call, Vec::new()),
            None => no_project(key),
        },
        ("POST", ["api", "1.0", "projects", key, "repos"]) => create(call, state, user, key),
        (_, ["api" | "keys", "1.0", "projects", key, "repos", slug, rest @ ..]) => {
            let full_name = format!("{key}/{}", slug.to_lowercase());
            let right = state.right(Some(user), &full_name);
            match (state.repository(&full_name).cloned(), right) {
                (Some(found), Some(right))
                    if right == Right::Write || (method == "GET" && rest != ["ssh"]) =>
                {
                    match rest {
                        ["pull-requests", rest @ ..] => {
                            bitbucket_requests::answer(call, state, user, &found, rest)
                        }
                        rest => below(call, state, &found, rest),
                    }
                }
                (Some(_), Some(_)) => denied(),
                _ => refused(
                    404,
                    "repository.NoSuchRepositoryException",
                    &format!("Repository {key}/{slug} does not exist."),
                ),
            }
        }
        _ => refused(404, "NoSuchEntityException", "null for uri"),
    }
}

fn no_project(key: &str) -> Response {
    refused(404, "project.NoSuchProjectException", &format!("Project {key} does not exist."))
}

pub(super) fn account(user: &User) -> Value {
    json!({
        "id": user.id, "name": user.login, "slug": user.login, "displayName": user.login, "active": true,
        "emailAddress": format!("{}@example.com", user.login), "type": "NORMAL",
    })
}

fn project(state: &State, key: &str) -> Value {
    match state.named.get(key) {
        Some((id, name)) => json!({"id": id, "key": key, "name": name, "public": false, "type": "NORMAL"}),
        None => json!({"id": 1, "key": key, "name": key.trim_start_matches('~'), "type": "PERSONAL"}),
    }
}

pub(super) fn described(call: &Call<'_>, state: &State, found: &Repository) -> Value {
    let path = format!("{}.git", found.full_name());
    let (port, ssh_port) = (call.shared.port, call.shared.ssh_port);
    json!({
        "id": found.id, "slug": found.name, "name": found.name, "scmId": "git", "state": "AVAILABLE",
        "statusMessage": "Available", "forkable": true, "public": !found.is_private(),
        "project": project(state, &found.owner),
        "links": {"clone": [
            {"href": format!("https://127.0.0.1:{port}/scm/{path}"), "name": "http"},
            {"href": format!("ssh://git@127.0.0.1:{ssh_port}/{path}"), "name": "ssh"},
        ]},
    })
}

fn create(call: &Call<'_>, state: &mut State, user: &User, key: &str) -> Response {
    if key.starts_with('~') {
        if key.trim_start_matches('~') != user.login {
            return denied();
        }
    } else if !state.named.contains_key(key) {
        return no_project(key);
    }
    if !user.may_write() {
        return denied();
    }
    let slug = call.text("name").to_lowercase().replace(' ', "-");
    let full_name = format!("{key}/{slug}");
    if state.repository(&full_name).is_some() {
        let words = "This repository URL is already taken.";
        return refused(409, "repository.RepositorySlugAlreadyExistsException", words);
    }
    let public = call.body["public"].as_bool().unwrap_or(false);
    let made = state.create_repository(key, &slug, if public { "public" } else { "private" });
    let branch = match call.text("defaultBranch") {
        "" => "master",
        given => given,
    };
    if made.is_err() || !git(call, &full_name, &["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]) {
        return refused(500, "ServerException", "git failed");
    }
    match state.repository(&full_name) {
        Some(made) => plain(201, &described(call, state, made)),
        None => no_project(key),
    }
}

fn git(call: &Call<'_>, full_name: &str, arguments: &[&str]) -> bool {
    let bare: PathBuf = call.shared.repositories.join(format!("{full_name}.git"));
    clean_git().current_dir(bare).args(arguments).status().is_ok_and(|status| status.success())
}

pub(super) fn page(call: &Call<'_>, all: Vec<Value>) -> Response {
    let (start, limit) = (call.number("start", 0), call.number("limit", 25));
    let count = all.len();
    let values: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
    let end = start + values.len();
    let mut body = json!({
        "size": values.len(), "limit": limit, "start": start, "isLastPage": end >= count, "values": values,
    });
    if end < count {
        body["nextPageStart"] = json!(end);
    }
    plain(200, &body)
}

fn access_key(key: &DeployKey) -> Value {
    json!({
        "key": {"id": key.id, "text": key.key, "label": key.title},
        "permission": if key.read_only { "REPO_READ" } else { "REPO_WRITE" },
    })
}

fn below(call: &Call<'_>, state: &mut State, found: &Repository, rest: &[&str]) -> Response {
    let full_name = found.full_name();
    let gone = || refused(404, "NoSuchEntityException", "There is nothing of this name.");
    match (call.method, rest) {
        ("GET", []) => plain(200, &described(call, state, found)),
        ("PUT", []) => {
            if let (Some(public), Some(stored)) =
                (call.body["public"].as_bool(), state.repository_mut(&full_name))
            {
                stored.visibility = if public { "public" } else { "private" }.to_owned();
            }
            plain(200, &described(call, state, found))
        }
        ("GET", ["branches", "default"]) => match git(call, &full_name, &["rev-parse", "--quiet", "HEAD"]) {
            true => plain(200, &json!({"id": "refs/heads/main", "displayId": "main", "isDefault": true})),
            false => gone(),
        },
        ("PUT", ["branches", "default"]) => {
            git(call, &full_name, &["symbolic-ref", "HEAD", call.text("id")]);
            plain(204, &Value::Null)
        }
        ("POST", ["branches"]) => {
            let name = call.text("name").trim_start_matches("refs/heads/");
            match git(call, &full_name, &["branch", name, call.text("startPoint")]) {
                true => plain(200, &json!({"id": format!("refs/heads/{name}"), "displayId": name})),
                false => gone(),
            }
        }
        ("GET", ["permissions", "groups"]) => {
            let filter = call.query.get("filter").cloned().unwrap_or_default();
            let given = found.teams.iter().filter(|(group, _)| group.contains(&filter));
            page(
                call,
                given.map(|(group, word)| json!({"group": {"name": group}, "permission": word})).collect(),
            )
        }
        ("PUT", ["permissions", "groups"]) => grant(call, state, &full_name),
        ("GET", ["ssh"]) => page(call, found.keys.iter().map(access_key).collect()),
        ("POST", ["ssh"]) => add_key(call, state, found),
        ("DELETE", ["ssh", id]) => {
            let Some(stored) = state.repository_mut(&full_name) else { return gone() };
            let before = stored.keys.len();
            stored.keys.retain(|key| key.id.to_string() != *id);
            if stored.keys.len() < before { plain(204, &Value::Null) } else { gone() }
        }
        _ => gone(),
    }
}

fn grant(call: &Call<'_>, state: &mut State, full_name: &str) -> Response {
    let query = |name: &str| call.query.get(name).cloned().unwrap_or_default();
    let (group, permission) = (query("name"), query("permission"));
    if !state.organizations.values().flatten().any(|known| *known == group) {
        return refused(404, "user.NoSuchGroupException", &format!("Group '{group}' does not exist."));
    }
    if let Some(stored) = state.repository_mut(full_name) {
        stored.teams.insert(group, permission);
    }
    plain(204, &Value::Null)
}

fn add_key(call: &Call<'_>, state: &mut State, found: &Repository) -> Response {
    let text = call.body["key"]["text"].as_str().unwrap_or_default().trim();
    if found.keys.iter().any(|known| known.is_same(text)) {
        let words = "This SSH key is already being used by this repository.";
        return refused(409, "ssh.DuplicateAccessKeyException", words);
    }
    let label = call.body["key"]["label"].as_str().unwrap_or_default();
    match state.add_key(&found.full_name(), label, text, call.text("permission") == "REPO_READ") {
        Some(made) => plain(201, &access_key(&made)),
        None => refused(404, "NoSuchEntityException", "gone"),
    }
}
