//! `logs` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// A Deployment of Flux with its pod.
pub(crate) fn controller(server: &ApiServer, name: &str, pod: &str) {
    let labels = json!({"app": name});
    let part_of = json!({"app.kubernetes.io/part-of": "flux"});
    server.put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "flux-system", "labels": part_of},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
    }));
    server.put(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": "flux-system", "labels": labels},
        "spec": {"nodeName": "node", "containers": [{"name": "manager"}]}, "status": {"phase": "Running"},
    }));
}

fn entry(level: &str, kind: &str, name: &str, namespace: &str, message: &str) -> String {
    json!({"ts": "T", "level": level, "msg": message, "controllerKind": kind, "name": name, "namespace": namespace}).to_string()
}

fn write(server: &ApiServer, pod: &str, lines: &[String]) {
    server.with_logs(|logs| lines.iter().for_each(|line| logs.write("flux-system", pod, line.as_bytes())));
}

/// Two controllers that have written something.
fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    controller(&server, "kustomize-controller", "kustomize-0");
    controller(&server, "source-controller", "source-0");
    write(
        &server,
        "kustomize-0",
        &[
            "I0102 not an entry".to_owned(),
            entry("info", "Kustomization", "apps", "flux-system", "applied"),
            entry("error", "Kustomization", "team", "team", "failed"),
        ],
    );
    write(
        &server,
        "source-0",
        &[
            json!({"ts": "T", "level": "info", "msg": "starting"}).to_string(),
            entry("debug", "GitRepository", "fleet", "flux-system", "fetched"),
        ],
    );
    server
}

#[test]
fn entries_are_shown_controller_by_controller_and_sifted() {
    let server = cluster();
    let cli = Cli::against(&server);
    let applied = "T info Kustomization/apps.flux-system - applied ";
    let failed = "T error Kustomization/team.team - failed ";
    let (starting, fetched) = ("T info  - starting ", "T debug GitRepository/fleet.flux-system - fetched ");
    for (flags, wanted) in [
        ("", vec![applied, fetched]),
        ("-A", vec![applied, failed, starting, fetched]),
        ("-n team", vec![failed]),
        ("-A --level=error", vec![failed]),
        ("--kind=gitrepository", vec![fetched]),
        ("--name=APPS", vec![applied]),
        ("-A --tail=1", vec![failed, fetched]),
        ("-A --tail=0", vec![]),
        ("--since-time=2026-01-02T03:04:06Z", vec![]),
        ("--since-time=2026-01-02T03:04:05Z", vec![applied, fetched]),
    ] {
        let words: Vec<&str> = ["logs"].into_iter().chain(flags.split_whitespace()).collect();
        assert_eq!(cli.run(&words).succeeded().lines().collect::<Vec<_>>(), wanted, "{flags}");
    }
    let asked = server.requests();
    assert!(asked.iter().any(|request| request.contains("tailLines=1")), "{asked:?}");
    cli.run(&["logs", "--since=1m0.5s"]).succeeded();
    assert!(server.requests().iter().any(|request| request.contains("sinceSeconds=61")));
}

#[test]
fn long_and_broken_lines_do_not_end_a_log() {
    let server = cluster();
    let long = "x".repeat(300_000);
    let mut number: Value = serde_json::from_str(&entry("info", "A", "n", "flux-system", "number")).unwrap();
    number["ts"] = json!(1.5);
    write(
        &server,
        "source-0",
        &[entry("info", "A", "n", "flux-system", &long), "{broken".to_owned(), number.to_string()],
    );
    let seen = Cli::against(&server).run(&["logs"]);
    let lines: Vec<&str> = seen.succeeded().lines().collect();
    assert_eq!(lines[2], format!("T info A/n.flux-system - {long} "));
    assert_eq!(lines[3], "1.5 info A/n.flux-system - number ");
    assert!(seen.err.starts_with("✗ parse error: ") && seen.err.lines().count() == 1, "{}", seen.err);
}

#[test]
fn a_pod_that_cannot_be_read_fails_the_run_and_the_others_are_shown() {
    let server = cluster();
    server.fail("GET", "/pods/kustomize-0/log", 1, Fault::Status(403));
    let cli = Cli::against(&server);
    let seen = cli.run(&["logs"]);
    let wanted = "failed getting logs: planned failure 403\n✗ failed to collect logs from all Flux pods\n";
    assert_eq!(seen.failed(), wanted);
    assert!(seen.out.contains("fetched"), "{seen:?}");
    server.with_logs(|logs| logs.break_off("flux-system", "kustomize-0"));
    let seen = cli.run(&["logs"]);
    assert!(seen.failed().starts_with("failed getting logs: the log broke off"), "{seen:?}");
    assert!(seen.out.contains("applied") && seen.out.contains("fetched"), "{seen:?}");
    let seen = cli.run(&["logs", "--flux-namespace=default"]);
    assert_eq!(seen.failed(), "✗ no Flux pods found in namespace \"default\"\n");
}

#[test]
fn following_continues_in_the_next_container_and_the_next_pod_and_repeats_nothing() {
    let mut server = cluster();
    let say = |message: &str| entry("info", "Kustomization", "apps", "flux-system", message);
    let cli = Cli::against(&server);
    let mut following = cli.spawn(&["logs", "-f"]);
    let mut first = [following.line(), following.line()];
    first.sort();
    assert!(first[0].contains("fetched") && first[1].contains("applied"), "{first:?}");
    write(&server, "source-0", &[say("from source-controller")]);
    assert!(following.line().contains("from source-controller"));
    write(&server, "kustomize-0", &[say("from kustomize-controller")]);
    assert!(following.line().contains("from kustomize-controller"));

    server.with_logs(|logs| logs.restart("flux-system", "kustomize-0"));
    write(&server, "kustomize-0", &[say("the next container")]);
    assert!(following.line().contains("the next container"));

    server.stop();
    write(&server, "kustomize-0", &[say("while the server was away")]);
    server.start();
    assert!(following.line().contains("while the server was away"));

    server.remove("Pod", "flux-system", "kustomize-0");
    controller(&server, "kustomize-controller", "kustomize-1");
    write(&server, "kustomize-1", &[say("the next pod")]);
    server.with_logs(|logs| logs.restart("flux-system", "kustomize-0"));
    assert!(following.line().contains("the next pod"));
    assert!(following.is_silent_for(Duration::from_millis(500)), "a line was repeated");
    assert_eq!(following.interrupt(), 130);
}

#[test]
fn following_ends_with_a_limit_that_was_asked_for_or_when_no_log_may_be_read() {
    let server = cluster();
    let cli = Cli::against(&server);
    let seen = cli.run(&["logs", "--follow", "--timeout=1s"]);
    assert_eq!(seen.succeeded().lines().count(), 2, "{seen:?}");
    server.fail("GET", "/pods/source-0/log", 1, Fault::Status(403));
    let seen = cli.run(&["logs", "--follow", "--timeout=1s"]);
    assert_eq!(seen.failed(), "failed getting logs: planned failure 403\n");
    assert!(seen.out.contains("applied"), "{seen:?}");
    server.fail("GET", "/log", 2, Fault::Status(403));
    let seen = cli.run(&["logs", "--follow"]);
    assert_eq!(seen.failed(), "failed getting logs: planned failure 403\n".repeat(2));
}

#[test]
fn a_wrong_line_is_refused_before_the_cluster_is_asked() {
    let cli = Cli::new();
    let said = |words: &[&str]| cli.run(words).failed().to_owned();
    assert_eq!(said(&["logs", "x"]), "✗ no argument required\n");
    assert!(said(&["logs", "--since-time=2026-01-02"]).contains("2026-01-02 is not a valid (RFC3339) time"));
    assert!(said(&["logs", "--since=1m", "--since-time=2026-01-02T03:04:05Z"]).contains("at most one of"));
    assert!(said(&["logs", "--level=loud"]).contains("unsupported log level 'loud'"));
}
