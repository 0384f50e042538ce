//! Runs that are disturbed: others push, keys vanish, the program is killed. The next run, or this one, gets there.

use super::world::REPOSITORY;
use super::world::World;
use super::world::commit_in_between;
use super::world::said;
use crate::support::COMPONENTS_COMMIT;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use testbed::forge::Action;
use testbed::forge::Fault;

const PUSH: &str = "info/refs?service=git-receive-pack";

#[test]
fn a_concurrent_push_before_either_push_is_recovered_from() {
    for before in 0..2 {
        let world = World::new();
        let bare = world.forge.repository_path(REPOSITORY);
        world.forge.inject(Fault {
            method: "GET",
            path: PUSH,
            after: before,
            times: 1,
            action: Action::Call(Arc::new(move || commit_in_between(&bare, "README.md"))),
        });
        let said = world.bootstrap(&[]);
        said.succeeded();
        assert!(said.err.contains("◎ git conflict detected, retrying with a fresh clone"), "{}", said.err);
        let mut commits = world.commits();
        assert_eq!(commits.remove(2 - before), "theirs: README.md", "{before}");
        assert_eq!(commits, ["Add Flux sync manifests", COMPONENTS_COMMIT.as_str()]);
    }
}

#[test]
fn two_runs_at_once_agree_on_one_key() {
    let world = World::new();
    let start = || world.command(&world.arguments(&[])).spawn().unwrap();
    let (one, other) = (start(), start());
    let other = std::thread::spawn(move || said(other));
    said(one).succeeded();
    other.join().unwrap().succeeded();
    ends_like(&world, &undisturbed("github"), "after two runs at once");
}

#[test]
fn a_deploy_key_that_vanished_is_registered_again() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    world.forge.remove_deploy_keys(REPOSITORY);
    let said = world.bootstrap(&[]);
    assert!(said.succeeded().err.contains("✔ configured deploy key"), "{}", said.err);
    world.is_complete("after the key was removed");
}

#[test]
fn a_recreated_repository_gets_its_files_and_its_key() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    let key = world.secret("identity.pub");
    world.forge.delete_repository(REPOSITORY).unwrap();
    world.bootstrap(&[]).succeeded();
    assert_eq!(world.secret("identity.pub"), key);
    world.is_complete("after the repository was deleted");
}

#[test]
fn a_key_with_other_access_is_replaced() {
    let world = World::new();
    world.bootstrap(&["--read-write-key"]).succeeded();
    assert!(!world.forge.deploy_keys(REPOSITORY)[0].2);
    world.bootstrap(&[]).succeeded();
    world.is_complete("after the key was made read-only again");
}

/// What an undisturbed run ends in.
fn undisturbed(at: &'static str) -> Vec<String> {
    let world = World::at(at);
    world.bootstrap(&[]).succeeded();
    let state = world.state();
    assert!(state.len() > 40, "there is little to compare: {state:?}");
    state
}

#[track_caller]
fn ends_like(world: &World, state: &[String], what: &str) {
    world.is_complete(what);
    let found = world.state();
    let differs =
        found.iter().find(|line| !state.contains(line)).or(state.iter().find(|line| !found.contains(line)));
    assert!(
        differs.is_none() && found.len() == state.len(),
        "{what}: differs from an undisturbed run in {differs:?}"
    );
}

#[test]
fn a_run_killed_at_any_step_is_finished_by_the_next() {
    let state = undisturbed("github");
    for line in [
        "► connecting",
        "✔ repository",
        "✔ cloned",
        "✔ committed component",
        "► pushing component",
        "► installing",
        "✔ installed",
        "► applying source",
        "✔ reconciled source",
        "✔ configured deploy",
        "✔ committed sync",
        "► pushing sync",
        "► applying sync",
        "◎ waiting for GitRepository",
    ] {
        let world = World::new();
        assert!(world.kill_at(line), "no line begins with \"{line}\"");
        world.bootstrap(&[]).succeeded();
        ends_like(&world, &state, &format!("killed at \"{line}\""));
    }
}

#[test]
fn a_run_killed_after_any_request_to_the_forge_is_finished_by_the_next() {
    killed_after_any_request("github");
}

/// Kills a run at each of its requests to the forge.
pub(super) fn killed_after_any_request(at: &'static str) {
    let counts = killed_in(&|| World::at(at), &[]);
    assert!(counts["GET"] > 2 && counts["POST"] > 2, "{at}: {counts:?}");
}

/// The same with a group or an organization whose teams get the repository, which is made public again: calls that an ordinary run does not need.
pub(super) fn killed_after_any_request_with_teams(at: &'static str) {
    let teams = match at {
        "gitlab" => "--team=acme/dev:push",
        "bitbucket-server" => "--group=dev:push",
        _ => "--team=dev:push",
    };
    let world = || {
        let world = World::of_group(at);
        world.bootstrap(&["--private=false"]).succeeded();
        world.forge.remove_deploy_keys(&world.repository());
        world
    };
    let counts = killed_in(&world, &[teams, "--reconcile"]);
    let written: usize = ["POST", "PUT", "PATCH", "DELETE"].map(|method| counts[method]).iter().sum();
    assert!(counts["PUT"] + counts["PATCH"] > 0 && written > 2, "{at}: {counts:?}");
}

/// Kills runs with these flags after each of their requests to the forge, and lets another one follow; how many requests of each method there were.
fn killed_in(begin: &dyn Fn() -> World, flags: &[&str]) -> BTreeMap<&'static str, usize> {
    let state = {
        let world = begin();
        world.bootstrap(flags).succeeded();
        world.state()
    };
    assert!(state.len() > 40, "there is little to compare: {state:?}");
    let mut counts = BTreeMap::new();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        for before in 0.. {
            let world = begin();
            let pid = Arc::new(AtomicU32::new(0));
            let victim = Arc::clone(&pid);
            let kill = move || {
                while victim.load(Ordering::SeqCst) == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                let id = victim.load(Ordering::SeqCst).to_string();
                std::process::Command::new("/bin/kill").args(["-KILL", &id]).status().unwrap();
            };
            let action = Action::Call(Arc::new(kill));
            world.forge.inject(Fault { method, path: "", after: before, times: 1, action });
            let child = world.command(&world.arguments(flags)).spawn().unwrap();
            pid.store(child.id(), Ordering::SeqCst);
            let first = said(child);
            if first.code == 0 {
                counts.insert(method, before);
                break;
            }
            world.bootstrap(flags).succeeded();
            ends_like(&world, &state, &format!("killed after {method} {before}"));
        }
    }
    counts
}

#[test]
fn a_run_killed_among_its_requests_to_the_cluster_is_finished_by_the_next() {
    // Of the requests of one step, which are alike and sent at once, a few.
    killed_after_requests(17);
}

/// Kills a run when the API server has answered so many requests, for every `step`-th number of them.
pub(crate) fn killed_after_requests(step: usize) {
    let state = undisturbed("github");
    for answered in (1..).step_by(step) {
        let world = World::new();
        world.api.answer_only(answered);
        let mut child = world.command(&world.arguments(&[])).spawn().unwrap();
        while child.try_wait().unwrap().is_none() && world.api.requests().len() <= answered {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let _ = child.kill();
        let first = said(child);
        if first.code == 0 {
            assert!(answered > 40, "only {answered} requests");
            break;
        }
        world.api.answer_only(usize::MAX);
        world.bootstrap(&[]).succeeded();
        ends_like(&world, &state, &format!("killed after {answered} requests to the cluster"));
    }
}
