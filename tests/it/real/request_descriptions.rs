//! What fluxr asks of every forge about requests, and what the testbed's forge answers, held against descriptions of their APIs.

use super::forge_descriptions::has;
use super::forge_descriptions::judged;
use super::referee::is_clean;
use crate::bootstrap::requests::stage::ASK;
use crate::bootstrap::requests::stage::protected;
use crate::bootstrap::world::World;
use testbed::forge::Action;
use testbed::forge::Description;
use testbed::forge::Fault;
use testbed::forge::Merge;

/// Opens, changes and finds requests, has them merged, and lets the forge refuse what it refuses by itself.
fn propose_in_every_way(world: &World, at: &str) {
    let repository = world.repository();
    world.forge.add_user("grace", "of-grace", "repo");
    world.forge.add_label(&repository, "flux");
    let labels = if at == "bitbucket-server" { "--pr-title=Labels" } else { "--pr-label=flux" };
    world.bootstrap(&["--pull-request", "--pr-draft", labels, "--pr-reviewer=grace"]).succeeded();
    world.bootstrap(&["--pull-request", "--pr-reviewer=nobody"]).failed_with(&["nobody"]);
    let said = world.bootstrap(&["--pull-request", "--pr-reviewer=ada"]);
    assert_eq!(said.code, i32::from(at != "gitlab"), "{at}: {}", said.err);
    world.bootstrap(&["--pull-request", "--pr-title=Another"]).succeeded();
    // Some forges tell only when they are asked that someone has no access.
    world.forge.add_user("mallory", "of-mallory", "repo");
    world.forge.shut_out("mallory");
    let said = world.bootstrap(&["--pull-request", "--pr-reviewer=mallory"]);
    assert_eq!(said.code, i32::from(at != "gitlab"), "{at}: {}", said.err);
    world.forge.close_request(&repository, 1).unwrap();
    // The answer is lost, and the second request finds the first. The referee of GitHub does not take silence for an answer: there the
    // request is not seen at first.
    let (method, path, action) = match at {
        "github" => ("GET", "/pulls?", Action::Answer(200, vec![("content-type", "application/json")], "[]")),
        "gitlab" => ("POST", "/merge_requests", Action::Silence),
        _ => ("POST", "/pull", Action::Silence),
    };
    if at == "github" {
        world.bootstrap(ASK).succeeded();
    }
    world.forge.inject(Fault { method, path, after: 0, times: 1, action });
    world.bootstrap(ASK).succeeded();
    world.bootstrap(ASK).succeeded();
    world.forge.require_checks(&repository);
    world.bootstrap(&["--pull-request", "--pr-auto-merge"]).succeeded();
    world.bootstrap(&["--pull-request", "--pr-auto-merge"]).succeeded();
    world.forge.finish_checks(&repository).unwrap();
    world.bootstrap(ASK).succeeded();
    // Another change is merged at once, as nothing is missing for that.
    world.forge.merge_request(&repository, 2, Merge::Commit).unwrap_err();
    world
        .bootstrap(&["--pull-request", "--network-policy=false", "--pr-auto-merge", "--pr-wait"])
        .succeeded();
    world.forge.add_user("ada", crate::bootstrap::world::TOKEN, "");
    let said = world.bootstrap(&["--pull-request", "--network-policy=true"]);
    assert_eq!(said.code, 1, "{at}: {}", said.err);
}

fn proposed(at: &'static str) -> World {
    let world = protected(at);
    world.forge.record();
    propose_in_every_way(&world, at);
    world
}

#[test]
#[ignore = "needs the testbed"]
fn github_is_asked_for_requests_and_answers_as_it_describes() {
    let world = protected("github");
    world.forge.call_referee().unwrap();
    propose_in_every_way(&world, "github");
    is_clean(&world, 40);
}

#[test]
#[ignore = "needs the testbed"]
fn gitlab_is_asked_for_requests_and_answers_as_its_client_knows_them() {
    let read = [
        (
            "BasicMergeRequest",
            "iid web_url target_branch source_project_id target_project_id title state has_conflicts labels reviewers sha",
        ),
        ("User", "id username"),
    ];
    let gitlab = Description::gitlab().unwrap().expecting(&read).unwrap();
    let calls = judged(&[proposed("gitlab")], &gitlab);
    let requests = "/api/v4/projects/ada%2Ffleet/merge_requests";
    has(&calls, &["GET /api/v4/users 200"]);
    for call in
        ["GET {} 200", "POST {} 201", "POST {} 409", "GET {}/N 200", "PUT {}/N 200", "PUT {}/2/merge 200"]
    {
        has(&calls, &[&call.replace("{}", requests)]);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn gitea_is_asked_for_requests_and_answers_as_it_describes() {
    let read = [
        (
            "PullRequest",
            "number html_url title body state merged_at merge_commit_sha mergeable labels head base user",
        ),
        ("PRBranchInfo", "ref repo_id"),
        ("Label", "id name"),
        ("User", "login"),
    ];
    let gitea = Description::gitea().unwrap().expecting(&read).unwrap();
    let calls = judged(&[proposed("gitea")], &gitea);
    for call in [
        "GET {}/pulls 200",
        "POST {}/pulls 201",
        "POST {}/pulls 409",
        "GET {}/pulls/N 200",
        "PATCH {}/pulls/N 201",
        "GET {}/pulls/main/fluxr%2Fbootstrap-clusters-one 200",
        "GET {}/pulls/main/fluxr%2Fbootstrap-clusters-one 404",
        "GET {}/labels 200",
        "POST {}/issues/1/labels 200",
        "POST {}/pulls/1/requested_reviewers 201",
        "POST {}/pulls/1/requested_reviewers 422",
        "GET {}/reviewers 200",
        "POST {}/pulls/2/merge 200",
    ] {
        has(&calls, &[&call.replace("{}", "/api/v1/repos/ada/fleet")]);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn bitbucket_server_is_asked_for_requests_and_answers_as_its_clients_know_them() {
    let read = [
        ("PullRequest", "id version title description state draft toRef author reviewers properties links"),
        ("PullRequestList", "values isLastPage"),
    ];
    let bitbucket = Description::bitbucket().unwrap().expecting(&read).unwrap();
    let calls = judged(&[proposed("bitbucket-server")], &bitbucket);
    has(&calls, &["GET /rest/api/1.0/application-properties 200", "GET /rest/api/1.0/users 200"]);
    let requests = "/rest/api/1.0/projects/~ada/repos/fleet/pull-requests";
    for call in [
        "GET {} 200",
        "POST {} 201",
        "POST {} 409",
        "GET {}/N 200",
        "PUT {}/N 200",
        "PUT {}/N 409",
        "POST {}/2/merge 200",
    ] {
        has(&calls, &[&call.replace("{}", requests)]);
    }
}
