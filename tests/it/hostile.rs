//! What a cluster may hold and nobody wished for: control characters, endless messages, names like flags, objects of another time.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Terminal;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

fn kustomization(name: &str, message: &str) -> Value {
    let spec = json!({"interval": "10m", "sourceRef": {"kind": "GitRepository", "name": "app"}});
    flux_object("Kustomization", name, spec, ready("False", message, json!({})))
}

#[test]
fn orders_to_the_terminal_are_shown_to_it_and_kept_in_a_pipe() {
    let server = ApiServer::with_flux();
    let message = "\u{1b}[2J\u{1b}]0;owned\u{7}gone\rback";
    server.put(kustomization("app", message));
    let cli = Cli::against(&server);
    assert!(cli.run(&["get", "ks"]).succeeded().contains(message));
    let terminal = Terminal::run(&cli, "$FLUXR get ks");
    terminal.shows("^[[2J^[]0;owned^Ggone^Mback");
    assert!(!terminal.screen().contains("\u{1b}[2J"), "{:?}", terminal.screen());
    // The same in an error.
    server.react(|object| {
        let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt")?;
        let mut next = object.clone();
        next["status"]["lastHandledReconcileAt"] = asked.clone();
        next["status"]["observedGeneration"] = object["metadata"]["generation"].clone();
        (next != *object).then_some((Duration::ZERO, next))
    });
    let terminal = Terminal::run(&cli, "$FLUXR reconcile ks app");
    terminal.shows("✗ Kustomization reconciliation failed: ^[[2J^[]0;owned^Ggone^Mback");
}

#[test]
fn a_message_of_ten_thousand_characters_is_shown_whole() {
    let server = ApiServer::with_flux();
    let message = "ünd ".repeat(2500);
    server.put(kustomization("app", message.trim_end()));
    let cli = Cli::against(&server);
    for line in [&["get", "ks"][..], &["get", "all"], &["get", "ks", "app", "-A"]] {
        assert!(cli.run(line).succeeded().contains(message.trim_end()), "{line:?}");
    }
    assert!(cli.run(&["export", "ks", "app"]).succeeded().len() < 1000, "an export has no status");
}

#[test]
fn a_name_that_looks_like_a_flag_is_a_name_behind_two_hyphens() {
    let server = ApiServer::with_flux();
    server.put(kustomization("app", "stored"));
    let cli = Cli::against(&server);
    let missing = "✗ Kustomization object '--all' not found in \"flux-system\" namespace\n";
    assert_eq!(cli.run(&["get", "ks", "--", "--all"]).failed(), missing);
    assert!(cli.run(&["suspend", "ks", "--", "-h"]).failed().contains("Kustomization -h not found"));
    for line in [&["delete", "ks", "-s", "--", "--all"][..], &["reconcile", "ks", "--", "--all"]] {
        assert!(cli.run(line).failed().contains("\"--all\" not found"), "{line:?}");
    }
    let kept = server.get("Kustomization", "flux-system", "app").unwrap();
    assert_eq!(kept["spec"]["suspend"], Value::Null, "--all was taken for a flag");
    assert!(cli.run(&["get", "ks", "--name"]).failed().contains("unknown flag: --name"));
}

#[test]
fn objects_of_a_newer_api_are_read_by_every_verb_that_reads() {
    let server = ApiServer::with_flux();
    for kind in fluxr::kind::KINDS {
        let spec =
            json!({"mode": {"unheard": ["of"]}, "interval": 5, "sourceRef": "text", "suspend": "perhaps"});
        let status = json!({"conditions": [{"type": 7}, null, "text"], "artifact": [], "inventory": "none"});
        server.put(flux_object(kind.kind, "odd", spec, status));
        let mut bare = flux_object(kind.kind, "bare", Value::Null, Value::Null);
        bare.as_object_mut().unwrap().retain(|field, _| !["spec", "status"].contains(&field.as_str()));
        server.put(bare);
    }
    let cli = Cli::against(&server);
    for kind in fluxr::kind::KINDS {
        let many: Vec<&str> = ["get"].iter().chain(kind.noun.many).copied().collect();
        let seen = cli.run(&many);
        assert!(seen.succeeded().contains("odd") && seen.out.contains("bare"), "{}: {seen:?}", kind.kind);
        if kind.verbs.create {
            let one: Vec<&str> = ["export"].iter().chain(kind.noun.one).chain(&["odd"]).copied().collect();
            assert!(cli.run(&one).succeeded().contains("unheard"), "{}", kind.kind);
        }
    }
    for line in [&["get", "all"][..], &["stats"], &["tree", "ks", "odd"]] {
        cli.run(line).succeeded();
    }
}

#[test]
fn an_object_that_is_deleted_while_it_is_waited_for_is_said_to_be() {
    let server = ApiServer::with_flux();
    server.put(kustomization("app", "stored"));
    let cli = Cli::against(&server);
    let waiting = std::thread::scope(|scope| {
        let run = scope.spawn(|| cli.run(&["reconcile", "ks", "app"]));
        while !server.requests().iter().any(|request| request.starts_with("WATCH")) {
            std::thread::sleep(Duration::from_millis(5));
        }
        server.remove("Kustomization", "flux-system", "app");
        run.join().unwrap()
    });
    assert!(waiting.failed().contains("Kustomization \"flux-system/app\" was deleted"), "{waiting:?}");
}
