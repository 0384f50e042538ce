//! Watches that go on through whatever happens to the stand-in; the same on a real API server: `real/watching.rs`.

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
