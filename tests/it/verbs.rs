//! The verbs that every kind shares, as the built binary shows them against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// A cluster with a ready source and a Kustomization that waits.
fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    let artifact = json!({"artifact": {"revision": format!("main@sha1:{SHA}")}});
    let spec =
        json!({"url": "https://git.example.com/app", "interval": "1m0s", "secretRef": {"name": "login"}});
    server.put(flux_object(
        "GitRepository",
        "app",
        spec,
        ready("True", &format!("stored main@sha1:{SHA}"), artifact),
    ));
    let spec =
        json!({"interval": "5m0s", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
    server.put(flux_object("Kustomization", "app", spec, ready("False", "not yet", json!({}))));
    server
}

#[test]
fn a_table_pads_its_cells_ends_rows_in_a_tab_and_shortens_digests() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["get", "sources", "git"]);
    let header = format!("NAME\t{:<18}\tSUSPENDED\tREADY\t{:<25} \n", "REVISION", "MESSAGE");
    let row = "app \tmain@sha1:01234567\tFalse    \tTrue \tstored main@sha1:01234567\t\n";
    assert_eq!(seen.succeeded(), header + row);
    assert_eq!(seen.err, "");
}

#[test]
fn the_header_can_be_left_out_and_the_source_shown() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["get", "ks", "--no-header", "--show-source"]);
    assert_eq!(seen.succeeded(), "app\tGitRepository/flux-system/app\t\tFalse\tFalse\tnot yet\t\n");
}

#[test]
fn a_status_selector_takes_both_forms_and_any_case() {
    let server = cluster();
    let cli = Cli::against(&server);
    let rows = |selector: &str| {
        cli.run(&["get", "ks", "--no-header", "--status-selector", selector]).succeeded().lines().count()
    };
    assert_eq!(rows("ready=false"), 1);
    assert_eq!(rows("READY=True"), 0);
    assert_eq!(rows("ready!=true"), 1);
    assert_eq!(rows("stalled!=true"), 1);
    assert!(cli.run(&["get", "ks", "--status-selector", "ready"]).failed().contains("ready"));
}

#[test]
fn what_is_not_there_is_named() {
    let server = cluster();
    let cli = Cli::against(&server);
    assert_eq!(
        cli.run(&["get", "hr"]).failed(),
        "✗ no HelmRelease objects found in \"flux-system\" namespace\n"
    );
    assert_eq!(
        cli.run(&["get", "ks", "web"]).failed(),
        "✗ Kustomization object 'web' not found in \"flux-system\" namespace\n"
    );
    assert_eq!(cli.run(&["get", "hr", "-A"]).failed(), "✗ no HelmRelease objects found in any namespace\n");
}

#[test]
fn all_lists_every_kind_with_its_name_in_front() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["get", "all", "-A", "--no-header"]);
    let out = seen.succeeded();
    assert!(out.contains("flux-system\tgitrepository/app\t"), "{out}");
    assert!(out.ends_with("flux-system\tkustomization/app\t\tFalse\tFalse\tnot yet\t\n\n"), "{out}");
}

#[test]
fn all_fails_when_a_kind_cannot_be_listed_and_shows_the_others() {
    let server = cluster();
    server.fail("GET", "gitrepositories", 1, Fault::Status(403));
    let seen = Cli::against(&server).run(&["get", "all"]);
    assert!(seen.failed().contains("listing gitrepositories"), "{seen:?}");
    assert!(seen.out.contains("kustomization/app"), "{seen:?}");
}

#[test]
fn a_watch_survives_broken_connections_forgotten_history_and_a_restart() {
    let mut server = cluster();
    let cli = Cli::against(&server);
    let mut watching = cli.spawn(&["get", "ks", "-w", "--no-header"]);
    let change = |server: &ApiServer, message: &str| {
        let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
        object["status"]["conditions"][0]["message"] = json!(message);
        server.put(object);
    };
    assert!(watching.line().contains("not yet"));
    server.drop_watches();
    change(&server, "after a dropped connection");
    assert!(watching.line().contains("after a dropped connection"));
    server.compact();
    server.drop_watches();
    change(&server, "after the history was forgotten");
    assert!(watching.line().contains("after the history was forgotten"));
    server.stop();
    change(&server, "while the server was away");
    server.start();
    assert!(watching.line().contains("while the server was away"));
    assert!(watching.is_silent_for(Duration::from_millis(700)), "a row was repeated");
    assert!(watching.is_running());
    assert_eq!(watching.interrupt(), 130);
}

#[test]
fn an_explicit_timeout_ends_a_watch() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["get", "ks", "-w", "--timeout", "1s"]);
    assert!(seen.failed().contains("timed out"), "{seen:?}");
    assert!(seen.out.contains("not yet"), "{seen:?}");
}

#[test]
fn an_exported_object_has_nothing_that_the_cluster_added() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["export", "source", "git", "app"]);
    assert_eq!(
        seen.succeeded(),
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: app\n  namespace: flux-system\nspec:\n  \
         interval: 1m0s\n  secretRef:\n    name: login\n  url: https://git.example.com/app\n"
    );
}

#[test]
fn credentials_are_exported_for_every_source_that_has_some() {
    let server = cluster();
    let secret = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "flux-system"},
        "type": "Opaque", "data": {"password": "c2VjcmV0"}})
    };
    server.put(secret("login"));
    server.put(secret("other"));
    let spec =
        json!({"url": "https://git.example.com/web", "interval": "1m0s", "secretRef": {"name": "other"}});
    server.put(flux_object("GitRepository", "web", spec, json!({})));
    let seen = Cli::against(&server).run(&["export", "source", "git", "--all", "--with-credentials"]);
    let out = seen.succeeded();
    assert_eq!(out.matches("kind: Secret").count(), 2, "{out}");
    assert_eq!(out.matches("kind: GitRepository").count(), 2, "{out}");
}

#[test]
fn a_missing_object_is_told_in_the_words_of_the_api_server() {
    let server = cluster();
    let cli = Cli::against(&server);
    let words = "✗ gitrepositories.source.toolkit.fluxcd.io \"web\" not found\nhint: ";
    for verb in [
        &["export", "source", "git", "web"][..],
        &["delete", "source", "git", "web", "-s"],
        &["reconcile", "source", "git", "web"],
    ] {
        let seen = cli.run(verb);
        assert!(seen.failed().starts_with(words), "{seen:?}");
    }
}

#[test]
fn deleting_asks_first_and_does_not_ask_when_told_so() {
    let server = cluster();
    let cli = Cli::against(&server);
    assert!(cli.run(&["delete", "ks", "app"]).failed().contains("--silent"));
    assert!(server.get("Kustomization", "flux-system", "app").is_some());
    let seen = cli.run(&["delete", "-s", "ks", "app"]);
    seen.succeeded();
    assert_eq!(seen.err, "► deleting kustomization app in flux-system namespace\n✔ kustomization deleted\n");
    assert!(server.get("Kustomization", "flux-system", "app").is_none());
}

#[test]
fn suspend_pauses_each_once_and_fails_when_one_is_unknown() {
    let server = cluster();
    let seen = Cli::against(&server).run(&["suspend", "ks", "app", "web", "app"]);
    assert_eq!(
        seen.failed(),
        "► suspending kustomization app in flux-system namespace\n✔ kustomization suspended\n✗ Kustomization web not found in flux-system namespace\n"
    );
    let stored = server.get("Kustomization", "flux-system", "app").unwrap();
    assert_eq!(stored["spec"]["suspend"], true);
}

#[test]
fn resume_starts_it_again_and_waits_for_the_one() {
    let server = cluster();
    server.with_controllers(Duration::from_millis(50));
    let cli = Cli::against(&server);
    cli.run(&["suspend", "source", "git", "app"]).succeeded();
    let seen = cli.run(&["resume", "source", "git", "app"]);
    seen.succeeded();
    assert_eq!(
        seen.err,
        format!(
            "► resuming source git app in flux-system namespace\n✔ source git resumed\n◎ waiting for GitRepository reconciliation\n\
             ✔ GitRepository app reconciliation completed\n✔ fetched revision main@sha1:{SHA}\n"
        )
    );
    assert!(
        server.get("GitRepository", "flux-system", "app").unwrap()["spec"]
            .get("suspend")
            .is_none_or(|value| value == false)
    );
    assert_eq!(cli.run(&["resume", "ks", "web"]).code, 1);
}

/// The moment that was asked for.
fn requested_at(object: &Value) -> jiff::Timestamp {
    object["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"].as_str().unwrap().parse().unwrap()
}

#[test]
fn reconcile_says_the_result_as_soon_as_the_controller_does() {
    let server = cluster();
    server.with_controllers(Duration::from_millis(500));
    let started = std::time::Instant::now();
    let seen = Cli::against(&server).run(&["reconcile", "source", "git", "app"]);
    let took = started.elapsed();
    seen.succeeded();
    assert_eq!(
        seen.err,
        format!(
            "► annotating GitRepository app in flux-system namespace\n✔ GitRepository annotated\n\
             ◎ waiting for GitRepository reconciliation\n✔ fetched revision main@sha1:{SHA}\n"
        )
    );
    // A poll would find out after two seconds.
    assert!(took < Duration::from_millis(1700), "{took:?}");
    let age = jiff::Timestamp::now()
        .duration_since(requested_at(&server.get("GitRepository", "flux-system", "app").unwrap()));
    assert!(age.as_secs() < 60, "{age:?}");
}

#[test]
fn the_source_is_reconciled_first_when_told_so() {
    let server = cluster();
    let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
    object["status"]["lastAppliedRevision"] = json!(format!("main@sha1:{SHA}"));
    server.put(object);
    server.with_controllers(Duration::from_millis(20));
    let seen = Cli::against(&server).run(&["reconcile", "ks", "app", "--with-source"]);
    seen.succeeded();
    let source = seen.err.find("annotating GitRepository app").unwrap();
    assert!(source < seen.err.find("annotating Kustomization app").unwrap(), "{}", seen.err);
}

#[test]
fn reconciling_a_suspended_object_fails_and_says_how_to_resume_it() {
    let server = cluster();
    let cli = Cli::against(&server);
    cli.run(&["suspend", "ks", "app"]).succeeded();
    let seen = cli.run(&["reconcile", "ks", "app"]);
    assert!(seen.failed().starts_with("✗ resource is suspended\nhint: "), "{seen:?}");
    assert!(seen.err.contains("resume"), "{seen:?}");
}

#[test]
fn a_cluster_without_the_kind_is_told_from_one_without_the_object() {
    let server = ApiServer::empty();
    let seen = Cli::against(&server).run(&["get", "ks"]);
    assert!(seen.failed().contains("\nhint: the cluster does not know this kind"), "{seen:?}");
}

#[test]
fn every_way_to_fail_is_an_error_that_names_what_was_done() {
    let server = cluster();
    let cli = Cli::against(&server);
    for fault in [Fault::Status(401), Fault::Status(403), Fault::Status(500), Fault::Cut, Fault::Garbage] {
        server.fail("GET", "kustomizations", 1, fault.clone());
        let seen = cli.run(&["get", "ks"]);
        assert!(seen.failed().contains("listing kustomizations"), "{fault:?}: {seen:?}");
    }
    server.fail("GET", "kustomizations", 1, Fault::Slow(Duration::from_secs(5)));
    let seen = cli.run(&["get", "ks", "--timeout", "200ms"]);
    assert!(seen.failed().contains("listing kustomizations"), "{seen:?}");
}
