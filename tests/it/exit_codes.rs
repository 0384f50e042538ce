//! `docs/exit-codes.md`, row by row.

use crate::create_secret::POLICY;
use crate::full_objects::bare_object;
use crate::logs::controller;
use crate::plugins::Shop;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::NOBODY;
use crate::support::Output;
use crate::support::command_of;
use crate::support::command_tree;
use crate::support::flux_object;
use crate::support::kubeconfig_of;
use crate::support::leaf_commands;
use crate::support::ready;
use crate::support::words_behind;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;
use testbed::registry::RegistryStandIn;

pub(crate) struct Row {
    pub(crate) line: String,
    cluster: &'static str,
    pub(crate) code: i32,
}

/// What a row is about, and the program in front of it.
pub(crate) struct Surroundings {
    cli: Cli,
    _server: Option<ApiServer>,
    registry: Option<RegistryStandIn>,
}

impl Row {
    /// Makes what this row asks for.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let (server, cli) = stage(self.cluster);
        put_files(&cli);
        let registry = (self.cluster == "registry").then(|| RegistryStandIn::start().unwrap());
        let made = Surroundings { cli, _server: server, registry };
        if made.registry.is_some() {
            let push = "push artifact oci://REGISTRY/org/app:v1 --path folder --source=a --revision=b";
            made.run(push).succeeded();
        }
        made
    }
}

impl Surroundings {
    fn words(&self, line: &str) -> Vec<String> {
        let host = self.registry.as_ref().map(RegistryStandIn::host).unwrap_or_default();
        line.replace("REGISTRY", host).split(' ').map(str::to_owned).collect()
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        self.cli.run(&self.words(line).iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The process of a line, which has not begun.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.cli.command(&self.words(line).iter().map(String::as_str).collect::<Vec<_>>())
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let page = include_str!("../../docs/exit-codes.md");
    let table = page.split("| command line | cluster | code | why |").nth(1).unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| `"));
    let read = |line: &'static str| {
        let cells: Vec<&'static str> = line.split('|').map(str::trim).collect();
        let (cluster, code) = (cells[2], cells[3].parse().unwrap());
        expanded(cells[1].trim_matches('`')).into_iter().map(move |line| Row { line, cluster, code })
    };
    lines.flat_map(read).collect()
}

/// The lines that a line of the page is short for: `{a,b}` is either, and `<kind>` each kind that the command is offered for.
fn expanded(line: &str) -> Vec<String> {
    if line.contains("<kind>") {
        let verb = line.split(' ').next().unwrap_or_default();
        let kinds: Vec<String> = KINDS.iter().filter_map(|kind| words_behind(verb, kind)).collect();
        let choice = kinds.join(",");
        let choice = if line.contains('{') { choice } else { format!("{{{choice}}}") };
        return expanded(&line.replace("<kind>", &choice));
    }
    let parts = line.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        Some((before, (choice, after))) if choice.contains(',') => {
            choice.split(',').flat_map(|one| expanded(&format!("{before}{one}{after}"))).collect()
        }
        _ => vec![line.to_owned()],
    }
}

/// The cluster of that name, and the program in front of it.
fn stage(cluster: &str) -> (Option<ApiServer>, Cli) {
    let server = match cluster {
        "none" | "registry" => return (None, Cli::new()),
        "catalog" => return (None, with_catalog()),
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
        "full" => {
            server.with_controllers(Duration::from_millis(20));
            let is_missing = |kind: &&&Kind| server.get(kind.kind, "flux-system", "app").is_none();
            for kind in KINDS.iter().filter(is_missing) {
                let mut object = bare_object(kind);
                object["metadata"] = json!({"name": "app", "namespace": "flux-system"});
                object["status"] = ready("True", "done", json!({}));
                server.put(object);
            }
        }
        "refusing" => {
            for method in ["GET", "PATCH", "POST", "PUT", "DELETE", "WATCH"] {
                server.fail(method, "/", usize::MAX, Fault::Status(403));
            }
        }
        "gone" => {
            // The port of a server that has ended may be that of another test's by now.
            let cli = Cli::new().with_kubeconfig(&kubeconfig_of(NOBODY));
            return (None, cli);
        }
        "idle" | "bare" => {}
        other => panic!("what is the cluster {other}?"),
    }
    let cli = Cli::against(&server);
    (Some(server), cli)
}

/// A machine with a catalog of plugins, and a plugin that was copied into its folder.
fn with_catalog() -> Cli {
    let shop = Shop::new();
    shop.offer_example();
    let cli = shop.cli();
    crate::plugins::put(&cli, "flux-own", 0o755);
    cli
}

/// The files in the working directory.
pub(crate) fn put_files(cli: &Cli) {
    for folder in ["folder", ".kube"] {
        std::fs::create_dir_all(cli.home().join(folder)).unwrap();
    }
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: flux-system}\n";
    for (file, text) in [
        ("folder/kustomization.yaml", "resources: [map.yaml]\n"),
        ("folder/map.yaml", map),
        ("ca.crt", "authority\n"),
        ("key", "key\n"),
        ("policy.json", POLICY),
    ] {
        std::fs::write(cli.home().join(file), text).unwrap();
    }
}

#[test]
fn every_row_of_the_page_holds() {
    let mut wrong = Vec::new();
    for row in rows() {
        let seen = row.surroundings().run(&row.line);
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
    let root = command_tree();
    let leaves = leaf_commands(&root);
    for (is_success, what) in [(true, "succeeds"), (false, "fails")] {
        let rows = rows().into_iter().filter(|row| (row.code == 0) == is_success);
        let with: BTreeSet<String> = rows.map(|row| command_of(&root, &row.line)).collect();
        let without: Vec<_> = leaves.difference(&with).collect();
        assert!(without.is_empty(), "no row that {what}: {without:?}");
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
        "create source git new --url=https://git.example.com/new --branch=main",
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
