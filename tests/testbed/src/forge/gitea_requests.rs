//! Pull requests as Gitea has them.

use super::answers::plain;
use super::gitea::account;
use super::gitea::described;
use super::gitea::not_found;
use super::gitea::refused;
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

/// How many looks at a request Gitea takes to find out whether it has conflicts.
const CHECK: u32 = 2;
const WHEN: &str = "2026-01-01T00:00:00Z";

/// Answers what is asked of the requests and labels of a repository.
pub fn answer(
    call: &Call<'_>,
    state: &mut State,
    user: &User,
    found: &Repository,
    rest: &[&str],
) -> Response {
    let full_name = found.full_name();
    state.close_without_branch(&full_name);
    let shown = |state: &State, status, number: &str| {
        let all = state.requests(&full_name);
        match all.iter().find(|request| request.number.to_string() == number) {
            Some(request) => plain(status, &described_request(call, state, found, request)),
            None => not_found(),
        }
    };
    match (call.method, rest) {
        ("GET", ["pulls"]) => list(call, state, found),
        ("POST", ["pulls"]) => open(call, state, user, found),
        ("GET", ["labels"]) => {
            let all = found.labels.iter().enumerate().map(|(index, name)| label(index, name));
            plain(200, &page(call, all.collect()))
        }
        ("GET", ["pulls", number]) => {
            if let Ok(number) = number.parse() {
                *state.looks.entry((full_name.clone(), number)).or_default() += 1;
            }
            shown(state, 200, number)
        }
        ("GET", ["pulls", number, "reviews"]) => {
            let Some(request) = state.request_mut(&full_name, number) else { return not_found() };
            let review =
                |name: &String| json!({"id": 1, "user": account(name, 1), "state": "APPROVED", "body": ""});
            plain(200, &page(call, request.reviewed.iter().map(review).collect()))
        }
        ("PATCH", ["pulls", number]) => {
            if let Some(request) = state.request_mut(&full_name, number) {
                for (field, place) in
                    [("title", &mut request.title), ("body", &mut request.body), ("base", &mut request.base)]
                {
                    if let Some(text) = call.body[field].as_str() {
                        *place = text.to_owned();
                    }
                }
            }
            shown(state, 201, number)
        }
        ("POST", ["pulls", number, "merge"]) => merge(state, &full_name, number),
        ("POST", ["pulls", number, "requested_reviewers"]) => review(call, state, user, &full_name, number),
        ("POST", ["issues", number, "labels"]) => {
            let ids = call.body["labels"].as_array().into_iter().flatten().filter_map(Value::as_u64);
            let names: Vec<String> =
                ids.filter_map(|id| found.labels.get(usize::try_from(id).ok()? - 1).cloned()).collect();
            let Some(request) = state.request_mut(&full_name, number) else { return not_found() };
            request.labels.extend(names);
            let all: Vec<Value> = request.labels.iter().map(|name| known_label(found, name)).collect();
            plain(200, &Value::Array(all))
        }
        // Of several that were opened for these two branches, any.
        ("GET", ["pulls", base, head @ ..]) => {
            let head = head.join("/");
            let all = state.requests(&full_name);
            match all
                .iter()
                .rev()
                .find(|request| (&*request.base, &request.head) == (*base, &head) && !request.is_of_fork)
            {
                Some(request) => plain(200, &described_request(call, state, found, request)),
                None => not_found(),
            }
        }
        _ => not_found(),
    }
}

fn page(call: &Call<'_>, all: Vec<Value>) -> Value {
    let (size, page) = (call.number("limit", 30), call.number("page", 1).max(1));
    all.into_iter().skip(size * (page - 1)).take(size).collect()
}

fn label(index: usize, name: &str) -> Value {
    json!({"id": index + 1, "name": name, "color": "ededed", "description": "", "exclusive": false, "is_archived": false})
}

fn known_label(found: &Repository, name: &str) -> Value {
    let index = found.labels.iter().position(|known| known == name);
    label(index.unwrap_or_default(), name)
}

fn described_request(call: &Call<'_>, state: &State, found: &Repository, request: &Request) -> Value {
    let full_name = found.full_name();
    let page = format!("https://127.0.0.1:{}/{full_name}/pulls/{}", call.shared.port, request.number);
    let end = |branch: &str, is_of_fork: bool| {
        let id = if is_of_fork { found.id + 1000 } else { found.id };
        json!({
            "label": branch, "ref": branch, "repo_id": id, "sha": state.tip(&full_name, branch).unwrap_or_default(),
            "repo": described(call, state, found),
        })
    };
    let (is_merged, commit) = match &request.progress {
        Progress::Merged(commit) => (true, json!(commit)),
        _ => (false, Value::Null),
    };
    let is_open = request.progress == Progress::Open;
    let looks = state.looks.get(&(full_name.clone(), request.number)).copied().unwrap_or_default();
    let can_be_merged = is_open && looks > CHECK && !state.conflicts(&full_name, request);
    let when = |is: bool| if is { json!(WHEN) } else { Value::Null };
    let asked = request.reviewers.iter().filter(|name| !request.reviewed.contains(name));
    let people: Vec<Value> = asked.map(|name| account(name, 1)).collect();
    json!({
        "id": request.number, "number": request.number, "url": page, "html_url": page, "user": account(&request.author, 1),
        "title": request.title, "body": request.body, "state": if is_open { "open" } else { "closed" },
        "draft": request.title.starts_with("WIP:"), "is_locked": false, "comments": 0,
        "labels": request.labels.iter().map(|name| known_label(found, name)).collect::<Vec<_>>(),
        "requested_reviewers": people, "mergeable": can_be_merged,
        "merged": is_merged, "merged_at": when(is_merged), "merge_commit_sha": commit, "closed_at": when(!is_open),
        "head": end(&request.head, request.is_of_fork), "base": end(&request.base, false), "created_at": WHEN, "updated_at": WHEN,
    })
}

fn list(call: &Call<'_>, state: &State, found: &Repository) -> Response {
    let query = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    let is_asked = |request: &&Request| {
        let is_open = request.progress == Progress::Open;
        (query("base_branch").is_empty() || request.base == query("base_branch"))
            && (query("state") == "all" || is_open == (query("state") != "closed"))
    };
    let all = state.requests(&found.full_name());
    let asked = all.iter().filter(is_asked);
    let shown = asked.map(|request| described_request(call, state, found, request)).collect();
    plain(200, &page(call, shown))
}

fn open(call: &Call<'_>, state: &mut State, user: &User, found: &Repository) -> Response {
    let wanted = Request {
        head: call.text("head").to_owned(),
        base: call.text("base").to_owned(),
        title: call.text("title").to_owned(),
        body: call.text("body").to_owned(),
        author: user.login.clone(),
        ..Request::default()
    };
    match state.open_request(&found.full_name(), wanted) {
        Ok(made) => plain(201, &described_request(call, state, found, &made)),
        Err(NotOpened::NoBranch(_)) => not_found(),
        // Gitea opens a request without a commit.
        Err(NotOpened::NoCommits) => {
            refused(422, "Invalid PullRequest: There are no changes between the head and the base")
        }
        Err(NotOpened::Exists(number)) => {
            let words =
                format!("pull request already exists for these targets [id: {number}, issue_id: {number}]");
            refused(409, &words)
        }
    }
}

fn merge(state: &mut State, full_name: &str, number: &str) -> Response {
    let found = state.requests(full_name);
    let Some(request) = found.iter().find(|request| request.number.to_string() == number) else {
        return not_found();
    };
    if request.auto_merge {
        return refused(409, "pull request is already scheduled to auto merge when checks succeed");
    }
    if request.title.starts_with("WIP:") {
        return refused(405, "Work in progress PRs cannot be merged");
    }
    if matches!(request.progress, Progress::Merged(_)) {
        return refused(405, "The PR is already merged");
    }
    match state.merge_when_ready(full_name, request.number) {
        Ok(()) => plain(200, &Value::Null),
        Err(_) => refused(405, "Please try again later"),
    }
}

fn review(call: &Call<'_>, state: &mut State, user: &User, full_name: &str, number: &str) -> Response {
    let asked = call.body["reviewers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<String> = asked.map(str::to_owned).collect();
    if let Some(unknown) = names.iter().find(|name| !state.users.contains_key(*name)) {
        return refused(404, &format!("reviewer \"{unknown}\" not exist: user does not exist"));
    }
    if let Some(outsider) =
        names.iter().find_map(|name| state.users.get(name).filter(|user| user.is_outsider))
    {
        let repository = state.repository(full_name).map_or(0, |found| found.id);
        return refused(
            422,
            &format!("Reviewer can't read [user_id: {}, repo_id: {repository}]", outsider.id),
        );
    }
    let repository = state.repository(full_name).map_or(0, |found| found.id);
    let Some(request) = state.request_mut(full_name, number) else { return not_found() };
    if names.contains(&request.author) {
        let words = "poster of pr can't be reviewer";
        return refused(422, &format!("{words} [user_id: {}, repo_id: {repository}]", user.id));
    }
    request.reviewers.extend(names.iter().cloned());
    let reviews: Vec<Value> = names
        .iter()
        .map(|name| json!({"id": 1, "state": "REQUEST_REVIEW", "user": account(name, user.id), "body": ""}))
        .collect();
    plain(201, &Value::Array(reviews))
}
