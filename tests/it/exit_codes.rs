//! `docs/exit-codes.md`, row by row.

use crate::logs::controller;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;
use testbed::registry::RegistryStandIn;

struct Row<'a> {
    line: &'a str,
    cluster: &'a str,
    code: i32,
}

fn rows() -> Vec<Row<'static>> {
    let page = include_str!("../../docs/exit-codes.md");
    let table = page.split("| command line | cluster | code | why |").nth(1).unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| `"));
    let read = |line: &'static str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Row { line: cells[1].trim_matches('`'), cluster: cells[2], code: cells[3].parse().unwrap() }
    };
    lines.map(read).collect()
}

/// The cluster of that name, and the program in front of it.
fn stage(cluster: &str) -> (Option<ApiServer>, Cli) {
    let server = match cluster {
        "none" | "registry" => return (None, Cli::new()),
        "bare" => ApiServer::empty(),
        _ => ApiServer::with_flux(),
    };
    if cluster != "bare" {
        let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
        let artifact = json!({"artifact": {"revision": "main@sha1:abc"}});
        server.put(flux_object("GitRepository", "app", spec, ready("True", "stored", artifact)));
        let spec = json!({"interval": "5m0s", "sourceRef": {"kind": "GitRepository", "name": "app"}, "path": "./",
            "postBuild": {"substitute": {"stage": "test"}}});
        server.put(flux_object("Kustomization", "app", spec.clone(), ready("True", "applied", json!({}))));
        let mut paused = flux_object("Kustomization", "paused", spec, ready("True", "applied", json!({})));
        paused["spec"]["suspend"] = json!(true);
        server.put(paused);
        let labels = json!({
            "kustomize.toolkit.fluxcd.io/name": "app", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        });
        server.put(json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "managed", "namespace": "flux-system", "labels": labels},
        }));
    }
    match cluster {
        "Flux" => server.with_controllers(Duration::from_millis(20)),
        "refusing" => {
            for method in ["GET", "PATCH", "POST", "PUT", "DELETE", "WATCH"] {
                server.fail(method, "/", usize::MAX, Fault::Status(403));
            }
        }
        "gone" => {
            let cli = Cli::against(&server);
            drop(server);
            return (None, cli);
        }
        "idle" | "bare" => {}
        other => panic!("what is the cluster {other}?"),
    }
    let cli = Cli::against(&server);
    (Some(server), cli)
}

#[test]
fn every_row_of_the_page_holds() {
    let mut wrong = Vec::new();
    for row in rows() {
        let (_server, cli) = stage(row.cluster);
        let folder = cli.home.path().join("folder");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(cli.home.path().join(".kube")).unwrap();
        std::fs::write(folder.join("kustomization.yaml"), "resources: [map.yaml]\n").unwrap();
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: flux-system}\n";
        std::fs::write(folder.join("map.yaml"), map).unwrap();
        let registry = (row.cluster == "registry").then(|| RegistryStandIn::start().unwrap());
        let host = registry.as_ref().map(RegistryStandIn::host).unwrap_or_default();
        let run = |line: &str| cli.run(&line.replace("REGISTRY", host).split(' ').collect::<Vec<_>>());
        if registry.is_some() {
            run("push artifact oci://REGISTRY/org/app:v1 --path folder --source=a --revision=b").succeeded();
        }
        let seen = run(row.line);
        // Failures are reported, and nothing else.
        let says_why = seen.err.contains('✗');
        if seen.code != row.code || says_why != (row.code != 0) && row.cluster != "Flux" {
            wrong.push(format!("{} ({}): wanted {}, {seen:?}", row.line, row.cluster, row.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_has_a_row_that_succeeds_and_one_that_fails() {
    let mut root = fluxr::testing::commands::command("fluxr");
    root.build();
    let with = |is_success: bool| -> BTreeSet<&str> {
        let rows = rows().into_iter().filter(|row| (row.code == 0) == is_success);
        rows.filter_map(|row| row.line.split(' ').next()).collect()
    };
    let (succeeds, fails) = (with(true), with(false));
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        assert!(succeeds.contains(name) && fails.contains(name), "{name} lacks a row");
    }
}

#[test]
fn what_a_signal_ends_ends_at_once_with_130_or_143() {
    let lasts = |request: &String| request.starts_with("WATCH") || request.contains("follow=true");
    let lines = [
        "get ks --watch",
        "events --watch",
        "get all --watch",
        "wait ks/none",
        "reconcile ks app",
        "resume ks paused --wait",
        "logs --follow",
    ];
    for (line, (signal, code)) in lines.iter().flat_map(|line| [(line, ("INT", 130)), (line, ("TERM", 143))])
    {
        let (server, cli) = stage("idle");
        let server = server.unwrap();
        controller(&server, "source-controller", "source-0");
        let words: Vec<&str> = line.split(' ').collect();
        let mut running = cli.spawn(&words);
        while !server.requests().iter().any(lasts) {
            assert!(running.is_running(), "{line}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let begun = Instant::now();
        assert_eq!(running.signal(signal), code, "{line}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{line}: {:?}", begun.elapsed());
    }
}
