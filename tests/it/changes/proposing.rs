//! Changes that are proposed as a request instead of being pushed onto the branch.

use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::TOKEN;
use super::world::World;
use crate::support::Output;
use std::time::Duration;
use testbed::forge::Merge;
use testbed::forge::Progress;

/// With what tells it from the same change to another folder.
const BRANCH: &str = "fluxr/suspend-kustomization-flux-system-shop-";

/// Runs a line with Ada's token for the forge.
pub(super) fn run(world: &World, line: &str) -> Output {
    world.ask(line)
}

#[test]
fn a_change_is_proposed_once_and_done_when_it_is_merged() {
    let world = World::new();
    world.forge.protect_branch(REPOSITORY, "main").unwrap();
    let line = "suspend ks shop --pull-request --pr-label=ops";
    let seen = world.ask(line);
    assert_eq!(seen.succeeded(), "");
    assert!(seen.err.contains("✔ opened pull request #1: https://"), "{}", seen.err);
    let request = world.request();
    assert!(request.head.starts_with(BRANCH) && request.base == "main", "{request:?}");
    assert_eq!(request.title, "Suspend Kustomization/flux-system/shop");
    assert_eq!(request.body.trim(), "- edit `clusters/one/shop.yaml`");
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), SHOP, "the branch is as it was");
    let proposed = world.git(&["show", &format!("{}:clusters/one/shop.yaml", request.head)]);
    assert!(proposed.contains("\n    suspend: true\n"), "{proposed}");

    let again = world.ask(line);
    assert_eq!(again.succeeded(), "");
    assert!(again.err.contains("✔ pull request #1 is up to date: https://"), "{}", again.err);
    world.request();

    world.forge.merge_request(REPOSITORY, 1, Merge::Squash).unwrap();
    let merged = world.ask(line);
    assert_eq!(merged.succeeded(), "");
    assert!(merged.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", merged.err);
    assert!(world.file("clusters/one/shop.yaml").unwrap().contains("\n    suspend: true\n"));
    world.left_the_cluster_alone();
}

#[test]
fn the_same_change_to_another_cluster_is_another_request() {
    let world = World::new();
    for folder in ["clusters/one", "clusters/two"] {
        let line = format!("suspend ks shop --pull-request --fleet-path={folder}");
        world.ask(&line).succeeded();
        world.ask(&line).succeeded();
    }
    let bodies: Vec<String> = world.forge.pull_requests(REPOSITORY).into_iter().map(|one| one.body).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    for body in ["- edit `clusters/one/shop.yaml`", "- edit `clusters/two/shop.yaml`"] {
        assert!(bodies.iter().any(|known| known.trim() == body), "{bodies:?}");
    }
}

#[test]
fn a_message_of_ones_own_does_not_mix_two_changes() {
    let world = World::new();
    world.ask("suspend ks shop --pull-request --message=INC-7").succeeded();
    world.ask("delete ks cache --silent --pull-request --message=INC-7").succeeded();
    let requests = world.forge.pull_requests(REPOSITORY);
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests.iter().all(|one| one.title == "INC-7"), "{requests:?}");
}

#[test]
fn a_note_with_another_time_is_not_another_change() {
    let world = World::new();
    let line = "suspend ks shop --pull-request --reason=freeze";
    run(&world, line).succeeded();
    // Notes have whole seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let again = run(&world, line);
    assert_eq!(again.succeeded(), "");
    assert!(again.err.contains("✔ pull request #1 is up to date: https://"), "{}", again.err);
    let other = run(&world, "suspend ks shop --pull-request --reason=holidays");
    assert_eq!(other.succeeded(), "");
    assert!(other.err.contains("✔ updated pull request #1: https://"), "{}", other.err);
}

#[test]
fn a_base_that_is_not_there_is_told_with_its_flag() {
    let seen = run(&World::new(), "suspend ks shop --pull-request --pr-base=nope");
    assert!(seen.failed().contains("hint: use one of these with --pr-base\n"), "{}", seen.err);
    assert!(!seen.err.contains("--fleet-branch"), "{}", seen.err);
}

#[test]
fn a_request_is_waited_for_until_shortly_before_the_end() {
    let world = World::new();
    let begun = std::time::Instant::now();
    let seen = run(&world, "suspend ks shop --pull-request --pr-wait --timeout=10s");
    assert!(seen.failed().contains("was not merged in time"), "{}", seen.err);
    let took = begun.elapsed();
    assert!((8..12).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn what_the_forge_refuses_is_told_in_the_flags_of_the_command() {
    let world = World::new();
    world.forge.add_user("eve", "eve-s-token-1234", "repo");
    let mut command = world.cli.command(&["suspend", "ks", "shop", "--pull-request", "--forge=github"]);
    let output = command.env("GITHUB_TOKEN", "eve-s-token-1234").env("GIT_PASSWORD", TOKEN).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{told}");
    assert!(!told.contains("--owner") && !told.contains("--ca-file"), "{told}");
}

#[test]
fn gitea_has_time_to_look_for_conflicts() {
    let world = World::at("gitea", &[]);
    for _ in 0..2 {
        let seen = world.ask("suspend ks shop --pull-request");
        assert_eq!(seen.succeeded(), "");
        assert!(!seen.err.contains("conflicts"), "{}", seen.err);
    }
}

#[test]
fn what_create_and_delete_change_is_proposed_too() {
    let world = World::new();
    world
        .ask("create ks docs --source=GitRepository/flux-system --path=./docs --pull-request --pr-title=Docs")
        .succeeded();
    assert_eq!(world.request().title, "Docs");
    world.forge.merge_request(REPOSITORY, 1, Merge::Rebase).unwrap();
    assert!(world.file("clusters/one/docs.yaml").is_some(), "{:?}", world.touched());
    world.ask("delete ks docs --silent --pull-request").succeeded();
    world.forge.merge_request(REPOSITORY, 2, Merge::Commit).unwrap();
    assert_eq!(world.file("clusters/one/docs.yaml"), None);
    world.left_the_cluster_alone();
}

/// Runs a line that waits, and merges the first request as soon as it is open.
pub(super) fn run_and_merge(world: &World, line: &str, how: Merge) -> Output {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| world.ask(line));
        while world.forge.pull_requests(REPOSITORY).is_empty() && !run.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let merged = world.forge.merge_request(REPOSITORY, 1, how);
        let said = run.join().unwrap();
        assert!(merged.is_ok(), "{}", said.err);
        said
    })
}

#[test]
fn a_request_is_waited_for_until_the_cluster_has_applied_it() {
    let world = World::new();
    world.with_controllers(None);
    let line = "suspend ks shop --pull-request --pr-wait --timeout=1m";
    let said = run_and_merge(&world, line, Merge::Commit);
    assert_eq!(said.succeeded(), "");
    let head = world.git(&["rev-parse", "main"]);
    assert!(said.err.contains("✔ pull request #1 was merged into \"main\""), "{}", said.err);
    let applied =
        format!("✔ Kustomization/flux-system/flux-system applied revision main@sha1:{}\n", &head[..8]);
    assert!(said.err.ends_with(&applied), "{}", said.err);
    assert!(matches!(world.request().progress, Progress::Merged(_)));

    let again = world.ask(line);
    assert_eq!(again.succeeded(), "");
    assert!(again.err.contains("✔ pull request #1 was merged into \"main\": https://"), "{}", again.err);
    assert!(again.err.ends_with(&applied), "{}", again.err);
}

#[test]
fn what_was_merged_and_cannot_be_applied_is_a_failure_with_its_reason() {
    let world = World::new();
    world.with_controllers(Some("BuildFailed"));
    let line = "delete ks cache --silent --pull-request --pr-wait --timeout=1m";
    let said = run_and_merge(&world, line, Merge::Rebase);
    assert_eq!(said.code, 1, "{}", said.err);
    let words = "✗ Kustomization/flux-system/flux-system failed with revision main@sha1:";
    assert!(said.err.contains(words), "{}", said.err);
    assert!(said.err.contains(": BuildFailed: it was tried\n"), "{}", said.err);
}

#[test]
fn where_no_cluster_is_reached_the_merge_is_waited_for_and_that_is_reported() {
    let world = World::new();
    let url = format!("https://{}/{REPOSITORY}.git", world.forge.host());
    let line = format!(
        "suspend ks shop --pull-request --pr-wait --timeout=1m --kubeconfig=/nonexistent \
         --fleet-url={url} --fleet-branch=main --fleet-path=clusters/one"
    );
    let said = run_and_merge(&world, &line, Merge::Squash);
    assert_eq!(said.succeeded(), "");
    assert!(said.err.contains("✔ pull request #1 was merged into \"main\""), "{}", said.err);
    let words = "whether it is applied is not known: no cluster can be reached that follows \"main\"\n";
    assert!(said.err.ends_with(words), "{}", said.err);
    world.left_the_cluster_alone();
}

#[test]
fn an_object_that_was_created_by_a_request_is_known_to_be_merged() {
    let world = World::new();
    let line = "create ks docs --source=GitRepository/flux-system --path=./docs --pull-request";
    world.ask(line).succeeded();
    world.forge.merge_request(REPOSITORY, 1, Merge::Squash).unwrap();
    world.forge.delete_branch(REPOSITORY, &world.request().head).unwrap();
    let again = world.ask(line);
    assert_eq!(again.succeeded(), "");
    assert!(again.err.contains("✔ pull request #1 was merged into \"main\": https://"), "{}", again.err);
    assert_eq!(world.forge.pull_requests(REPOSITORY).len(), 1);
}

#[test]
fn where_only_git_is_known_the_branch_is_there_to_open_a_request_by_hand() {
    let world = World::new();
    let seen = world.run("suspend ks shop --pull-request");
    assert_eq!(seen.code, 1, "{}", seen.err);
    for words in ["cannot open a request at", "the forge is unknown", &format!("from the branch \"{BRANCH}")]
    {
        assert!(seen.err.contains(words), "{words}: {}", seen.err);
    }
    let head = world.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/fluxr/"]);
    let proposed = world.git(&["show", &format!("{}:clusters/one/shop.yaml", head.trim())]);
    assert!(proposed.contains("suspend: true"), "{proposed}");
}

#[test]
fn a_protected_branch_names_the_way_around_it_and_a_forge_its_token() {
    let world = World::new();
    world.forge.protect_branch(REPOSITORY, "main").unwrap();
    let declined = world.run("suspend ks shop --push");
    assert!(declined.failed().contains("\nhint: propose the change with --pull-request"), "{}", declined.err);
    let seen = world.run("suspend ks shop --pull-request --forge=gitlab");
    assert!(seen.failed().contains("\nhint: export a token as GITLAB_TOKEN"), "{}", seen.err);
    let seen = world.run("suspend ks shop --push --pr-draft");
    assert!(seen.failed().contains("--pr-draft requires --pull-request"), "{}", seen.err);
    assert!(world.forge.pull_requests(REPOSITORY).is_empty());
    assert_eq!(world.commits(), ["the fleet"]);
}
