//! The part of GitHub's REST API that bootstrap uses, in GitHub's words and shapes. (<https://docs.github.com/rest>)

use super::answers;
use super::apps;
use super::github_requests;
use super::refusal::Refusal;
use super::serve::Call;
use super::state::Repository;
use super::state::Right;
use super::state::Shared;
use super::state::State;
use super::state::User;
use axum::response::Response;
use serde_json::Value;

/// What an API call comes to.
enum Outcome {
    Json(u16, Value),
    Nothing,
    Refused(Refusal),
}

pub fn api(request: &Call<'_>) -> Response {
    let mut state = request.shared.lock();
    if let Some(answered) = apps::answer(request, &mut state) {
        return answered;
    }
    let Some(user) = state.user_of_token(&request.token) else {
        return Refusal::BadCredentials.answer("");
    };
    let (method, segments) = request.parts();
    if let ["repos", owner, name, rest @ ..] = &segments[..]
        && matches!(rest.first(), Some(&("pulls" | "issues")))
    {
        let full_name = format!("{owner}/{name}");
        let found = state.repository(&full_name).cloned();
        return match (found, state.right(Some(&user), &full_name)) {
            (Some(found), Some(Right::Write)) => {
                github_requests::answer(request, &mut state, &user, &found, rest)
            }
            (Some(_), Some(Right::Read)) => Refusal::NotAccessible.answer(&user.scopes),
            _ => Refusal::NotFound.answer(&user.scopes),
        };
    }
    match call(request.shared, &mut state, &user, method, &segments, request.body) {
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
        ("GET", ["user"]) if user.installed_for.is_some() => Outcome::Refused(Refusal::NotForApps),
        ("GET", ["user"]) => Outcome::Json(200, answers::account(shared, &user.login, user.id)),
        ("GET", ["users", login]) => match state.users.get(*login) {
            Some(found) => Outcome::Json(200, answers::account(shared, &found.login, found.id)),
            None => Outcome::Refused(Refusal::NotFound),
        },
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
    let private = body["private"].as_bool().unwrap_or(false);
    if state.create_repository(owner, name, if private { "private" } else { "public" }).is_err() {
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
                stored.visibility = if private { "private" } else { "public" }.to_owned();
            }
            match state.repository(&full_name) {
                Some(changed) => Outcome::Json(200, answers::repository(shared, state, changed)),
                None => Outcome::Refused(Refusal::NotFound),
            }
        }
        ("GET", ["collaborators", login]) if state.may_review(login) => Outcome::Nothing,
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
    if found.keys_disabled {
        return Outcome::Refused(Refusal::DeployKeysDisabled);
    }
    if state.owned.values().flat_map(|owned| &owned.keys).any(|present| present.is_same(key)) {
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
