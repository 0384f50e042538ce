//! `events` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
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
    server.remove("Event", "flux-system", "one");
    assert!(watching.is_silent_for(Duration::from_millis(500)), "an event that was only forgotten is shown");
    assert_eq!(watching.interrupt(), 130);
}

#[test]
fn the_events_of_a_release_are_shown_with_those_of_its_chart_and_of_the_source() {
    let server = ApiServer::with_flux();
    let source = json!({"kind": "HelmRepository", "name": "charts", "namespace": "infra"});
    let spec = json!({"interval": "5m0s", "chart": {"spec": {"chart": "app", "sourceRef": source}}});
    server.put(flux_object("HelmRelease", "app", spec, json!({})));
    let spec = json!({"interval": "5m0s", "chartRef": {"kind": "OCIRepository", "name": "image"}});
    server.put(flux_object("HelmRelease", "referring", spec, json!({})));
    let event = |kind: &str, name: &str, namespace: &str| {
        let mut event = event(&format!("{}-{name}", kind.to_lowercase()), kind, "seen");
        event["metadata"]["namespace"] = json!(namespace);
        event["involvedObject"]["name"] = json!(name);
        server.put(event);
    };
    event("HelmRelease", "app", "flux-system");
    event("HelmChart", "flux-system-app", "infra");
    event("HelmRepository", "charts", "infra");
    event("HelmRepository", "other", "infra");
    event("OCIRepository", "image", "flux-system");
    let cli = Cli::against(&server);
    let objects = |of: &str| {
        let seen = cli.run(&[
            "events",
            "--for",
            of,
            "-o",
            "custom-columns=:.involvedObject.kind,:.involvedObject.name",
        ]);
        let mut rows: Vec<String> = seen
            .succeeded()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join("/"))
            .collect();
        rows.retain(|row| !row.is_empty());
        rows.sort();
        rows
    };
    assert_eq!(
        objects("HelmRelease/app"),
        ["HelmChart/flux-system-app", "HelmRelease/app", "HelmRepository/charts"]
    );
    assert_eq!(objects("HelmRelease/referring"), ["OCIRepository/image"]);
    let seen = cli.run(&["events", "--for", "HelmRelease/app"]);
    assert!(seen.succeeded().starts_with("NAMESPACE"), "{seen:?}");
}

#[test]
fn an_event_shows_the_times_that_it_has() {
    let server = ApiServer::with_flux();
    for (name, times) in [
        ("a", json!({"firstTimestamp": null, "lastTimestamp": null})),
        ("b", json!({"firstTimestamp": null, "lastTimestamp": null, "series": {"count": 3}})),
        (
            "c",
            json!({"firstTimestamp": null, "lastTimestamp": null, "eventTime": "2015-01-02T03:04:05.123456Z"}),
        ),
        ("d", json!({"count": 4})),
    ] {
        let mut event = event(name, "Kustomization", name);
        json_patch::merge(&mut event, &times);
        server.put(event);
    }
    let seen = Cli::against(&server).run(&["events"]);
    let cells: Vec<(String, String)> = seen
        .succeeded()
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>())
        .map(|cells| (cells[4].to_owned(), cells[0].replace(char::is_numeric, "").replace("y()", "y")))
        .collect();
    let wanted =
        [("a", "<unknown>"), ("b", "<unknown> (x over <unknown>)"), ("c", "y"), ("d", "y (x over y)")];
    let mut found: Vec<(&str, &str)> =
        cells.iter().map(|(message, time)| (message.as_str(), time.as_str())).collect();
    found.sort_unstable();
    // Years and days: which of both are shown depends on the day of the test.
    let found: Vec<(&str, String)> =
        found.into_iter().map(|(message, time)| (message, time.replace("yd", "y"))).collect();
    assert_eq!(found, wanted.map(|(message, time)| (message, time.to_owned())));
}
