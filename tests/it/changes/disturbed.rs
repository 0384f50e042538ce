//! Every call of a change, with everything that can go wrong with it.

use super::rolling_back::Broken;
use super::world::FORGES;
use super::world::World;
use crate::bootstrap::requests::faults::Call;
use crate::bootstrap::requests::faults::calls;
use crate::bootstrap::requests::faults::json;
use std::time::Duration;
use std::time::Instant;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Progress;

const PUSH: &str = "suspend ks shop --push --timeout=6s";
const ASK: &str = "suspend ks shop --pull-request --timeout=6s";
/// What Git asks for a clone and a push.
const GIT: [Call; 4] = [
    ("GET", "info/refs?service=git-upload-pack"),
    ("POST", "git-upload-pack"),
    ("GET", "info/refs?service=git-receive-pack"),
    ("POST", "git-receive-pack"),
];

fn inject(world: &World, (method, path): Call, times: usize, action: &Action) {
    world.forge.inject(Fault { method, path, after: 0, times, action: action.clone() });
}

fn page(status: u16) -> Action {
    Action::Answer(status, vec![("content-type", "text/html")], "<!DOCTYPE html><title>Log in</title>")
}

/// The change is on the branch, once.
#[track_caller]
fn is_pushed(world: &World, line: &str, what: &str) {
    let said = world.ask(line);
    assert_eq!(said.code, 0, "{what}: {}", said.err);
    assert!(world.file("clusters/one/shop.yaml").unwrap().contains("suspend: true"), "{what}");
    assert_eq!(world.commits().len(), 2, "{what}");
    left_nothing(world, what);
}

/// The change is proposed, once.
#[track_caller]
fn is_proposed(world: &World, line: &str, what: &str) {
    let said = world.ask(line);
    assert_eq!(said.code, 0, "{what}: {}", said.err);
    let request = world.request();
    assert_eq!(
        (&*request.title, request.progress),
        ("Suspend Kustomization/flux-system/shop", Progress::Open)
    );
    let proposed = world.git(&["show", &format!("{}:clusters/one/shop.yaml", request.head)]);
    assert!(proposed.contains("suspend: true"), "{what}");
    assert_eq!(world.commits().len(), 1, "{what}");
    left_nothing(world, what);
}

#[track_caller]
fn left_nothing(world: &World, what: &str) {
    let left = std::fs::read_dir(world.scratch()).unwrap().count();
    assert_eq!(left, 0, "{what}: temporary files were left behind");
}

#[test]
fn every_refusal_of_a_git_server_is_named_and_the_next_run_continues() {
    let text = |status| Action::Answer(status, vec![("content-type", "text/plain")], "not today");
    std::thread::scope(|scope| {
        for call in GIT {
            scope.spawn(move || {
                for (action, words) in [
                    (text(401), ["authentication failed", "refused the token in GITHUB_TOKEN"]),
                    (text(403), ["403 not today", "hint: the token or key needs write access"]),
                    (text(404), ["404 not today", "hint: check the URL"]),
                    (text(409), ["409", "not today"]),
                    (text(422), ["422", "not today"]),
                    (page(200), ["text/html instead of", "git-"]),
                ] {
                    let world = World::new();
                    inject(&world, call, 1000, &action);
                    let said = world.ask(PUSH);
                    for word in words {
                        assert!(said.failed().contains(word), "{call:?}: no \"{word}\" in {}", said.err);
                    }
                    assert!(said.err.contains("ada/fleet"), "{call:?}: {}", said.err);
                    world.forge.heal();
                    is_pushed(&world, PUSH, &format!("after {call:?}"));
                }
            });
        }
    });
}

#[test]
fn what_passes_at_a_git_server_is_waited_for() {
    let limited = Action::Answer(429, vec![("retry-after", "1")], "slow down");
    let busy = Action::Answer(503, vec![], "busy");
    std::thread::scope(|scope| {
        for call in GIT {
            let actions = [limited.clone(), busy.clone(), page(502), Action::CutOff, Action::Silence];
            scope.spawn(move || {
                for action in actions {
                    let world = World::new();
                    inject(&world, call, 1, &action);
                    is_pushed(&world, PUSH, &format!("{call:?}"));
                }
                // One that does not end is named before the time is over.
                let world = World::new();
                inject(&world, call, 1000, &Action::Answer(429, vec![("retry-after", "3600")], "slow down"));
                let begun = Instant::now();
                let said = world.ask(PUSH);
                assert!(said.failed().contains("429"), "{call:?}: {}", said.err);
                assert!(begun.elapsed() < Duration::from_secs(5), "{call:?}");
            });
        }
    });
}

/// Looks at each of the three calls that every proposal makes, at all forges at once.
fn at_each(look: impl Fn(&'static str, Call) + Sync) {
    std::thread::scope(|scope| {
        for at in FORGES {
            let look = &look;
            scope.spawn(move || calls(at).into_iter().take(3).for_each(|call| look(at, call)));
        }
    });
}

#[test]
fn every_refusal_of_a_forge_is_named_and_the_next_run_continues() {
    at_each(|at, call| {
        for (action, words) in [
            (json(401, r#"{"message":"Bad credentials"}"#), ["token was not accepted", "hint: "]),
            (json(403, r#"{"message":"no right"}"#), ["not allowed: no right", "hint: "]),
            // Some forges say so of a request that is there already.
            (json(409, r#"{"message":"in the way"}"#), ["✗ ", "ada/fleet"]),
            (json(422, r#"{"message":"not like this"}"#), ["not like this", "ada/fleet"]),
            (json(503, r#"{"message":"busy"}"#), ["answered 503", "hint: "]),
            (page(200), ["a web page instead of an answer", "hint: "]),
            (
                Action::Answer(429, vec![("retry-after", "3600")], r#"{"message":"slow down"}"#),
                ["rate limit", "1h0m0s"],
            ),
        ] {
            let world = World::at(at, &[]);
            inject(&world, call, 1000, &action);
            let said = world.ask(ASK);
            for word in words.iter().chain(&["ada/fleet"]) {
                assert!(said.failed().contains(word), "{at} {call:?}: no \"{word}\" in {}", said.err);
            }
            assert_eq!(world.commits().len(), 1, "{at} {call:?}");
            world.forge.heal();
            is_proposed(&world, ASK, &format!("{at} after {call:?}"));
        }
    });
}

#[test]
fn what_is_not_there_at_a_forge_is_named() {
    for at in FORGES {
        let [_, open, look, _] = calls(at);
        for call in [open, look] {
            let world = World::at(at, &[]);
            inject(&world, call, 1000, &json(404, r#"{"message":"Not Found"}"#));
            let said = world.ask(ASK);
            assert!(said.failed().contains("not found"), "{at} {call:?}: {}", said.err);
            world.forge.heal();
            is_proposed(&world, ASK, at);
        }
    }
}

#[test]
fn what_passes_at_a_forge_is_waited_for() {
    at_each(|at, call| {
        for action in [
            json(502, r#"{"message":"bad gateway"}"#),
            Action::Answer(429, vec![("retry-after", "1")], r#"{"message":"slow down"}"#),
            page(200),
            Action::CutOff,
            Action::Silence,
        ] {
            let world = World::at(at, &[]);
            inject(&world, call, 1, &action);
            is_proposed(&world, ASK, &format!("{at} {call:?}"));
        }
    });
}

#[test]
fn a_rollback_names_what_it_cannot_fetch_and_continues_later() {
    for (status, word) in [(401, "authentication failed"), (404, "404"), (422, "422"), (500, "500")] {
        for call in &GIT[..2] {
            let Broken { world, .. } = Broken::new();
            inject(&world, *call, 1000, &Action::Answer(status, vec![], "not today"));
            let said = world.ask("rollback ks/shop --push --timeout=4s");
            assert!(said.failed().contains(word), "{call:?}: {}", said.err);
            assert_eq!(world.commits().len(), 3, "{call:?}");
            world.forge.heal();
            world.ask("rollback ks/shop --push").succeeded();
            assert_eq!(world.commits().len(), 4, "{call:?}");
            left_nothing(&world, "a rollback");
        }
    }
}
