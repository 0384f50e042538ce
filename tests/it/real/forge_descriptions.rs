//! What fluxr asks of GitLab, Gitea and Bitbucket Server, and what the testbed's forge answers, held against descriptions of their APIs.
//! (`referee.rs` does it for GitHub.)

use super::referee::bootstrap_in_every_way;
use crate::bootstrap::world::TOKEN;
use crate::bootstrap::world::World;
use std::collections::BTreeSet;
use testbed::forge::Action;
use testbed::forge::Description;
use testbed::forge::Fault;

fn kept(world: World) -> World {
    world.forge.record();
    world
}

/// Nothing was asked or answered that is not described, and what fluxr reads was there. The calls, with their statuses.
#[track_caller]
pub(super) fn judged(worlds: &[World], description: &Description) -> BTreeSet<String> {
    let exchanges: Vec<_> = worlds.iter().flat_map(|world| world.forge.exchanges()).collect();
    let found: BTreeSet<String> = exchanges
        .iter()
        .flat_map(|exchange| description.judge(exchange))
        .map(|found| format!("{} {}: {}", found.call, found.place, found.message))
        .collect();
    assert!(found.is_empty(), "{}", found.into_iter().collect::<Vec<_>>().join("\n"));
    let number = regex::Regex::new(r"/\d+$").unwrap();
    let call = |exchange: &testbed::forge::Exchange| {
        let path = exchange.path.split('?').next().unwrap_or_default().replace("%7E", "~");
        format!("{} {} {}", exchange.method, number.replace(&path, "/N"), exchange.status)
    };
    exchanges.iter().map(call).collect()
}

/// Every one of these calls was made, so that none is judged by its absence.
#[track_caller]
pub(super) fn has(calls: &BTreeSet<String>, wanted: &[&str]) {
    for call in wanted {
        assert!(calls.contains(*call), "no {call} among\n{calls:#?}");
    }
}

fn personal(at: &'static str) -> World {
    let world = kept(World::at(at));
    bootstrap_in_every_way(&world);
    world
}

/// A repository of a group, which further teams get access to.
fn of_group(at: &'static str, teams: &str, further: &str) -> World {
    let world = kept(World::of_group(at));
    world.bootstrap(&["--private=false", teams]).succeeded();
    world.bootstrap(&["--reconcile", teams, further]).succeeded();
    let flag = teams.split('=').next().unwrap();
    world.bootstrap(&["--token-auth", &format!("{flag}=nobody")]).succeeded();
    world
}

/// What the forge refuses by itself.
fn refused(at: &'static str) -> World {
    let world = kept(World::at(at));
    let created = match at {
        "gitlab" => "/projects",
        "gitea" => "/user/repos",
        _ => "/repos",
    };
    world.forge.add_user("ada", "another", "repo");
    world.bootstrap(&[]).failed_with(&["was not accepted"]);
    world.forge.add_user("ada", TOKEN, "");
    world.bootstrap(&[]).failed_with(&["not allowed"]);
    // The answer is lost, and the second request finds the name taken.
    world.forge.add_user("ada", TOKEN, "repo");
    for (method, path) in [("POST", created), ("POST", "keys"), ("POST", "/ssh")] {
        world.forge.inject(Fault { method, path, after: 0, times: 1, action: Action::Silence });
    }
    world.bootstrap(&[]).succeeded();
    // Everything is there, but the token may not see the keys any more.
    world.forge.add_user("ada", TOKEN, "");
    world.bootstrap(&[]).failed_with(&["not allowed"]);
    world.forge.add_user("ada", TOKEN, "repo");
    let mut arguments = world.arguments(&["--owner=missing"]);
    arguments.retain(|argument| argument != "--personal" && !argument.ends_with("ada"));
    world.run(&arguments).failed_with(&["missing"]);
    world
}

#[test]
#[ignore = "needs the testbed"]
fn gitlab_is_asked_and_answers_as_its_client_knows_it() {
    let read = [
        ("User", "username"),
        ("Group", "id"),
        ("Project", "visibility shared_with_groups"),
        ("ProjectSharedWithGroup", "group_id group_access_level"),
        ("ProjectDeployKey", "id title key can_push"),
        ("DeployToken", "id name username revoked expired"),
    ];
    let gitlab = Description::gitlab().unwrap().expecting(&read).unwrap();
    let with_tokens = kept(World::of_group("gitlab"));
    for _ in 0..2 {
        with_tokens.bootstrap(&["--deploy-token-auth", "--visibility=internal"]).succeeded();
    }
    let mut secret = with_tokens.api.get("Secret", "flux-system", "flux-system").unwrap();
    secret["data"]["password"] = serde_json::json!("b3RoZXI=");
    with_tokens.api.put(secret);
    with_tokens.bootstrap(&["--deploy-token-auth"]).succeeded();
    let worlds = [
        personal("gitlab"),
        of_group("gitlab", "--team=ops:admin,acme/dev", "--team=acme/dev:pull"),
        with_tokens,
        refused("gitlab"),
    ];
    let calls = judged(&worlds, &gitlab);
    let of_ada = "/api/v4/projects/ada%2Ffleet";
    let of_acme = "/api/v4/projects/acme%2Fplatform%2Ffleet";
    has(&calls, &["GET /api/v4/user 200", "POST /api/v4/projects 201"]);
    has(&calls, &["POST /api/v4/projects 400", "POST /api/v4/projects 403"]);
    has(&calls, &["GET /api/v4/groups/acme%2Fplatform 200", "GET /api/v4/groups/missing 404"]);
    for call in ["GET {} 200", "GET {} 401", "GET {} 404", "PUT {} 200", "GET {}/deploy_keys 403"] {
        has(&calls, &[&call.replace("{}", of_ada)]);
    }
    for call in ["POST {}/deploy_keys 201", "DELETE {}/deploy_keys/N 204"] {
        has(&calls, &[&call.replace("{}", of_ada)]);
    }
    for call in ["POST {}/share 201", "DELETE {}/share/N 204", "GET {}/deploy_tokens 200"] {
        has(&calls, &[&call.replace("{}", of_acme)]);
    }
    for call in ["POST {}/deploy_tokens 201", "DELETE {}/deploy_tokens/N 204"] {
        has(&calls, &[&call.replace("{}", of_acme)]);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn gitea_is_asked_and_answers_as_it_describes() {
    let read = [("User", "login"), ("Repository", "private"), ("DeployKey", "id title key read_only")];
    let gitea = Description::gitea().unwrap().expecting(&read).unwrap();
    let worlds =
        [personal("gitea"), of_group("gitea", "--team=ops:admin,dev", "--team=dev:pull"), refused("gitea")];
    let calls = judged(&worlds, &gitea);
    has(&calls, &["GET /api/v1/user 200", "POST /api/v1/user/repos 201"]);
    has(&calls, &["POST /api/v1/user/repos 403", "POST /api/v1/user/repos 409"]);
    has(&calls, &["POST /api/v1/orgs/acme/repos 201", "POST /api/v1/orgs/missing/repos 404"]);
    for call in
        ["GET {} 200", "GET {} 401", "GET {} 404", "PATCH {} 200", "GET {}/keys 200", "GET {}/keys 403"]
    {
        has(&calls, &[&call.replace("{}", "/api/v1/repos/ada/fleet")]);
    }
    for call in ["POST {}/keys 201", "POST {}/keys 422", "DELETE {}/keys/N 204"] {
        has(&calls, &[&call.replace("{}", "/api/v1/repos/ada/fleet")]);
    }
    for call in
        ["GET {}/teams/dev 404", "GET {}/teams/dev 200", "PUT {}/teams/dev 204", "PUT {}/teams/nobody 404"]
    {
        has(&calls, &[&call.replace("{}", "/api/v1/repos/acme/fleet")]);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn bitbucket_server_is_asked_and_answers_as_its_clients_know_it() {
    let paged = "values isLastPage";
    let read = [
        ("Project", "key name"),
        ("ProjectsList", paged),
        ("Repository", "slug public"),
        ("RepositoryGroups", paged),
        ("ProjectGroups", paged),
        ("RepositoryGroupPermission", "group permission"),
        ("DeployKeyList", paged),
        ("DeployKey", "key permission"),
        ("Key", "id text label"),
    ];
    let bitbucket = Description::bitbucket().unwrap().expecting(&read).unwrap();
    let worlds = [
        personal("bitbucket-server"),
        of_group("bitbucket-server", "--group=ops:admin,dev", "--group=dev:pull"),
        refused("bitbucket-server"),
    ];
    let calls = judged(&worlds, &bitbucket);
    has(&calls, &["GET /rest/api/1.0/projects 200", "GET /rest/api/1.0/projects/missing 404"]);
    let ada = "/rest/api/1.0/projects/~ada/repos";
    for call in [
        "POST {} 201",
        "POST {} 401",
        "POST {} 409",
        "GET {}/fleet 200",
        "GET {}/fleet 401",
        "GET {}/fleet 404",
        "PUT {}/fleet 200",
    ] {
        has(&calls, &[&call.replace("{}", ada)]);
    }
    for call in ["GET {} 200", "GET {} 401", "POST {} 201", "POST {} 409", "DELETE {}/N 204"] {
        has(&calls, &[&call.replace("{}", "/rest/keys/1.0/projects/~ada/repos/fleet/ssh")]);
    }
    for call in ["GET {} 200", "PUT {} 204", "PUT {} 404"] {
        has(&calls, &[&call.replace("{}", "/rest/api/1.0/projects/ACME/repos/fleet/permissions/groups")]);
    }
    has(&calls, &["GET /rest/api/1.0/projects/ACME/permissions/groups 200"]);
}
