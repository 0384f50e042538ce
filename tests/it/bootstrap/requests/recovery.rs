//! A run that is killed after any request, before the merge or after it: the next ones get to the same end.

use super::stage::ASK;
use super::stage::is_finished;
use super::stage::merge;
use super::stage::only;
use super::stage::protected;
use crate::bootstrap::world::World;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;

/// Runs to the end, and says what it is.
fn finish(world: &World, what: &str) -> Vec<String> {
    world.bootstrap(ASK).succeeded();
    if let testbed::forge::Progress::Open = only(world).progress {
        merge(world, 1, Merge::Squash);
    }
    is_finished(world, &world.bootstrap(ASK), what);
    let request = only(world);
    let mut state = world.state();
    state.push(format!("{} {} {} {:?}", request.head, request.title, request.body, request.labels));
    state
}

/// Whether a run was killed at this request of it.
fn is_killed(world: &World, method: &'static str, before: usize) -> bool {
    let code = killed(&world.forge, &mut world.command(&world.arguments(ASK)), method, before);
    code != Some(0)
}

/// Kills a run when it has made so many requests of a method to a forge, and gives its exit code. Nothing goes wrong afterwards.
pub(crate) fn killed(
    forge: &testbed::Forge,
    command: &mut std::process::Command,
    method: &'static str,
    before: usize,
) -> Option<i32> {
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
    forge.inject(Fault { method, path: "", after: before, times: 1, action });
    let child = command.spawn().unwrap();
    pid.store(child.id(), Ordering::SeqCst);
    let ended = child.wait_with_output().unwrap();
    forge.heal();
    ended.status.code()
}

/// Kills a run at each of its requests to the forge; after the merge, they are those of any bootstrap.
fn killed_after_any_request(at: &'static str) {
    let undisturbed = finish(&protected(at), "undisturbed");
    let merged: &[bool] = if at == "github" { &[false, true] } else { &[false] };
    for is_merged in merged.iter().copied() {
        for method in ["GET", "POST"] {
            for before in 0.. {
                let world = protected(at);
                if is_merged {
                    world.bootstrap(ASK).succeeded();
                    merge(&world, 1, Merge::Squash);
                }
                if !is_killed(&world, method, before) {
                    assert!(before > 1, "{at}: only {before} {method} requests");
                    break;
                }
                let what = format!("{at}: killed after {method} {before}, merged: {is_merged}");
                let state = finish(&world, &what);
                let differs = state.iter().find(|line| !undisturbed.contains(line));
                assert!(differs.is_none() && state.len() == undisturbed.len(), "{what}: {differs:?}");
            }
        }
    }
}

#[test]
fn a_run_killed_after_any_request_to_github_is_finished_by_the_next() {
    killed_after_any_request("github");
}

#[test]
fn a_run_killed_after_any_request_to_gitlab_is_finished_by_the_next() {
    killed_after_any_request("gitlab");
}

#[test]
fn a_run_killed_after_any_request_to_gitea_is_finished_by_the_next() {
    killed_after_any_request("gitea");
}

#[test]
fn a_run_killed_after_any_request_to_bitbucket_server_is_finished_by_the_next() {
    killed_after_any_request("bitbucket-server");
}
