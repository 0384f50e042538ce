//! Pull requests as Bitbucket Server has them.

use super::answers::plain;
use super::bitbucket::account;
use super::bitbucket::described;
use super::bitbucket::page;
use super::bitbucket::refused;
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

const WHEN: u64 = 1_767_225_600_000;

/// Answers what is asked of the requests of a repository.
pub fn answer(
    call: &Call<'_>,
    state: &mut State,
    user: &User,
    found: &Repository,
    rest: &[&str],
) -> Response {
    let full_name = found.full_name();
    let none = || refused(404, "pull.NoSuchPullRequestException", "There is no such pull request.");
    let shown = |state: &State, number: &str| {
        let all = state.requests(&full_name);
        match all.iter().find(|request| request.number.to_string() == number) {
            Some(request) => plain(200, &described_request(call, state, found, request)),
            None => none(),
        }
    };
    match (call.method, rest) {
        ("GET", []) => {
            let all = state.requests(&full_name);
            let at = call.query.get("at").map(|at| at.trim_start_matches("refs/heads/").to_owned());
            let is_open = |request: &Request| request.progress == Progress::Open;
            let every = call.query.get("state").is_some_and(|state| state == "ALL");
            let asked = all.iter().filter(|request| {
                at.as_ref().is_none_or(|at| *at == request.head) && (every || is_open(request))
            });
            page(call, asked.map(|request| described_request(call, state, found, request)).collect())
        }
        ("POST", []) => open(call, state, user, found),
        ("GET", [number]) => shown(state, number),
        ("PUT", [number]) => change(call, state, &full_name, number).unwrap_or_else(|| shown(state, number)),
        ("POST", [number, "merge"]) => {
            let Some(request) = state.request_mut(&full_name, number) else { return none() };
            let version = call.query.get("version").cloned().unwrap_or_default();
            if version != request.version.to_string() {
                return outdated(request.version);
            }
            if !found.allows_auto_merge || call.body["autoMerge"] != true {
                let words = "Auto-merge is not enabled for this repository.";
                return refused(409, "pull.PullRequestMergeVetoedException", words);
            }
            match state.merge_when_ready(&full_name, number.parse().unwrap_or_default()) {
                Ok(()) => shown(state, number),
                Err(_) => refused(409, "pull.PullRequestMergeVetoedException", "It cannot be merged."),
            }
        }
        _ => none(),
    }
}

fn outdated(version: u64) -> Response {
    let words = format!(
        "The pull request was changed by another user: its version is {version}, and the request was made for another."
    );
    refused(409, "pull.PullRequestOutOfDateException", &words)
}

fn names(body: &Value) -> Vec<String> {
    let all = body["reviewers"].as_array().into_iter().flatten();
    all.filter_map(|one| one["user"]["name"].as_str()).map(str::to_owned).collect()
}

/// Changes a request; a refusal, if it is one.
fn change(call: &Call<'_>, state: &mut State, full_name: &str, number: &str) -> Option<Response> {
    let reviewers = names(call.body);
    if let Some(unknown) = reviewers.iter().find(|name| !state.may_review(name)) {
        let words = format!("{unknown} is not a user.");
        return Some(refused(409, "pull.InvalidPullRequestReviewersException", &words));
    }
    let request = state.request_mut(full_name, number)?;
    if reviewers.contains(&request.author) {
        let words = format!("{} is the author of this pull request.", request.author);
        return Some(refused(409, "pull.InvalidPullRequestReviewersException", &words));
    }
    if call.body["version"].as_u64() != Some(request.version) {
        return Some(outdated(request.version));
    }
    request.version += 1;
    request.title = call.text("title").to_owned();
    request.body = call.text("description").to_owned();
    request.reviewers = reviewers;
    if let Some(to) = call.body["toRef"]["id"].as_str() {
        request.base = to.trim_start_matches("refs/heads/").to_owned();
    }
    None
}

fn described_request(call: &Call<'_>, state: &State, found: &Repository, request: &Request) -> Value {
    let full_name = found.full_name();
    let end = |branch: &str, is_elsewhere: bool| {
        let mut repository = described(call, state, found);
        if is_elsewhere {
            repository["slug"] = json!("upstream");
        }
        json!({
            "id": format!("refs/heads/{branch}"), "displayId": branch, "type": "BRANCH",
            "latestCommit": state.tip(&full_name, branch).unwrap_or_default(), "repository": repository,
        })
    };
    let part = |name: &str, role: &str| {
        let user = state.users.get(name).map(account).unwrap_or_else(|| json!({"name": name}));
        json!({"user": user, "role": role, "approved": false, "status": "UNAPPROVED"})
    };
    let page = format!(
        "https://127.0.0.1:{}/projects/{}/repos/{}/pull-requests/{}",
        call.shared.port, found.owner, found.name, request.number
    );
    let outcome = if state.conflicts(&full_name, request) { "CONFLICTED" } else { "CLEAN" };
    let mut properties = json!({"openTaskCount": 0, "resolvedTaskCount": 0});
    let word = match &request.progress {
        Progress::Open => {
            properties["mergeResult"] = json!({"outcome": outcome, "current": true});
            "OPEN"
        }
        Progress::Closed => "DECLINED",
        Progress::Merged(commit) => {
            properties["mergeCommit"] = json!({"id": commit, "displayId": commit.get(..11)});
            "MERGED"
        }
    };
    let reviewers: Vec<Value> = request.reviewers.iter().map(|name| part(name, "REVIEWER")).collect();
    json!({
        "id": request.number, "version": request.version, "title": request.title, "description": request.body,
        "state": word, "open": word == "OPEN", "closed": word != "OPEN", "draft": request.draft, "locked": false,
        "createdDate": WHEN, "updatedDate": WHEN, "fromRef": end(&request.head, false), "toRef": end(&request.base, request.is_of_fork),
        "author": part(&request.author, "AUTHOR"), "reviewers": reviewers, "participants": [],
        "properties": properties, "links": {"self": [{"href": page}]},
    })
}

fn open(call: &Call<'_>, state: &mut State, user: &User, found: &Repository) -> Response {
    let branch = |end: &str| {
        let id = call.body[end]["id"].as_str().unwrap_or_default();
        id.trim_start_matches("refs/heads/").to_owned()
    };
    let wanted = Request {
        head: branch("fromRef"),
        base: branch("toRef"),
        title: call.text("title").to_owned(),
        body: call.text("description").to_owned(),
        draft: call.body["draft"].as_bool().unwrap_or(false),
        reviewers: names(call.body),
        author: user.login.clone(),
        ..Request::default()
    };
    match state.open_request(&found.full_name(), wanted) {
        Ok(made) => plain(201, &described_request(call, state, found, &made)),
        Err(NotOpened::NoBranch(branch)) => {
            let words = format!("Commit or branch '{branch}' does not exist in this repository.");
            refused(404, "commit.NoSuchCommitException", &words)
        }
        Err(NotOpened::NoCommits) => {
            refused(409, "pull.EmptyPullRequestException", "The branch is already up-to-date with the other.")
        }
        Err(NotOpened::Exists(_)) => {
            let words = "Only one pull request may be open for a given source and target branch";
            refused(409, "pull.DuplicatePullRequestException", words)
        }
    }
}
