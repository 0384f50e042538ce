//! A run that is killed after any of its requests: the next one gets to the same end. And two runs at once.

use super::rolling_back::Broken;
use super::world::World;
use super::world::said;
use crate::bootstrap::requests::recovery::killed;
use regex::Regex;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;
use testbed::forge::Progress;

const LINES: [&str; 4] = [
    "create kustomization blog --source=GitRepository/flux-system --path=./apps/blog --prune",
    "delete ks cache --silent",
    "suspend ks shop",
    "rollback ks/shop",
];

fn world(at: &'static str) -> World {
    let Broken { world, .. } = Broken::at(at);
    world.forge.add_user("grace", "ghp_t0ken-0f-grace", "repo");
    world
}

/// Branches with their files, subjects and requests, without what differs from world to world.
fn state(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for branch in world.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]).lines() {
        lines.push(format!("{branch}: {:?}", world.forge.commits(world.repository, branch).unwrap()));
        lines.push(world.git(&["ls-tree", "-r", branch]));
    }
    for request in world.requests() {
        lines.push(format!(
            "{} {} {} {} {:?} {:?}",
            request.head, request.base, request.title, request.body, request.reviewers, request.progress
        ));
    }
    let commit = Regex::new("[0-9a-f]{6,40}").unwrap();
    lines.iter().map(|line| commit.replace_all(line, "<hash>").into_owned()).collect()
}

/// Runs a line to its end.
fn finish(world: &World, line: &str, what: &str) -> Vec<String> {
    let said = world.ask(line);
    assert_eq!(said.code, 0, "{what}: {}", said.err);
    state(world)
}

/// What comes of a line that nothing disturbs, and of another run, which changes nothing.
fn undisturbed(at: &'static str, line: &str) -> Vec<String> {
    let world = world(at);
    let end = finish(&world, line, "undisturbed");
    assert_eq!(finish(&world, line, "again"), end, "{line}: a further run changed something");
    end
}

/// Kills runs of all lines at each of their requests to the forge.
fn killed_after_any_request(at: &'static str, how: &str) {
    for line in LINES {
        let line = format!("{line} {how}");
        let wanted = undisturbed(at, &line);
        let mut kills = 0;
        for method in ["GET", "POST", "PUT", "PATCH"] {
            for before in 0.. {
                let world = world(at);
                if killed(&world.forge, &mut world.asking(&line), method, before) == Some(0) {
                    break;
                }
                kills += 1;
                let what = format!("{at}: {line}: killed after {method} {before}");
                assert_eq!(finish(&world, &line, &what), wanted, "{what}");
            }
        }
        assert!(kills >= if how == "--push" { 4 } else { 8 }, "{at}: {line}: only {kills} requests");
    }
}

/// All forges at once: most of the time is spent with waiting.
fn at_all_forges(how: &'static str) {
    std::thread::scope(|scope| {
        for at in super::world::FORGES {
            scope.spawn(move || killed_after_any_request(at, how));
        }
    });
}

#[test]
fn a_change_that_is_killed_after_any_request_is_pushed_by_the_next_run() {
    at_all_forges("--push");
}

#[test]
fn a_proposal_that_is_killed_after_any_request_is_finished_by_the_next_run() {
    at_all_forges("--pull-request --pr-reviewer=grace");
}

/// Has a run wait at its first request with this in it, until another one has done the same.
fn overtaken(world: &World, line: &str, (method, path): (&'static str, &'static str)) {
    let other: Mutex<Command> = Mutex::new(world.asking(line));
    let outcome = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&outcome);
    let run = move || *seen.lock().unwrap() = Some(said(other.lock().unwrap().output().unwrap()));
    world.forge.inject(Fault { method, path, after: 0, times: 1, action: Action::Call(Arc::new(run)) });
    let mine = world.ask(line);
    let theirs = outcome.lock().unwrap().take().expect("the other run came in between");
    for said in [mine, theirs] {
        assert_eq!(said.code, 0, "{line}: {}", said.err);
    }
}

#[test]
fn two_people_who_do_the_same_at_once_get_one_commit() {
    for line in LINES {
        let line = format!("{line} --push");
        let wanted = undisturbed("github", &line);
        for call in [
            ("GET", "info/refs?service=git-receive-pack"),
            ("POST", "git-receive-pack"),
            ("POST", "git-upload-pack"),
        ] {
            let world = world("github");
            overtaken(&world, &line, call);
            assert_eq!(state(&world), wanted, "{line} {call:?}");
        }
    }
}

#[test]
fn two_people_who_propose_the_same_at_once_get_one_request() {
    for at in super::world::FORGES {
        let line = "suspend ks shop --pull-request --pr-reviewer=grace";
        let wanted = undisturbed(at, line);
        let [_, open, ..] = crate::bootstrap::requests::faults::calls(at);
        for call in [("GET", "info/refs?service=git-receive-pack"), ("POST", "git-receive-pack"), open] {
            let world = world(at);
            overtaken(&world, line, call);
            assert_eq!(state(&world), wanted, "{at} {call:?}");
        }
    }
}

#[test]
fn all_changes_of_people_at_once_arrive() {
    let world = world("github");
    let lines: Vec<String> = (0..6)
        .map(|number| {
            format!(
                "create kustomization k-{number} --source=GitRepository/flux-system --path=./apps/k --push"
            )
        })
        .collect();
    std::thread::scope(|scope| {
        for line in &lines {
            let world = &world;
            scope.spawn(move || world.ask(line).succeeded().to_owned());
        }
    });
    for number in 0..6 {
        assert!(world.file(&format!("clusters/one/k-{number}.yaml")).is_some(), "{number}");
    }
    assert_eq!(world.commits().len(), 3 + lines.len());
}

#[test]
fn a_merge_ends_a_proposal_that_was_killed() {
    for how in [Merge::Commit, Merge::Squash, Merge::Rebase] {
        let world = world("github");
        let line = "suspend ks shop --pull-request";
        // Killed before the answer to the request that opens it.
        assert_ne!(killed(&world.forge, &mut world.asking(line), "POST", 3), Some(0));
        world.ask(line).succeeded();
        world.forge.merge_request(world.repository, 1, how).unwrap();
        let done = world.ask(line);
        assert!(done.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", done.err);
        assert!(matches!(world.request().progress, Progress::Merged(_)));
    }
}
