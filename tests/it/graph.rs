//! `graph` against the stand-in for an API server and on folders: every format, cycles, what is missing, what may not be read.

mod fleet;
mod repository;

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::golden;
use crate::support::golden_part;
use crate::support::ready;
use fleet::fleet;
use fleet::in_namespace;
use fleet::kustomization;
use fleet::source;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// A message that every format has to escape.
const HOSTILE: &str = "no \"such\" <script>&amp;</script> `path` \\ %% {x} #35; ]\u{1b}[2J";

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/graph").join(name)
}

/// One of each: what is well, what failed, what waits for each other, what is missing, what is told.
fn small(server: &ApiServer) {
    server.put(source("fleet"));
    server.put(kustomization("infra", "fleet", &[], ready("True", "applied", json!({}))));
    let failed = ready("False", HOSTILE, json!({"lastAppliedRevision": "main@sha1:abc"}));
    server.put(kustomization("apps", "fleet", &["infra", "gone"], failed));
    for (name, needs) in [("hen", "egg"), ("egg", "hen"), ("self", "self")] {
        server.put(kustomization(name, "fleet", &[needs], json!({})));
    }
    server.put(kustomization("lost", "nowhere", &[], json!({})));
    let mut paused = kustomization("paused", "fleet", &[], ready("True", "applied", json!({})));
    paused["spec"]["suspend"] = json!(true);
    server.put(paused);
    server.put(flux_object(
        "HelmRepository",
        "charts",
        json!({"url": "https://charts.example.com"}),
        ready("True", "stored", json!({})),
    ));
    let chart = json!({"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}});
    let release =
        json!({"chart": chart, "interval": "1m", "dependsOn": [{"name": "db", "namespace": "data"}]});
    server.put(flux_object("HelmRelease", "web", release, ready("Unknown", "installing", json!({}))));
    server.put(flux_object("Provider", "chat", json!({"type": "slack"}), json!({})));
    let sources = json!([{"kind": "Kustomization", "name": "*"}, {"kind": "HelmRelease", "name": "web"}]);
    server.put(flux_object(
        "Alert",
        "on-call",
        json!({"providerRef": {"name": "chat"}, "eventSources": sources}),
        json!({}),
    ));
    let resources = json!([{"kind": "GitRepository", "name": "fleet"}]);
    server.put(flux_object(
        "Receiver",
        "push",
        json!({"type": "github", "resources": resources}),
        ready("True", "ready", json!({})),
    ));
    server.put(flux_object(
        "ImageRepository",
        "web",
        json!({"image": "ghcr.io/acme/web"}),
        ready("True", "scanned", json!({})),
    ));
    let policy = json!({"imageRepositoryRef": {"name": "web"}});
    server.put(flux_object("ImagePolicy", "web", policy, ready("True", "selected", json!({}))));
    let automation = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}, "interval": "1m"});
    server.put(flux_object(
        "ImageUpdateAutomation",
        "web",
        automation,
        ready("True", "committed", json!({})),
    ));
}

#[test]
fn every_format_shows_states_cycles_and_what_is_missing() {
    let server = ApiServer::with_flux();
    small(&server);
    let cli = Cli::against(&server);
    for (format, file) in [
        ("text", "small.txt"),
        ("dot", "small.dot"),
        ("mermaid", "small.mmd"),
        ("json", "small.json"),
        ("svg", "small.svg"),
    ] {
        let seen = cli.run(&["graph", "-o", format]);
        assert_eq!((seen.code, seen.err.as_str()), (0, ""), "{format}");
        if format != "text" {
            assert!(!seen.out.contains('\u{1b}'), "{format}: {}", seen.out);
        }
        golden(&data(file), &seen.out);
    }
    assert_eq!(cli.run(&["graph"]).succeeded(), cli.run(&["graph", "-o", "text"]).succeeded());
}

#[test]
fn the_page_shows_an_example() {
    let server = ApiServer::with_flux();
    let applied = || ready("True", "applied", json!({"lastAppliedRevision": "main@sha1:abc"}));
    server.put(source("fleet"));
    server.put(kustomization("infra", "fleet", &[], applied()));
    let failed = ready("False", "kustomize build failed: no such file", json!({}));
    server.put(kustomization("apps", "fleet", &["infra", "databases"], failed));
    server.put(flux_object("Provider", "chat", json!({"type": "slack"}), json!({})));
    let sources = json!([{"kind": "Kustomization", "name": "apps"}]);
    let alert = json!({"providerRef": {"name": "chat"}, "eventSources": sources});
    server.put(flux_object("Alert", "on-call", alert, json!({})));
    let seen = Cli::against(&server).run(&["graph"]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/graph.md");
    golden_part(&page, "example", &format!("```\n{}```\n", seen.succeeded()));
}

#[test]
fn fifty_nodes_are_drawn_without_an_overlap() {
    let server = ApiServer::with_flux();
    let count = fleet(&server);
    let seen = Cli::against(&server).run(&["graph", "-A", "-o", "svg"]);
    let picture = seen.succeeded();
    let boxes = fleet::boxes(picture);
    assert_eq!((count, boxes.len()), (50, 50));
    for (at, one) in boxes.iter().enumerate() {
        for other in &boxes[at + 1..] {
            assert!(!one.overlaps(other), "{one:?} {other:?}");
        }
        assert!(one.left >= 0.0 && one.top >= 0.0, "{one:?}");
    }
    golden(&data("fleet.svg"), picture);
}

#[test]
fn a_picture_is_well_formed_whatever_messages_say() {
    let server = ApiServer::with_flux();
    small(&server);
    let picture = Cli::against(&server).run(&["graph", "-o", "svg"]);
    let open = fleet::tags(picture.succeeded());
    assert!(open.is_empty(), "{open:?} are not closed");
}

#[test]
fn a_graph_about_one_object_has_what_it_needs_and_what_needs_it() {
    let server = ApiServer::with_flux();
    small(&server);
    let cli = Cli::against(&server);
    let wanted = "✔ GitRepository/flux-system/fleet: main@sha1:abc\n├── ✗ Kustomization/flux-system/apps";
    let seen = cli.run(&["graph", "ks/infra"]);
    assert!(seen.succeeded().contains(wanted), "{}", seen.out);
    assert!(!seen.out.contains("/hen") && !seen.out.contains("/gone"), "{}", seen.out);
    // An alert about all of them is about this one, too.
    assert!(seen.out.contains("Alert/flux-system/on-call"), "{}", seen.out);
    let missing = cli.run(&["graph", "ks", "gone"]);
    assert!(missing.failed().contains("Kustomization \"flux-system/gone\" not found\nhint: "), "{missing:?}");
    assert!(cli.run(&["graph", "pod/web"]).failed().contains("\"pod\" is not a kind of Flux"));
    assert!(cli.run(&["graph", "-o", "xml"]).failed().contains("format 'xml' is not supported"));
}

#[test]
fn what_is_referred_to_in_another_namespace_is_read_and_its_state_is_shown() {
    let server = ApiServer::with_flux();
    let mut object = kustomization("web", "fleet", &[], ready("True", "applied", json!({})));
    object["spec"]["sourceRef"]["namespace"] = json!("shared");
    object["spec"]["dependsOn"] = json!([{"name": "none", "namespace": "shared"}]);
    server.put(in_namespace(object, "team"));
    server.put(in_namespace(source("fleet"), "shared"));
    server.put(in_namespace(source("other"), "shared"));
    let seen = Cli::against(&server).run(&["graph", "-n", "team"]);
    let wanted = "✔ GitRepository/shared/fleet: main@sha1:abc\n└── ✔ Kustomization/team/web (dependsOn shared/none)\n\
                  ✗ Kustomization/shared/none: it does not exist\n\n\
                  ✗ Kustomization/shared/none does not exist, but Kustomization/team/web needs it (Missing)\n";
    assert_eq!(seen.succeeded(), wanted);
    server.fail("GET", "gitrepositories/fleet", 1, Fault::Status(403));
    let seen = Cli::against(&server).run(&["graph", "-n", "team"]);
    assert!(
        seen.succeeded().starts_with("· GitRepository/shared/fleet: reading GitRepository"),
        "{}",
        seen.out
    );
}

#[test]
fn an_empty_cluster_and_an_empty_folder_are_empty_graphs() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    let seen = cli.run(&["graph"]);
    assert_eq!(
        (seen.succeeded(), seen.err.as_str()),
        ("", "⚠️ the namespace \"flux-system\" has no objects of Flux\n")
    );
    let seen = cli.run(&["graph", "-A", "-o", "json"]);
    let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
    assert_eq!(document, json!({"nodes": [], "edges": [], "findings": []}));
    for format in ["dot", "mermaid", "svg"] {
        assert!(!cli.run(&["graph", "-o", format]).succeeded().is_empty());
    }
    std::fs::create_dir(cli.home().join("empty")).unwrap();
    let seen = cli.run(&["graph", "--path", "empty"]);
    assert_eq!(
        (seen.succeeded(), seen.err.as_str()),
        ("", "⚠️ no file below \"empty\" declares an object of Flux\n")
    );
    assert!(cli.run(&["graph", "--path", "none"]).failed().contains("none"));
}

#[test]
fn kinds_that_may_not_be_listed_are_named_and_the_rest_is_drawn() {
    let server = ApiServer::with_flux();
    small(&server);
    server.fail("GET", "gitrepositories", 1, Fault::Status(403));
    server.fail("GET", "alerts", 1, Fault::Status(403));
    let seen = Cli::against(&server).run(&["graph"]);
    assert_eq!(seen.code, 1);
    assert!(seen.out.contains("· GitRepository/flux-system/fleet: it may not be read\n"), "{}", seen.out);
    assert!(!seen.out.contains("fleet does not exist"), "{}", seen.out);
    assert!(
        seen.err.contains("✗ listing gitrepositories: ") && seen.err.contains("✗ listing alerts: "),
        "{}",
        seen.err
    );
    assert!(seen.err.ends_with("✗ 2 kinds could not be listed\n"), "{}", seen.err);
    server.fail("GET", "kustomizations", 1, Fault::Status(403));
    assert!(Cli::against(&server).run(&["graph", "ks/infra"]).failed().contains("listing kustomizations"));
}

#[test]
fn kinds_are_listed_once_and_nothing_is_discovered() {
    let server = ApiServer::with_flux();
    small(&server);
    Cli::against(&server).run(&["graph", "-A"]).succeeded();
    let requests = server.requests();
    assert_eq!(requests.len(), fluxr::testing::kind::KINDS.len(), "{requests:#?}");
}

#[test]
fn a_folder_is_drawn_without_a_cluster() {
    let cli = Cli::new();
    let folder = cli.home().join("fleet");
    let files = [
        (
            "clusters/a/source.yaml",
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: fleet, namespace: flux-system}\nspec: {url: https://git.example.com/fleet}\n",
        ),
        (
            "clusters/a/apps.yml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1beta2\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n  sourceRef: {kind: GitRepository, name: fleet}\n  dependsOn: [{name: infra}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: apps}\n",
        ),
        (
            "clusters/b/apps.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n",
        ),
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/web/templates/web.yaml", "{{ if }}"),
        (".git/x.yaml", "{{"),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let wanted = "· GitRepository/flux-system/fleet\n└── · Kustomization/flux-system/apps (dependsOn infra)\n\
                  ✗ Kustomization/flux-system/infra: no file declares it\n\n\
                  ✗ Kustomization/flux-system/apps is declared in clusters/a/apps.yml and in clusters/b/apps.yaml (DeclaredTwice)\n\
                  ✗ Kustomization/flux-system/infra does not exist, but Kustomization/flux-system/apps needs it (Missing)\n";
    assert_eq!(cli.run(&["graph", "--path", "fleet"]).succeeded(), wanted);
    assert!(
        cli.run(&["graph", "ks/none", "--path", "fleet"])
            .failed()
            .contains("no file below \"fleet\" declares Kustomization")
    );
    assert!(cli.run(&["graph", "ks/apps", "--path", "fleet"]).succeeded().contains("GitRepository"));
    std::fs::write(folder.join("bad.yaml"), "a: [").unwrap();
    let seen = cli.run(&["graph", "--path", "fleet"]);
    assert_eq!((seen.code, seen.out.as_str()), (1, wanted));
    assert!(
        seen.err.contains("bad.yaml") && seen.err.ends_with("✗ 1 file could not be read\n"),
        "{}",
        seen.err
    );
}
