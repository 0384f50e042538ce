//! `suspend --reason` and `--until`: what is written down, shown and removed.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    let mut object =
        flux_object("Kustomization", "app", json!({"interval": "5m0s"}), ready("True", "applied", json!({})));
    object["metadata"]["annotations"] = json!({"other": "stays"});
    server.put(object);
    server
}

fn annotations(server: &ApiServer) -> Value {
    server.get("Kustomization", "flux-system", "app").unwrap()["metadata"]["annotations"].clone()
}

#[test]
fn who_when_why_and_until_are_written_in_one_patch_and_removed_in_one() {
    let server = cluster();
    let cli = Cli::against(&server);
    let seen = cli.run(&["suspend", "ks", "app", "--reason", "a change freeze", "--until", "48h"]);
    assert_eq!(seen.succeeded(), "");
    assert_eq!(
        seen.err,
        "► suspending kustomization app in flux-system namespace\n✔ kustomization suspended\n"
    );
    let written = annotations(&server);
    assert_eq!(written["fluxr.dev/suspended-by"], "tester");
    assert_eq!(written["fluxr.dev/suspended-reason"], "a change freeze");
    assert_eq!(written["other"], "stays");
    let moment = |name: &str| written[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let span = moment("fluxr.dev/suspended-until").duration_since(moment("fluxr.dev/suspended-at"));
    assert_eq!(span.as_hours(), 48);
    let patches =
        |server: &ApiServer| server.requests().iter().filter(|line| line.starts_with("PATCH")).count();
    assert_eq!(patches(&server), 1);

    let seen = cli.run(&["why", "ks/app"]);
    assert_eq!(seen.code, 1);
    let told = format!(
        "by tester at {} until {}: a change freeze",
        written["fluxr.dev/suspended-at"].as_str().unwrap(),
        written["fluxr.dev/suspended-until"].as_str().unwrap()
    );
    let wanted = format!(
        "◎ Kustomization/flux-system/app: Suspended: {told}\n\n\
        ✗ Kustomization/flux-system/app is suspended {told} (Suspended)\nnext: fluxr resume kustomization app\n"
    );
    assert_eq!(seen.out, wanted);

    let seen = cli.run(&["get", "ks", "-o", "wide", "--no-header"]);
    assert!(seen.succeeded().trim_end().ends_with(&told), "{seen:?}");

    cli.run(&["resume", "ks", "app", "--wait=false"]).succeeded();
    assert_eq!((annotations(&server), patches(&server)), (json!({"other": "stays"}), 2));
}

#[test]
fn without_the_flags_nothing_is_asked_and_nothing_is_written() {
    let server = cluster();
    let cli = Cli::against(&server);
    cli.run(&["suspend", "ks", "app"]).succeeded();
    cli.run(&["resume", "ks", "app", "--wait=false"]).succeeded();
    assert_eq!(annotations(&server), json!({"other": "stays"}));
    assert_eq!(server.requests().len(), 4, "{:?}", server.requests());
}

#[test]
fn a_reason_that_does_not_fit_is_refused_before_anything_changes() {
    let server = cluster();
    let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
    object["metadata"]["annotations"]["other"] = json!("x".repeat(200_000));
    server.put(object);
    let seen = Cli::against(&server).run(&["suspend", "ks", "app", "--reason", &"y".repeat(100_000)]);
    assert!(
        seen.failed().contains("the reason does not fit into the annotations: it takes 100"),
        "{}",
        &seen.err[..300]
    );
    assert_eq!(server.get("Kustomization", "flux-system", "app").unwrap()["spec"].get("suspend"), None);
    for (flag, value, words) in [
        ("--reason", " ", "--reason is empty"),
        ("--until", "2020-01-01T00:00:00Z", "has passed already"),
        ("--until", "soon", "neither a moment"),
    ] {
        let seen = Cli::against(&server).run(&["suspend", "ks", "app", flag, value]);
        assert!(seen.failed().contains(words), "{seen:?}");
    }
}

#[test]
fn an_end_that_has_passed_is_named_and_nothing_resumes_by_itself() {
    let server = cluster();
    let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
    object["spec"]["suspend"] = json!(true);
    object["metadata"]["annotations"] =
        json!({"fluxr.dev/suspended-until": "2020-01-01T00:00:00Z", "fluxr.dev/suspended-reason": "{it}"});
    server.put(object);
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    assert!(
        seen.out.contains("is suspended until 2020-01-01T00:00:00Z: {it}, which is over (Suspended)"),
        "{}",
        seen.out
    );
}
