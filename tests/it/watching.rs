//! Watches that survive whatever happens to the stand-in; the same on a real API server: `real/watching.rs`.

use crate::scenarios::cluster;
use crate::support::ApiServer;
use crate::support::Cli;
use serde_json::json;
use std::time::Duration;

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
fn a_row_is_printed_when_what_it_says_has_changed() {
    let server = cluster();
    let cli = Cli::against(&server);
    for wide in [&[][..], &["-o", "wide"]] {
        server.put(crate::scenarios::objects()[1].clone());
        let line: Vec<&str> = ["get", "ks", "-w", "--no-header"].iter().chain(wide).copied().collect();
        let mut watching = cli.spawn(&line);
        assert!(watching.line().contains("not yet"));
        let change = |field: &str, value: &str| {
            let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
            *object.pointer_mut(field).unwrap() = json!(value);
            server.put(object);
        };
        for tries in ["1h0m0s", "2h0m0s", "3h0m0s"] {
            change("/spec/interval", tries);
        }
        assert!(watching.is_silent_for(Duration::from_millis(1200)), "a row was repeated");
        change("/status/conditions/0/message", "another message");
        assert!(watching.line().contains("another message"));
        change("/status/conditions/0/lastTransitionTime", "2026-03-04T05:06:07Z");
        match wide {
            [] => assert!(watching.is_silent_for(Duration::from_millis(500)), "a row was repeated"),
            _ => assert!(watching.line().contains("another message"), "LAST RECONCILED has changed"),
        }
        server.remove("Kustomization", "flux-system", "app");
        assert!(watching.is_silent_for(Duration::from_millis(500)), "a row was repeated");
        server.put(crate::scenarios::objects()[1].clone());
        assert!(watching.line().contains("not yet"), "it is another object now");
    }
}
