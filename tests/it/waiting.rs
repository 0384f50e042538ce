//! What is told while an object is waited for, and when the time is up: the same for every command that waits.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

const REFUSED: &str =
    "failed to checkout and determine revision: dial tcp 127.0.0.1:1: connect: connection refused";

/// What a controller writes after an attempt that failed: source-controller leaves the generation of the status as a whole at -1.
fn failing(object: &Value, message: &str) -> Value {
    let generation = object["metadata"]["generation"].clone();
    let condition = |name: &str, status: &str, reason: &str| json!({"type": name, "status": status, "reason": reason, "message": message, "observedGeneration": generation});
    json!({
        "observedGeneration": -1,
        "conditions": [condition("Reconciling", "True", "ProgressingWithRetry"), condition("Ready", "False", "GitOperationFailed")],
    })
}

/// Whatever is new or changed fails.
fn with_failures(server: &ApiServer) {
    server.react(|object| {
        let is_flux = object["apiVersion"].as_str().is_some_and(|group| group.contains("toolkit.fluxcd.io"));
        let mut next = object.clone();
        let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt");
        next["status"] = failing(object, REFUSED);
        next["status"]["lastHandledReconcileAt"] = asked.cloned().unwrap_or_default();
        (is_flux && object["status"] != next["status"]).then_some((Duration::from_millis(20), next))
    });
}

fn put(server: &ApiServer, kind: &str, suspended: bool) {
    let spec = json!({"interval": "1m0s", "url": "https://git.example.com/app", "suspend": suspended});
    server.put(flux_object(kind, "app", spec, ready("True", "stored", json!({}))));
}

#[test]
fn every_wait_tells_why_an_object_is_not_ready_and_what_finds_the_cause() {
    let server = ApiServer::with_flux();
    with_failures(&server);
    put(&server, "GitRepository", true);
    put(&server, "Kustomization", true);
    let cli = Cli::against(&server);
    for (line, kind, name) in [
        ("create source git new --url=https://git.example.com/x --branch=main", "GitRepository", "new"),
        ("create kustomization new --source=GitRepository/new", "Kustomization", "new"),
        ("create helmrelease new --source=HelmRepository/new --chart=web", "HelmRelease", "new"),
        ("create image repository new --image=ghcr.io/acme/app", "ImageRepository", "new"),
        ("resume source git app", "GitRepository", "app"),
        ("resume kustomization app", "Kustomization", "app"),
        ("wait gitrepository/app", "GitRepository", "app"),
    ] {
        let words: Vec<&str> = line.split(' ').chain(["--timeout=5s"]).collect();
        let seen = cli.run(&words);
        let told = format!("◎ {kind}/flux-system/{name}: GitOperationFailed: {REFUSED}\n");
        assert_eq!(seen.failed().matches(&told).count(), 1, "{line}: {}", seen.err);
        let end = &seen.err[seen.err.find(&told).unwrap() + told.len()..];
        assert!(
            end.starts_with('✗') && end.contains(&format!(": GitOperationFailed: {REFUSED}\n")),
            "{line}: {end}"
        );
        let hint = format!("hint: `fluxr why {}/{name}` finds the cause\n", kind.to_lowercase());
        assert!(end.contains(&hint), "{line}: {end}");
    }
}

#[test]
fn a_request_that_ends_in_a_failure_is_over_at_once() {
    let server = ApiServer::with_flux();
    put(&server, "GitRepository", false);
    with_failures(&server);
    let started = std::time::Instant::now();
    let seen = Cli::against(&server).run(&["reconcile", "source", "git", "app"]);
    let wanted = format!(
        "✗ GitRepository reconciliation failed: '{REFUSED}'\nhint: `fluxr why gitrepository/app` finds the cause\n"
    );
    assert!(seen.failed().ends_with(&wanted), "{seen:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_reason_that_changes_is_told_again_and_one_that_passes_is_not_told() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    let change = |message: &str| {
        let mut object = server.get("GitRepository", "flux-system", "app").unwrap();
        object["status"] = failing(&object, message);
        server.put(object);
    };
    put(&server, "GitRepository", false);
    change("attempt 1 of 9");
    let seen = std::thread::scope(|scope| {
        let run = scope.spawn(|| cli.run(&["wait", "gitrepository/app", "--timeout=40s"]));
        for message in ["attempt 2 of 9", "attempt 3 of 9", "another failure"] {
            std::thread::sleep(Duration::from_millis(1500));
            change(message);
        }
        std::thread::sleep(Duration::from_millis(2500));
        change("it passes");
        put(&server, "GitRepository", false);
        run.join().unwrap()
    });
    let mut lines = seen.err.lines().map(|line| line.replace("◎ GitRepository/flux-system/app: ", ""));
    // Counts in a message make no other reason of it.
    assert!(lines.next().unwrap().starts_with("GitOperationFailed: attempt "), "{seen:?}");
    assert_eq!(
        lines.collect::<Vec<_>>(),
        ["GitOperationFailed: another failure", "✔ gitrepository/app is ready"]
    );
    assert_eq!(seen.code, 0);
}

#[test]
fn an_object_that_no_controller_looks_at_is_reported_as_such() {
    let server = ApiServer::with_flux();
    put(&server, "GitRepository", false);
    let cli = Cli::against(&server);
    let seen = cli.run(&["create", "kustomization", "new", "--source=x", "--timeout=3s"]);
    let end = "✗ timed out waiting for Kustomization \"new\": it was not reconciled yet\n\
               hint: `fluxr why kustomization/new` finds the cause\n";
    assert!(seen.failed().ends_with(end), "{seen:?}");
    let seen = cli.run(&["reconcile", "source", "git", "app", "--timeout=3s"]);
    let end = "✗ timed out waiting for GitRepository \"flux-system/app\": its controller has not taken up the request\n\
               hint: `fluxr why gitrepository/app` finds the cause\n";
    assert!(seen.failed().ends_with(end), "{seen:?}");
}
