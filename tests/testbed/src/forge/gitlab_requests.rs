//! Merge requests as GitLab has them.

use super::answers::plain;
use super::gitlab::refused;
use super::requests::NotOpened;
use super::requests::Progress;
use super::requests::Request;
use super::serve::Call;
use super::state::Repository;
use super::state::State;
use super::state::User;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

const WHEN: &str = "2026-01-01T00:00:00.000Z";

/// The users of this name.
pub fn users(call: &Call<'_>, state: &State) -> Response {
    let name = call.query.get("username").cloned().unwrap_or_default();
    let known = state.users.values().filter(|user| user.login.eq_ignore_ascii_case(&name));
    plain(200, &known.map(|user| person(user.id, &user.login)).collect())
}

fn person(id: u64, login: &str) -> Value {
    json!({"id": id, "username": login, "name": login, "state": "active"})
}

/// Answers what is asked of the requests of a project.
pub fn answer(
    call: &Call<'_>,
    state: &mut State,
    user: &User,
    found: &Repository,
    rest: &[&str],
) -> Response {
    let full_name = found.full_name();
    let shown = |state: &State, number: &str| {
        let all = state.requests(&full_name);
        match all.iter().find(|request| request.number.to_string() == number) {
            Some(request) => plain(200, &described(call, state, found, request)),
            None => refused(404, "404 Not found"),
        }
    };
    match (call.method, rest) {
        ("GET", []) => list(call, state, found),
        ("POST", []) => open(call, state, user, found),
        ("GET", [number]) => shown(state, number),
        ("PUT", [number]) => {
            let names: Vec<String> = {
                let ids =
                    call.body["reviewer_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64);
                // Those without access are left out without a refusal.
                let members = state.users.values().filter(|user| !user.is_outsider);
                let by_id = |id| members.clone().find(|user| user.id == id).map(|user| user.login.clone());
                ids.filter_map(by_id).collect()
            };
            let Some(request) = state.request_mut(&full_name, number) else {
                return refused(404, "404 Not found");
            };
            change(request, call.body, names);
            shown(state, number)
        }
        ("PUT", [number, "merge"]) => {
            let all = state.requests(&full_name);
            let known = all.iter().find(|request| request.number.to_string() == *number);
            let is_ready = known.is_some_and(|request| {
                request.progress == Progress::Open && !request.title.starts_with("Draft:")
            });
            if !is_ready || call.body["auto_merge"] != true {
                return refused(405, "405 Method Not Allowed");
            }
            if !found.allows_auto_merge {
                return refused(422, "Branch cannot be merged");
            }
            match state.merge_when_ready(&full_name, number.parse().unwrap_or_default()) {
                Ok(()) => shown(state, number),
                Err(_) => refused(422, "Branch cannot be merged"),
            }
        }
        _ => refused(404, "404 Not found"),
    }
}

fn change(request: &mut Request, body: &Value, reviewers: Vec<String>) {
    for (field, place) in [
        ("title", &mut request.title),
        ("description", &mut request.body),
        ("target_branch", &mut request.base),
    ] {
        if let Some(text) = body[field].as_str() {
            *place = text.to_owned();
        }
    }
    if let Some(labels) = body["add_labels"].as_str() {
        request.labels.extend(labels.split(',').map(str::to_owned));
    }
    if body["reviewer_ids"].is_array() {
        request.reviewers = reviewers;
    }
}

fn described(call: &Call<'_>, state: &State, found: &Repository, request: &Request) -> Value {
    let full_name = found.full_name();
    let page =
        format!("https://127.0.0.1:{}/{full_name}/-/merge_requests/{}", call.shared.port, request.number);
    let (word, commit) = match &request.progress {
        Progress::Open => ("opened", Value::Null),
        Progress::Closed => ("closed", Value::Null),
        Progress::Merged(commit) => ("merged", json!(commit)),
    };
    let conflicts = state.conflicts(&full_name, request);
    let people: Vec<Value> = request
        .reviewers
        .iter()
        .map(|name| person(state.users.get(name).map_or(1, |user| user.id), name))
        .collect();
    json!({
        "id": request.number + 100, "iid": request.number, "project_id": found.id, "title": request.title,
        "description": request.body, "state": word, "web_url": page, "source_branch": request.head,
        "target_branch": request.base, "source_project_id": found.id + if request.is_of_fork { 1000 } else { 0 }, "target_project_id": found.id,
        "draft": request.title.starts_with("Draft:"), "labels": request.labels, "reviewers": people,
        "author": person(1, &request.author), "assignees": [], "has_conflicts": conflicts,
        "detailed_merge_status": if conflicts { "conflict" } else { "mergeable" },
        "merge_when_pipeline_succeeds": request.auto_merge, "merge_commit_sha": commit, "squash_commit_sha": Value::Null,
        "sha": state.tip(&full_name, &request.head), "created_at": WHEN, "updated_at": WHEN,
    })
}

fn list(call: &Call<'_>, state: &State, found: &Repository) -> Response {
    let query = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    let is_asked =
        |request: &&Request| query("source_branch").is_empty() || request.head == query("source_branch");
    let all = state.requests(&found.full_name());
    let asked = all.iter().filter(is_asked);
    plain(200, &asked.map(|request| described(call, state, found, request)).collect())
}

fn open(call: &Call<'_>, state: &mut State, user: &User, found: &Repository) -> Response {
    let wanted = Request {
        head: call.text("source_branch").to_owned(),
        base: call.text("target_branch").to_owned(),
        title: call.text("title").to_owned(),
        body: call.text("description").to_owned(),
        author: user.login.clone(),
        ..Request::default()
    };
    match state.open_request(&found.full_name(), wanted) {
        // A request without a commit is opened, too.
        Ok(made) => plain(201, &described(call, state, found, &made)),
        Err(NotOpened::NoBranch(branch)) => {
            let words = format!("Source branch \"{branch}\" does not exist");
            plain(400, &json!({"message": [words]}))
        }
        Err(NotOpened::NoCommits) => plain(400, &json!({"message": ["There are no new commits"]})),
        Err(NotOpened::Exists(number)) => {
            let words =
                format!("Another open merge request already exists for this source branch: !{number}");
            plain(409, &json!({"message": [words]}))
        }
    }
}
