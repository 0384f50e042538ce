//! `stats` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;

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
