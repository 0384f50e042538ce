//! `stats`, `events` and `tree` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

fn event(name: &str, kind: &str, message: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": name, "namespace": "flux-system"},
        "involvedObject": {"kind": kind, "name": "app", "namespace": "flux-system"},
        "type": "Normal", "reason": "Tested", "message": message,
        "firstTimestamp": "2015-01-02T03:04:05Z", "lastTimestamp": "2015-01-02T03:04:05Z",
    })
}

#[test]
fn objects_are_counted_by_kind_and_a_kind_that_cannot_be_listed_fails_the_count() {
    let server = ApiServer::with_flux();
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
    let artifact = json!({"artifact": {"revision": "main@sha1:abc", "size": 1536}});
    server.put(flux_object("GitRepository", "app", spec.clone(), ready("True", "stored", artifact)));
    server.put(flux_object("GitRepository", "broken", spec.clone(), ready("False", "no route", json!({}))));
    let mut paused = flux_object("GitRepository", "paused", spec, ready("False", "was broken", json!({})));
    paused["spec"]["suspend"] = json!(true);
    server.put(paused);
    let cli = Cli::against(&server);
    let seen = cli.run(&["stats"]);
    let rows: Vec<Vec<&str>> =
        seen.succeeded().lines().map(|line| line.split('\t').map(str::trim).collect()).collect();
    assert_eq!(rows[0], ["RECONCILERS", "RUNNING", "FAILING", "SUSPENDED", "STORAGE"]);
    assert_eq!(rows[1], ["GitRepository", "2", "2", "1", "1.5 KiB", ""]);
    assert_eq!((rows.len(), rows[6][0], rows[6][4]), (14, "Kustomization", "-"));

    server.fail("GET", "alerts", 1, Fault::Status(403));
    let seen = cli.run(&["stats"]);
    assert!(seen.failed().contains("listing alerts"), "{seen:?}");
    assert!(seen.out.contains("\nAlert "), "the others are still shown: {}", seen.out);
}

#[test]
fn events_are_shown_and_followed_through_broken_connections() {
    let mut server = ApiServer::with_flux();
    server.put(event("one", "Kustomization", "applied"));
    server.put(event("two", "Pod", "no event of Flux"));
    let cli = Cli::against(&server);
    let seen = cli.run(&["events"]);
    let lines: Vec<&str> = seen.succeeded().lines().collect();
    assert_eq!(lines.len(), 2, "{seen:?}");
    assert!(lines[1].ends_with("\tNormal\tTested\tKustomization/app\tapplied\t"), "{seen:?}");
    assert_eq!(cli.run(&["events", "-n", "other"]).err, "✗ No events found in other namespace.\n");
    assert!(
        cli.run(&["events", "--for", "Pod/app"]).failed().contains("'Pod' is not a recognized Flux kind")
    );

    let mut watching = cli.spawn(&["events", "--watch"]);
    assert!(watching.line().starts_with("LAST SEEN"));
    assert!(watching.line().contains("applied"));
    server.drop_watches();
    server.put(event("three", "GitRepository", "after a dropped connection"));
    assert!(watching.line().contains("after a dropped connection"));
    server.compact();
    server.drop_watches();
    server.put(event("four", "GitRepository", "after the history was forgotten"));
    assert!(watching.line().contains("after the history was forgotten"));
    server.stop();
    server.put(event("five", "HelmRelease", "while the server was away"));
    server.start();
    assert!(watching.line().contains("while the server was away"));
    assert!(watching.is_silent_for(Duration::from_millis(500)), "a row was repeated");
    assert_eq!(watching.interrupt(), 130);
}

#[test]
fn a_tree_shows_what_is_managed_and_does_not_follow_a_circle() {
    let server = ApiServer::with_flux();
    let kustomization = |name: &str, ids: &[&str]| {
        let entries: Vec<Value> = ids.iter().map(|id| json!({"id": id, "v": "v1"})).collect();
        let status = ready("True", "applied", json!({"inventory": {"entries": entries}}));
        flux_object("Kustomization", name, json!({"interval": "5m0s"}), status)
    };
    let id = |name: &str| format!("flux-system_{name}_kustomize.toolkit.fluxcd.io_Kustomization");
    server.put(kustomization("root", &[&id("root"), &id("apps"), "flux-system_plain__ConfigMap"]));
    server.put(kustomization("apps", &["web_web_apps_Deployment", &id("root")]));
    let cli = Cli::against(&server);
    let seen = cli.run(&["tree", "ks", "root"]);
    let wanted = "Kustomization/flux-system/root\n├── Kustomization/flux-system/apps\n│   ├── Deployment/web/web\n\
                  │   └── Kustomization/flux-system/root\n└── ConfigMap/flux-system/plain\n\n";
    assert_eq!(seen.succeeded(), wanted);
    let compact = cli.run(&["tree", "ks", "root", "--compact"]);
    assert!(!compact.succeeded().contains("Deployment") && !compact.out.contains("ConfigMap"));
    let json: Value =
        serde_json::from_str(cli.run(&["tree", "ks", "root", "-o", "json"]).succeeded()).unwrap();
    assert_eq!(json["resources"][0]["resource"]["GroupKind"]["Kind"], "Kustomization");
    assert!(cli.run(&["tree", "ks", "none"]).failed().contains("\"none\" not found"));
}
