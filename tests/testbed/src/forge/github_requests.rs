//! Pull requests as GitHub has them, in its words and shapes.

use super::answers;
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

/// Answers what is asked of the requests of a repository.
pub fn answer(
    call: &Call<'_>,
    state: &mut State,
    user: &User,
    found: &Repository,
    rest: &[&str],
) -> Response {
    let full_name = found.full_name();
    state.close_without_branch(&full_name);
    let shown = |state: &State, status, number: &str, is_whole| {
        let all = state.requests(&full_name);
        match all.iter().find(|request| request.number.to_string() == number) {
            Some(request) => {
                say(user, status, &answers::pull_request(call.shared, state, found, request, is_whole))
            }
            None => not_found(user),
        }
    };
    match (call.method, rest) {
        ("GET", ["pulls"]) => list(call, state, user, found),
        ("POST", ["pulls"]) => open(call, state, user, found),
        ("GET", ["pulls", number]) => shown(state, 200, number, true),
        ("GET", ["pulls", number, "reviews"]) => match state.request_mut(&full_name, number) {
            Some(request) => say(user, 200, &answers::reviews(call.shared, request)),
            None => not_found(user),
        },
        ("PATCH", ["pulls", number]) => {
            if let Some(request) = state.request_mut(&full_name, number) {
                change(request, call.body);
            }
            shown(state, 200, number, true)
        }
        ("PUT", ["pulls", number, "merge"]) => merge(call, state, user, &full_name, number),
        ("POST", ["pulls", number, "requested_reviewers"]) => {
            let names = texts(&call.body["reviewers"]);
            let is_author = |request: &mut Request| names.contains(&request.author);
            if state.request_mut(&full_name, number).is_some_and(is_author) {
                return refused(user, 422, "Review cannot be requested from pull request author.", None);
            }
            if names.iter().any(|name| !state.may_review(name)) {
                let words = "Reviews may only be requested from collaborators. One or more of the users or teams you \
                             specified is not a collaborator of the repository.";
                return refused(user, 422, words, None);
            }
            if let Some(request) = state.request_mut(&full_name, number) {
                request.reviewers.extend(names);
            }
            shown(state, 201, number, false)
        }
        ("POST", ["issues", number, "labels"]) => {
            let names = texts(&call.body["labels"]);
            let Some(request) = state.request_mut(&full_name, number) else { return not_found(user) };
            request.labels.extend(names);
            let all: Vec<Value> = request.labels.iter().map(|name| answers::label(name)).collect();
            say(user, 200, &Value::Array(all))
        }
        _ => not_found(user),
    }
}

fn say(user: &User, status: u16, body: &Value) -> Response {
    answers::json_response(status, body, &user.scopes)
}

fn refused(user: &User, status: u16, message: &str, detail: Option<&str>) -> Response {
    let mut body = json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()});
    if let Some(detail) = detail {
        body["errors"] = json!([{"resource": "PullRequest", "code": "custom", "message": detail}]);
    }
    say(user, status, &body)
}

fn not_found(user: &User) -> Response {
    refused(user, 404, "Not Found", None)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn change(request: &mut Request, body: &Value) {
    for (field, place) in
        [("title", &mut request.title), ("body", &mut request.body), ("base", &mut request.base)]
    {
        if let Some(text) = body[field].as_str() {
            *place = text.to_owned();
        }
    }
}

fn list(call: &Call<'_>, state: &State, user: &User, found: &Repository) -> Response {
    let query = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    let head = query("head").split_once(':').map(|(_, branch)| branch);
    let all = state.requests(&found.full_name());
    let is_of = |request: &Request, head: &str| request.head == head && !request.is_of_fork;
    // As some versions of the server do, all are shown where none is of this branch, but one of a fork is called so.
    let is_lax = head.is_some_and(|head| {
        all.iter().any(|one| one.is_of_fork && one.head == head) && !all.iter().any(|one| is_of(one, head))
    });
    let is_asked = |request: &&Request| {
        let is_open = request.progress == Progress::Open;
        head.is_none_or(|head| is_lax || is_of(request, head))
            && (query("base").is_empty() || request.base == query("base"))
            && (query("state") == "all" || is_open == (query("state") != "closed"))
    };
    let asked = all.iter().filter(is_asked);
    let shown: Vec<Value> =
        asked.map(|request| answers::pull_request(call.shared, state, found, request, false)).collect();
    say(user, 200, &Value::Array(shown))
}

fn open(call: &Call<'_>, state: &mut State, user: &User, found: &Repository) -> Response {
    let wanted = Request {
        head: call.text("head").to_owned(),
        base: call.text("base").to_owned(),
        title: call.text("title").to_owned(),
        body: call.text("body").to_owned(),
        draft: call.body["draft"].as_bool().unwrap_or(false),
        author: user.login.clone(),
        ..Request::default()
    };
    let (head, base) = (wanted.head.clone(), wanted.base.clone());
    match state.open_request(&found.full_name(), wanted) {
        Ok(made) => say(user, 201, &answers::pull_request(call.shared, state, found, &made, true)),
        Err(reason) => {
            let detail = match reason {
                NotOpened::NoBranch(branch) => format!("{branch} is not a branch"),
                NotOpened::NoCommits => format!("No commits between {base} and {head}"),
                NotOpened::Exists(_) => format!("A pull request already exists for {}:{head}.", found.owner),
            };
            refused(user, 422, "Validation Failed", Some(&detail))
        }
    }
}

fn merge(call: &Call<'_>, state: &mut State, user: &User, full_name: &str, number: &str) -> Response {
    let how = match call.text("merge_method") {
        "squash" => super::Merge::Squash,
        "rebase" => super::Merge::Rebase,
        _ => super::Merge::Commit,
    };
    match state.merge_request(full_name, number.parse().unwrap_or_default(), how) {
        Ok(sha) => say(
            user,
            200,
            &json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}),
        ),
        Err(_) => refused(user, 405, "Pull Request is not mergeable", None),
    }
}

/// The other API. Of it there is one change: that a request is merged when its checks have passed.
pub fn graph(call: &Call<'_>) -> Response {
    let mut state = call.shared.lock();
    let Some(user) = state.user_of_token(&call.token) else {
        return super::refusal::Refusal::BadCredentials.answer("");
    };
    let id = call.body["variables"]["id"].as_str().unwrap_or_default().to_owned();
    let wrong = |message: &str| say(&user, 200, &json!({"data": null, "errors": [{"message": message}]}));
    if !call.text("query").contains("enablePullRequestAutoMerge") {
        return wrong("Something else is not known here");
    }
    let names: Vec<String> = state.owned.keys().cloned().collect();
    for full_name in names {
        let found = state.requests(&full_name);
        let is_wanted = |request: &&Request| answers::node_id(&full_name, request.number) == id;
        let Some(request) = found.iter().find(is_wanted) else { continue };
        let Some(repository) = state.repository(&full_name) else { continue };
        if !repository.allows_auto_merge {
            return wrong("Pull request Auto merge is not allowed for this repository");
        }
        if !repository.checks_pending {
            return wrong("Pull request Pull request is in clean status");
        }
        let number = request.number;
        if state.merge_when_ready(&full_name, number).is_ok() {
            let data = json!({"enablePullRequestAutoMerge": {"pullRequest": {"number": number}}});
            return say(&user, 200, &json!({"data": data}));
        }
    }
    wrong(&format!("Could not resolve to a node with the global id of '{id}'"))
}
