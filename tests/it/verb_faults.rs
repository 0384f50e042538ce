//! The verbs that every kind shares when the API server fails: as the built binary shows it against the stand-in.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::verbs::cluster;
use serde_json::json;
use std::time::Duration;

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
