//! `reconcile --all` and `-l`: sources first, then what depends on nothing that is still to come.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

fn app(name: &str, needs: &[&str]) -> Value {
    let needs: Vec<Value> = needs.iter().map(|name| json!({"name": name})).collect();
    let spec = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}, "dependsOn": needs});
    let revision = json!({"lastAppliedRevision": "main@sha1:abc"});
    let mut object = flux_object("Kustomization", name, spec, ready("True", "Applied", revision));
    object["metadata"]["labels"] = json!({"app": name});
    object
}

/// A repository, and four applications that all come from it: two depend on others.
fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    let spec = json!({"url": "https://git.example.com/fleet", "interval": "1m0s"});
    let artifact = json!({"artifact": {"revision": "main@sha1:abc"}});
    server.put(flux_object("GitRepository", "fleet", spec, ready("True", "stored", artifact)));
    for (name, needs) in [("api", &["db"][..]), ("db", &[]), ("paused", &[]), ("web", &["api", "paused"])] {
        server.put(app(name, needs));
    }
    let mut paused = server.get("Kustomization", "flux-system", "paused").unwrap();
    paused["spec"]["suspend"] = json!(true);
    server.put(paused);
    server
}

/// Where a line is.
#[track_caller]
fn place(text: &str, line: &str) -> usize {
    text.find(line).unwrap_or_else(|| panic!("no \"{line}\" in:\n{text}"))
}

#[test]
fn everything_is_reconciled_after_what_it_needs_and_what_is_suspended_is_left_alone() {
    let server = cluster();
    server.with_controllers(Duration::from_millis(30));
    let seen = Cli::against(&server).run(&["reconcile", "--all"]);
    seen.succeeded();
    let path = ["fleet", "db", "api", "web"].map(|name| {
        let kind = if name == "fleet" { "GitRepository" } else { "Kustomization" };
        let begun = place(&seen.err, &format!("► reconciling {kind}/flux-system/{name}\n"));
        (begun, place(&seen.err, &format!("✔ {kind}/flux-system/{name}: ")))
    });
    assert!(path.is_sorted_by(|one, next| one.1 < next.0), "{}", seen.err);
    let left_alone =
        "Kustomization/flux-system/paused: suspended, skipped; `fluxr resume kustomization paused`";
    place(&seen.err, left_alone);
    let paused = server.get("Kustomization", "flux-system", "paused").unwrap();
    assert_eq!(paused["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"], Value::Null);
}

#[test]
fn what_depends_on_a_failure_is_not_asked_and_the_rest_is() {
    let server = cluster();
    server.with_controllers(Duration::from_millis(10));
    server.fail("PATCH", "kustomizations/db", 1, Fault::Status(403));
    let seen = Cli::against(&server).run(&["reconcile", "kustomization", "--all"]);
    let said = seen.failed();
    place(said, "✗ Kustomization/flux-system/db: annotating Kustomization \"flux-system/db\"");
    place(said, "✗ Kustomization/flux-system/api: skipped because Kustomization/flux-system/db failed\n");
    place(said, "✗ Kustomization/flux-system/web: skipped because Kustomization/flux-system/api failed\n");
    place(said, "✗ 3 of 4 objects were not reconciled\n");
    let api = server.get("Kustomization", "flux-system", "api").unwrap();
    assert_eq!(api["metadata"]["annotations"], Value::Null);
}

#[test]
fn a_selector_chooses_and_sources_come_along_when_told_so() {
    let server = cluster();
    server.with_controllers(Duration::from_millis(10));
    let cli = Cli::against(&server);
    let seen = cli.run(&["reconcile", "ks", "-l", "app=db", "--with-source"]);
    seen.succeeded();
    assert_eq!(seen.err.matches("► reconciling").count(), 2, "{}", seen.err);
    assert!(
        place(&seen.err, "✔ GitRepository/flux-system/fleet")
            < place(&seen.err, "► reconciling Kustomization/flux-system/db")
    );
    let seen = cli.run(&["reconcile", "ks", "-l", "app=nobody"]);
    assert_eq!(seen.failed(), "✗ no Kustomization objects found in \"flux-system\" namespace\n");
    let seen = cli.run(&["reconcile", "ks", "db", "--all"]);
    place(seen.failed(), "a name cannot be combined with --all, -A or -l");
}

#[test]
fn objects_that_wait_for_each_other_are_named_before_anything_is_asked() {
    let server = cluster();
    server.put(app("db", &["web"]));
    let seen = Cli::against(&server).run(&["reconcile", "--all"]);
    place(seen.failed(), "these wait for each other: Kustomization/flux-system/");
    assert!(!server.requests().iter().any(|request| request.starts_with("PATCH")), "{:?}", server.requests());
}

#[test]
fn the_group_alone_is_its_help() {
    let seen = Cli::new().run(&["reconcile"]);
    assert!(
        seen.succeeded().starts_with("Reconcile sources and resources\n\nUsage: fluxr reconcile"),
        "{seen:?}"
    );
}
