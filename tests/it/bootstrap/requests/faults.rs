//! Every call about requests, at every forge, with everything that can go wrong with it.

use super::stage::ASK;
use super::stage::FORGES;
use super::stage::HEAD;
use super::stage::inject;
use super::stage::is_proposed;
use super::stage::only;
use super::stage::protected;
use crate::bootstrap::world::World;
use std::time::Duration;
use std::time::Instant;
use testbed::forge::Action;
use testbed::forge::Fault;

/// A call: its method, and a part of its path that no other call of this method has.
pub(crate) type Call = (&'static str, &'static str);

/// Looking for a request, opening one, looking at it, and changing it.
pub(crate) fn calls(at: &str) -> [Call; 4] {
    match at {
        "github" => [("GET", "/pulls?"), ("POST", "/pulls"), ("GET", "/pulls/1"), ("PATCH", "/pulls/1")],
        "gitlab" => [
            ("GET", "/merge_requests?"),
            ("POST", "/merge_requests"),
            ("GET", "/merge_requests/1"),
            ("PUT", "/merge_requests/1"),
        ],
        "gitea" => [("GET", "/pulls/main/"), ("POST", "/pulls"), ("GET", "/pulls/1"), ("PATCH", "/pulls/1")],
        _ => [
            ("GET", "/pull-requests?"),
            ("POST", "/pull-requests"),
            ("GET", "/pull-requests/1"),
            ("PUT", "/pull-requests/1"),
        ],
    }
}

pub(crate) fn json(status: u16, body: &'static str) -> Action {
    Action::Answer(status, vec![("content-type", "application/json")], body)
}

/// A run with every call of the three that it always makes, and what goes wrong with them.
#[track_caller]
fn each_fails(times: usize, action: &Action, words: &[&str]) {
    at_each(|at, method, path| {
        let world = protected(at);
        inject(&world, method, path, times, action.clone());
        let said = world.bootstrap(&["--pull-request", "--timeout=9s"]);
        assert_eq!(said.code, 1, "{at} {method} {path}: {}", said.err);
        said.failed_with(words);
        assert_eq!(world.commits(), ["first"], "{at}");
        // Once the trouble is over, the next run continues.
        world.forge.heal();
        is_proposed(&world, &world.bootstrap(ASK), &format!("{at} after {method} {path}"));
    });
}

/// Looks at each of these calls, at all forges at once: most of the time is spent with waiting.
fn at_each(look: impl Fn(&'static str, &'static str, &'static str) + Sync) {
    std::thread::scope(|scope| {
        for at in FORGES {
            let look = &look;
            scope.spawn(move || {
                calls(at).into_iter().take(3).for_each(|(method, path)| look(at, method, path))
            });
        }
    });
}

/// The same with what passes by itself.
#[track_caller]
fn each_passes(action: &Action) {
    at_each(|at, method, path| {
        let world = protected(at);
        inject(&world, method, path, 1, action.clone());
        is_proposed(&world, &world.bootstrap(ASK), &format!("{at} {method} {path}"));
    });
}

#[test]
fn a_token_that_is_not_accepted_any_more_is_named() {
    each_fails(
        1000,
        &json(401, r#"{"message":"Bad credentials"}"#),
        &["ada/fleet", "token was not accepted", "export it as"],
    );
}

#[test]
fn a_right_that_the_token_lacks_is_named() {
    each_fails(
        1000,
        &json(403, r#"{"message":"no right"}"#),
        &["ada/fleet", "not allowed: no right", "need"],
    );
}

#[test]
fn what_is_not_there_is_named() {
    for at in FORGES {
        let [_, (method, path), look, _] = calls(at);
        for (method, path) in [(method, path), look] {
            let world = protected(at);
            inject(&world, method, path, 1000, json(404, r#"{"message":"Not Found"}"#));
            world.bootstrap(&["--pull-request"]).failed_with(&["ada/fleet", "not found", "--owner"]);
        }
    }
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_forge() {
    for at in FORGES {
        let world = protected(at);
        let (method, path) = calls(at)[1];
        let status = if at == "github" { 422 } else { 409 };
        let words = if at == "bitbucket-server" { "Pull requests are disabled" } else { "Nothing new" };
        let action = match words {
            "Nothing new" => json(400, r#"{"message":"Nothing new"}"#),
            _ => json(
                status,
                r#"{"errors":[{"context":null,"message":"Pull requests are disabled","exceptionName":"x"}]}"#,
            ),
        };
        inject(&world, method, path, 1000, action);
        let said = world.bootstrap(ASK);
        assert_eq!(said.code, 1, "{at}");
        assert!(said.err.contains(words) && said.err.contains("ada/fleet"), "{at}: {}", said.err);
    }
}

#[test]
fn an_answer_that_was_lost_is_found_again() {
    each_passes(&Action::Silence);
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        let (method, path) = calls(at)[3];
        inject(&world, method, path, 1, Action::Silence);
        is_proposed(&world, &world.bootstrap(&["--pull-request", "--pr-title=Another"]), at);
        assert_eq!(only(&world).title, "Another", "{at}");
    }
}

#[test]
fn a_limit_is_waited_out_and_one_beyond_the_deadline_is_reported_at_once() {
    let begun = Instant::now();
    each_passes(&Action::Answer(429, vec![("retry-after", "1")], r#"{"message":"slow down"}"#));
    assert!(begun.elapsed() >= Duration::from_secs(3), "Retry-After was not honoured");
    let begun = Instant::now();
    let limited = Action::Answer(429, vec![("retry-after", "3600")], r#"{"message":"slow down"}"#);
    each_fails(1000, &limited, &["ada/fleet", "rate limit", "1h0m0s"]);
    assert!(begun.elapsed() < Duration::from_secs(120));
}

#[test]
fn a_forge_that_fails_is_asked_again_and_then_named() {
    each_passes(&json(502, r#"{"message":"bad gateway"}"#));
    each_fails(1000, &json(503, r#"{"message":"busy"}"#), &["ada/fleet", "answered 503", "status page"]);
}

#[test]
fn a_web_page_is_not_an_answer() {
    let page =
        Action::Answer(200, vec![("content-type", "text/html")], "<!DOCTYPE html><title>Log in</title>");
    each_passes(&page);
    each_fails(1000, &page, &["ada/fleet", "a web page instead of an answer", "--hostname"]);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    each_passes(&Action::CutOff);
}

#[test]
fn a_branch_that_moves_between_look_and_push_is_looked_at_again() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        moves(&world);
        let flags = ["--pull-request", "--network-policy=false"];
        let said = world.bootstrap(&flags);
        is_proposed(&world, &said, at);
        assert!(said.err.contains("◎ git conflict detected, retrying"), "{at}: {}", said.err);
        let commits = world.forge.commits(&world.repository(), HEAD).unwrap();
        assert_eq!((commits.len(), &*commits[1]), (4, "review"), "{at}: {commits:?}");
    }
}

/// Someone pushes to the branch of the request before the next push to it.
fn moves(world: &World) {
    let (forge, repository) = (std::sync::Arc::clone(&world.forge), world.repository());
    let push = move || {
        forge.commit(&repository, HEAD, &[("NOTES.md", Some("theirs\n"))], "review").unwrap();
    };
    let action = Action::Call(std::sync::Arc::new(push));
    let (method, path) = ("GET", "info/refs?service=git-receive-pack");
    world.forge.inject(Fault { method, path, after: 0, times: 1, action });
}
