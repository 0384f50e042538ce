//! `wait` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

fn kustomization(name: &str, status: Value) -> Value {
    flux_object("Kustomization", name, json!({"interval": "5m0s", "path": "./"}), status)
}

fn repository(name: &str, revision: &str) -> Value {
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
    let artifact = json!({"artifact": {"revision": revision}});
    flux_object("GitRepository", name, spec, ready("True", "stored", artifact))
}

fn well() -> Value {
    ready("True", "applied", json!({}))
}

#[test]
fn objects_of_several_kinds_are_waited_for_at_once() {
    let server = ApiServer::with_flux();
    server.put(kustomization("now", well()));
    server.put(kustomization("later", ready("False", "not yet", json!({}))));
    let cli = Cli::against(&server);
    let waiting = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            cli.run(&["wait", "kustomization/now", "ks/later", "gitrepository/coming", "--timeout=20s"])
        });
        std::thread::sleep(Duration::from_millis(700));
        server.drop_watches();
        server.put(repository("coming", "main@sha1:abc"));
        server.compact();
        server.drop_watches();
        server.put(kustomization("later", well()));
        run.join().unwrap()
    });
    assert_eq!((waiting.code, waiting.out.as_str()), (0, ""), "{waiting:?}");
    let mut lines: Vec<&str> = waiting.err.lines().filter(|line| !line.starts_with('◎')).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["✔ gitrepository/coming is ready", "✔ kustomization/later is ready", "✔ kustomization/now is ready"]
    );
}

#[test]
fn what_is_left_at_the_limit_is_named_with_its_condition_and_what_to_do() {
    let server = ApiServer::with_flux();
    server.put(kustomization("well", well()));
    server.put(kustomization("broken", ready("False", "no such path", json!({}))));
    server.put(kustomization("new", json!({})));
    let mut old = kustomization("old", well());
    old["metadata"]["generation"] = json!(2);
    server.put(old);
    let mut paused = kustomization("paused", ready("False", "was broken", json!({})));
    paused["spec"]["suspend"] = json!(true);
    server.put(paused);
    let cli = Cli::against(&server);
    let seen = cli.run(&["wait", "ks", "--all", "--timeout=4s"]);
    let failed = seen.failed();
    for line in [
        "✔ kustomization/well is ready\n",
        "✗ kustomization/broken is not ready: Tested: no such path\n\
         hint: `fluxr why kustomization/broken` finds the cause\n",
        "✗ kustomization/new is not ready: it was not reconciled yet\n",
        "✗ kustomization/paused is not ready: Tested: was broken\n\
         hint: it is suspended: `fluxr resume kustomization paused` resumes it\n",
        "✗ kustomization/old is not ready: generation is 2, but latest observed generation is 1\n",
        "✗ timed out waiting for 4 of 5 objects\n",
    ] {
        assert!(failed.contains(line), "{line} is not in\n{failed}");
    }
    let none = cli.run(&["wait", "ks/none", "--timeout=4s"]);
    assert!(none.failed().starts_with(
        "✗ kustomization/none is not ready: it does not exist\nhint: `fluxr get kustomizations"
    ));
}

#[test]
fn a_revision_is_met_by_its_beginning_or_by_that_of_its_digest() {
    let server = ApiServer::with_flux();
    server.put(repository("app", "main@sha1:0f1e2d3c"));
    let cli = Cli::against(&server);
    for revision in ["main@sha1:0f1e2d3c", "main@sha1:0f1e", "sha1:0f1e", "0f1e2d"] {
        let wanted = format!("--for=revision={revision}");
        let seen = cli.run(&["wait", "gitrepo/app", &wanted, "--timeout=5s"]);
        assert_eq!(
            (seen.code, seen.err),
            (0, format!("✔ gitrepository/app is ready at revision {revision}\n"))
        );
    }
    let seen = cli.run(&["wait", "gitrepo/app", "--for=revision=1e2d", "--timeout=4s"]);
    assert!(
        seen.failed().contains("not ready at revision 1e2d: its revision is main@sha1:0f1e2d3c"),
        "{seen:?}"
    );
}

#[test]
fn objects_that_are_suspended_or_gone_are_waited_for_too() {
    let server = ApiServer::with_flux();
    server.put(kustomization("app", well()));
    let cli = Cli::against(&server);
    let seen = cli.run(&["wait", "ks/app", "--for=suspended", "--timeout=4s"]);
    assert!(
        seen.failed().contains("✗ kustomization/app is not suspended: nothing has suspended it\n"),
        "{seen:?}"
    );
    assert_eq!(cli.run(&["suspend", "ks", "app"]).code, 0);
    let seen = cli.run(&["wait", "ks/app", "--for", "suspended", "--timeout=5s"]);
    assert_eq!((seen.code, seen.err.as_str()), (0, "✔ kustomization/app is suspended\n"));
    let seen = cli.run(&["wait", "ks/app", "ks/none", "--for=deleted", "--timeout=4s"]);
    assert!(seen.failed().contains("✔ kustomization/none is deleted\n"), "{seen:?}");
    assert!(seen.err.contains("✗ kustomization/app is not deleted: nothing has deleted it\n"), "{seen:?}");
    let seen = std::thread::scope(|scope| {
        let run = scope.spawn(|| cli.run(&["wait", "ks/app", "--for=deleted", "--timeout=20s"]));
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(cli.run(&["delete", "ks", "app", "--silent"]).code, 0);
        run.join().unwrap()
    });
    assert_eq!((seen.code, seen.err.as_str()), (0, "✔ kustomization/app is deleted\n"));
}

#[test]
fn a_selection_takes_what_is_there_in_all_namespaces() {
    let server = ApiServer::with_flux();
    let mut labelled = kustomization("app", well());
    labelled["metadata"]["labels"] = json!({"team": "a"});
    server.put(labelled.clone());
    labelled["metadata"]["namespace"] = json!("other");
    server.put(labelled);
    server.put(kustomization("broken", ready("False", "no", json!({}))));
    let cli = Cli::against(&server);
    let seen = cli.run(&["wait", "-l", "team=a", "-A", "--timeout=5s"]);
    let mut lines: Vec<&str> = seen.err.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        (seen.code, lines),
        (0, vec!["✔ kustomization/app in other is ready", "✔ kustomization/app is ready"])
    );
    let none = cli.run(&["wait", "--all", "-n", "empty"]);
    assert_eq!(none.failed(), "✗ no objects match\n");
    assert_eq!(cli.run(&["wait", "--all", "-n", "empty", "--for=deleted"]).code, 0);
}

#[test]
fn what_waiting_cannot_mend_ends_it_at_once() {
    let server = ApiServer::with_flux();
    server.fail("GET", "kustomizations", 1, Fault::Status(403));
    let cli = Cli::against(&server);
    assert!(cli.run(&["wait", "ks/app"]).failed().contains("listing kustomizations"));
    for (line, says) in [
        (vec!["wait"], "<kind>/<name>, --all or --label-selector is required"),
        (vec!["wait", "ks"], "ks: a kind without a name needs --all or --label-selector"),
        (vec!["wait", "ks/"], "the name after the / is missing"),
        (vec!["wait", "pod/x"], "'pod' is not a kind of Flux"),
        (vec!["wait", "ks/x", "--all"], "names cannot be combined with --all"),
        (vec!["wait", "ks/x", "-A"], "names cannot be combined with"),
        (
            vec!["wait", "ks/x", "--for=happy"],
            "--for happy is not known, use one of: ready, suspended, deleted",
        ),
        (vec!["wait", "ks/x", "--for=revision="], "is not known"),
        (vec!["wait", "externalartifact/x", "--for=suspended"], "cannot be suspended"),
        (vec!["wait", "alert/x", "--for=revision=1"], "objects of the kind Alert have no revision"),
    ] {
        assert!(cli.run(&line).failed().contains(says), "{line:?}");
    }
    let bare = ApiServer::empty();
    let cli = Cli::against(&bare);
    assert!(cli.run(&["wait", "ks/app"]).failed().contains("listing kustomizations"));
    assert_eq!(cli.run(&["wait", "ks/app", "--for=deleted"]).err, "✔ kustomization/app is deleted\n");
}
