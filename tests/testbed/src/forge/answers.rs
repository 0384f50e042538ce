//! The bodies of GitHub's answers, with every field that its description calls required.

use super::requests::Progress;
use super::requests::Request;
use super::state::DeployKey;
use super::state::Repository;
use super::state::Shared;
use super::state::State;
use axum::body::Body;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

const WHEN: &str = "2026-01-01T00:00:00Z";

fn web(shared: &Shared) -> String {
    format!("https://127.0.0.1:{}", shared.port)
}

/// An account as it is inside other answers.
pub fn owner(shared: &Shared, login: &str, id: u64, kind: &str) -> Value {
    let web = web(shared);
    // The names of apps end with `[bot]`.
    let name = login.replace('[', "%5B").replace(']', "%5D");
    let api = format!("{web}/api/v3/users/{name}");
    json!({
        "login": login, "id": id, "node_id": format!("U_{id}"), "avatar_url": format!("{web}/avatars/{name}"), "gravatar_id": "",
        "url": api, "html_url": format!("{web}/{name}"), "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"), "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"), "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"), "received_events_url": format!("{api}/received_events"),
        "type": kind, "site_admin": false,
    })
}

/// The person whose token asks.
pub fn account(shared: &Shared, login: &str, id: u64) -> Value {
    let more = json!({
        "name": login, "company": null, "blog": "", "location": null, "email": null, "hireable": null, "bio": null,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": WHEN, "updated_at": WHEN,
    });
    merged(owner(shared, login, id, "User"), more)
}

pub fn repository(shared: &Shared, state: &State, found: &Repository) -> Value {
    let web = web(shared);
    let full_name = format!("{}/{}", found.owner, found.name);
    let kind = if state.organizations.contains_key(&found.owner) { "Organization" } else { "User" };
    let owner_id = state.users.get(&found.owner).map_or(1, |user| user.id);
    let api = format!("{web}/api/v3/repos/{full_name}");
    let body = json!({
        "id": found.id, "node_id": format!("R_{}", found.id), "name": found.name, "full_name": full_name,
        "owner": owner(shared, &found.owner, owner_id, kind), "private": found.is_private(),
        "html_url": format!("{web}/{full_name}"), "description": null, "fork": false, "url": api,
        "clone_url": format!("{web}/{full_name}.git"), "git_url": format!("git://127.0.0.1/{full_name}.git"),
        "ssh_url": format!("ssh://git@127.0.0.1:{}/{full_name}", shared.ssh_port), "svn_url": format!("{web}/{full_name}"),
    });
    let more = json!({
        "mirror_url": null, "homepage": null, "language": null, "license": null, "size": 0,
        "default_branch": "main", "visibility": found.visibility,
        "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "open_issues": 0,
        "open_issues_count": 0, "network_count": 0, "subscribers_count": 0, "is_template": false, "topics": [],
        "has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true,
        "has_discussions": false, "archived": false, "disabled": false, "allow_forking": true,
        "web_commit_signoff_required": false, "created_at": WHEN, "updated_at": WHEN, "pushed_at": WHEN,
        "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true,
        "allow_auto_merge": found.allows_auto_merge, "permissions": {"admin": true, "maintain": true, "push": true, "triage": true, "pull": true},
    });
    merged(merged(body, more), addresses(&api))
}

/// The addresses of everything below a repository.
fn addresses(api: &str) -> Value {
    let plain = [
        "contributors",
        "deployments",
        "downloads",
        "events",
        "forks",
        "hooks",
        "languages",
        "merges",
        "stargazers",
        "subscribers",
        "subscription",
        "tags",
        "teams",
    ];
    let with_more = [
        ("archive_url", "{archive_format}{/ref}"),
        ("assignees_url", "assignees{/user}"),
        ("blobs_url", "git/blobs{/sha}"),
        ("branches_url", "branches{/branch}"),
        ("collaborators_url", "collaborators{/collaborator}"),
        ("comments_url", "comments{/number}"),
        ("commits_url", "commits{/sha}"),
        ("compare_url", "compare/{base}...{head}"),
        ("contents_url", "contents/{+path}"),
        ("git_commits_url", "git/commits{/sha}"),
        ("git_refs_url", "git/refs{/sha}"),
        ("git_tags_url", "git/tags{/sha}"),
        ("issue_comment_url", "issues/comments{/number}"),
        ("issue_events_url", "issues/events{/number}"),
        ("issues_url", "issues{/number}"),
        ("keys_url", "keys{/key_id}"),
        ("labels_url", "labels{/name}"),
        ("milestones_url", "milestones{/number}"),
        ("notifications_url", "notifications{?since,all,participating}"),
        ("pulls_url", "pulls{/number}"),
        ("releases_url", "releases{/id}"),
        ("statuses_url", "statuses/{sha}"),
        ("trees_url", "git/trees{/sha}"),
    ];
    let plain = plain.iter().map(|name| (format!("{name}_url"), json!(format!("{api}/{name}"))));
    let with_more =
        with_more.iter().map(|(name, below)| ((*name).to_owned(), json!(format!("{api}/{below}"))));
    Value::Object(plain.chain(with_more).collect())
}

pub fn key(shared: &Shared, full_name: &str, key: &DeployKey) -> Value {
    json!({
        "id": key.id, "key": key.key, "url": format!("{}/api/v3/repos/{full_name}/keys/{}", web(shared), key.id),
        "title": key.title, "verified": true, "created_at": WHEN, "read_only": key.read_only,
    })
}

/// What GraphQL knows a pull request by.
pub fn node_id(full_name: &str, number: u64) -> String {
    format!("PR_{}_{number}", full_name.replace('/', "_"))
}

pub fn label(name: &str) -> Value {
    json!({
        "id": 1, "node_id": "LA_1", "url": "https://127.0.0.1/labels/1", "name": name, "description": "", "color": "ededed",
        "default": false,
    })
}

/// A pull request; only as a whole it tells how it would be merged.
pub fn pull_request(
    shared: &Shared,
    state: &State,
    found: &Repository,
    request: &Request,
    is_whole: bool,
) -> Value {
    let full_name = found.full_name();
    let number = request.number;
    let page = format!("{}/{full_name}/pull/{number}", web(shared));
    let api = format!("{}/api/v3/repos/{full_name}", web(shared));
    let user = owner(shared, &request.author, 1, "User");
    let people =
        |names: &[String]| names.iter().map(|name| owner(shared, name, 1, "User")).collect::<Vec<_>>();
    let end = |branch: &str, is_of_fork: bool| {
        let mut repository = repository(shared, state, found);
        if is_of_fork {
            repository["id"] = json!(found.id + 1000);
        }
        json!({
            "label": format!("{}:{branch}", if is_of_fork { &request.author } else { &found.owner }), "ref": branch,
            "repo": repository, "sha": state.tip(&full_name, branch).unwrap_or_else(|| "0".repeat(40)), "user": user,
        })
    };
    // Those who have reviewed are not asked any more.
    let asked: Vec<String> =
        request.reviewers.iter().filter(|name| !request.reviewed.contains(name)).cloned().collect();
    let (is_merged, commit) = match &request.progress {
        Progress::Merged(commit) => (true, json!(commit)),
        _ => (false, Value::Null),
    };
    let is_open = request.progress == Progress::Open;
    let when = |is: bool| if is { json!(WHEN) } else { Value::Null };
    let links: serde_json::Map<String, Value> =
        ["comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"]
            .iter()
            .map(|name| ((*name).to_owned(), json!({"href": page})))
            .collect();
    let auto = request.auto_merge.then(
        || json!({"enabled_by": user, "merge_method": "merge", "commit_title": "Merge", "commit_message": ""}),
    );
    let body = json!({
        "url": format!("{api}/pulls/{number}"), "id": number, "node_id": node_id(&full_name, number), "html_url": page,
        "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"), "issue_url": format!("{api}/issues/{number}"),
        "commits_url": format!("{api}/pulls/{number}/commits"),
        "review_comments_url": format!("{api}/pulls/{number}/comments"),
        "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
        "comments_url": format!("{api}/issues/{number}/comments"), "statuses_url": format!("{api}/statuses/0"),
        "number": number, "state": if is_open { "open" } else { "closed" }, "locked": false, "title": request.title,
        "user": user, "body": request.body, "labels": request.labels.iter().map(|name| label(name)).collect::<Vec<_>>(),
        "milestone": null, "created_at": WHEN, "updated_at": WHEN, "closed_at": when(!is_open), "merged_at": when(is_merged),
        "merge_commit_sha": commit, "assignee": null, "assignees": [], "requested_reviewers": people(&asked),
        "requested_teams": [], "head": end(&request.head, request.is_of_fork), "base": end(&request.base, false), "_links": links,
        "author_association": "OWNER", "auto_merge": auto, "draft": request.draft,
    });
    if !is_whole {
        return body;
    }
    let is_clean = is_open && !state.conflicts(&full_name, request);
    let more = json!({
        "merged": is_merged, "mergeable": if is_open { json!(is_clean) } else { Value::Null }, "rebaseable": is_clean,
        "mergeable_state": if is_clean { "clean" } else { "dirty" }, "merged_by": null, "comments": 0, "review_comments": 0,
        "maintainer_can_modify": false, "commits": 1, "additions": 1, "deletions": 0, "changed_files": 1,
    });
    merged(body, more)
}

/// The reviews of a pull request.
pub fn reviews(shared: &Shared, request: &Request) -> Value {
    let review = |name: &String| {
        let page = format!("{}/reviews/1", web(shared));
        json!({
            "id": 1, "node_id": "PRR_1", "user": owner(shared, name, 1, "User"), "body": "", "state": "APPROVED", "html_url": page,
            "pull_request_url": page, "_links": {"html": {"href": page}, "pull_request": {"href": page}},
            "submitted_at": WHEN, "commit_id": "0".repeat(40), "author_association": "MEMBER",
        })
    };
    Value::Array(request.reviewed.iter().map(review).collect())
}

/// What is left of the limit of the hour.
pub fn rate_limit() -> Value {
    let limit = json!({"limit": 5000, "used": 1, "remaining": 4999, "reset": 4_102_444_800_u64});
    json!({"resources": {"core": limit, "search": limit}, "rate": limit})
}

fn merged(mut body: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (body.as_object_mut(), more) {
        fields.extend(more);
    }
    body
}

/// An answer of the API to a token of these scopes.
pub fn json_response(status: u16, body: &Value, scopes: &str) -> Response {
    let mut headers = vec![
        ("x-oauth-scopes", scopes.to_owned()),
        ("x-accepted-oauth-scopes", String::new()),
        ("x-ratelimit-limit", "5000".to_owned()),
        ("x-ratelimit-remaining", "4999".to_owned()),
        ("x-ratelimit-reset", "4102444800".to_owned()),
    ];
    if body.is_null() {
        return respond(status, &headers, String::new());
    }
    headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
    respond(status, &headers, body.to_string())
}

pub fn respond(status: u16, headers: &[(&'static str, String)], body: String) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(body)).unwrap_or_default()
}

/// An answer in JSON, without anything that only GitHub says; nothing with 204.
pub fn plain(status: u16, body: &Value) -> Response {
    if body.is_null() {
        return respond(status, &[], String::new());
    }
    respond(status, &[("content-type", "application/json".to_owned())], body.to_string())
}
