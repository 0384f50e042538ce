//! `--output` and `--sort-by` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

fn kustomization(name: &str, interval: &str, message: &str) -> Value {
    let entries = json!({"inventory": {"entries": [{"id": "a_b__ConfigMap", "v": "v1"}]}});
    let spec = json!({"interval": interval, "path": "./a<b>"});
    let mut object = flux_object("Kustomization", name, spec, ready("True", message, entries));
    object["metadata"]["managedFields"] = json!([{"manager": "x"}]);
    object
}

fn filled() -> (ApiServer, Cli) {
    let server = ApiServer::with_flux();
    server.put(kustomization("zeta", "9m", "applied"));
    server.put(kustomization("alpha", "10m", "also applied"));
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
    server.put(flux_object("GitRepository", "alpha", spec, ready("False", "no route", json!({}))));
    let cli = Cli::against(&server);
    (server, cli)
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

#[test]
fn a_named_object_is_written_alone_and_several_are_a_list() {
    let (_server, cli) = filled();
    let seen = cli.run(&["get", "ks", "alpha", "-o", "json"]);
    let object = read(seen.succeeded());
    assert!(
        seen.out.starts_with("{\n    \"apiVersion\": \"kustomize.toolkit.fluxcd.io/v1\",\n"),
        "{}",
        seen.out
    );
    assert!(seen.out.contains("\"./a\\u003cb\\u003e\""), "{}", seen.out);
    assert_eq!(object["kind"], "Kustomization");
    assert_eq!(object["status"]["inventory"]["entries"][0]["id"], "a_b__ConfigMap", "the object is whole");
    assert_eq!(object["metadata"].get("managedFields"), None);
    let list = read(cli.run(&["get", "ks", "-o", "json"]).succeeded());
    assert_eq!((list["kind"].as_str(), names(&list)), (Some("List"), vec!["alpha", "zeta"]));
    assert_eq!(list["metadata"], json!({"resourceVersion": ""}));
    let yaml = cli.run(&["get", "ks", "-o", "yaml"]);
    assert!(
        yaml.succeeded()
            .starts_with("apiVersion: v1\nitems:\n- apiVersion: kustomize.toolkit.fluxcd.io/v1\n")
    );
    assert!(yaml.out.ends_with("kind: List\nmetadata:\n  resourceVersion: \"\"\n"));
}

#[test]
fn nothing_is_an_empty_list_for_programs_and_a_failure_for_people() {
    let (_server, cli) = filled();
    let seen = cli.run(&["get", "ks", "-n", "none", "-o", "json"]);
    assert_eq!(read(seen.succeeded())["items"], json!([]));
    assert_eq!(cli.run(&["get", "ks", "-n", "none", "-o", "name"]).succeeded(), "");
    assert!(cli.run(&["get", "ks", "-n", "none"]).failed().contains("no Kustomization objects found"));
    assert!(cli.run(&["get", "ks", "none", "-o", "json"]).failed().contains("'none' not found"));
    assert!(cli.run(&["get", "all", "none", "-o", "json"]).failed().contains("'none' not found"));
    assert_eq!(read(cli.run(&["events", "-o", "json"]).succeeded())["items"], json!([]));
}

#[test]
fn all_kinds_become_one_list() {
    let (_server, cli) = filled();
    let seen = cli.run(&["get", "all", "-o", "name"]);
    let wanted = "gitrepository.source.toolkit.fluxcd.io/alpha\nkustomization.kustomize.toolkit.fluxcd.io/alpha\n\
                  kustomization.kustomize.toolkit.fluxcd.io/zeta\n";
    assert_eq!(seen.succeeded(), wanted);
    let one = read(cli.run(&["get", "all", "zeta", "-o", "json"]).succeeded());
    assert_eq!((one["kind"].as_str(), names(&one)), (Some("List"), vec!["zeta"]));
    let failing =
        read(cli.run(&["get", "all", "--status-selector", "ready=false", "-o", "json"]).succeeded());
    assert_eq!(failing["items"][0]["kind"], "GitRepository");
    assert_eq!(names(&failing).len(), 1);
}

#[test]
fn templates_and_columns_pick_what_is_wanted() {
    let (_server, cli) = filled();
    let seen =
        cli.run(&["get", "ks", "-o", "jsonpath={range .items[*]}{.metadata.name}={.spec.interval};{end}"]);
    assert_eq!(seen.succeeded(), "alpha=10m;zeta=9m;");
    let columns = "custom-columns=NAME:.metadata.name,WHERE:.spec.path,NONE:.x";
    let seen = cli.run(&["get", "ks", "-o", columns]);
    assert_eq!(seen.succeeded(), "NAME    WHERE    NONE\nalpha   ./a<b>   <none>\nzeta    ./a<b>   <none>\n");
    assert!(!cli.run(&["get", "ks", "-o", columns, "--no-header"]).succeeded().contains("NAME"));
}

#[test]
fn templates_and_columns_come_from_files_and_what_is_found_is_written_as_json() {
    let (_server, cli) = filled();
    let write = |name: &str, text: &str| std::fs::write(cli.home.path().join(name), text).unwrap();
    write("template", "{range .items[*]}{.metadata.name};{end}\n");
    assert_eq!(cli.run(&["get", "ks", "-o", "jsonpath-file=template"]).succeeded(), "alpha;zeta;\n");
    write("columns", "NAME  WHERE\n.metadata.name .spec.path\n");
    let seen = cli.run(&["get", "ks", "-o", "custom-columns-file=columns"]);
    assert_eq!(seen.succeeded(), "NAME    WHERE\nalpha   ./a<b>\nzeta    ./a<b>\n");
    for (text, fault) in
        [("", "a line of headers"), ("A\n", "a line of paths"), ("A B\n.x\n", "2 headers for 1 paths")]
    {
        write("columns", text);
        let seen = cli.run(&["get", "ks", "-o", "custom-columns-file=columns"]);
        assert!(seen.failed().contains(fault), "{text:?}: {}", seen.err);
    }
    let seen = cli.run(&["get", "ks", "-o", "jsonpath-as-json={.items[*].metadata.name}:{.none}"]);
    let wanted = "[\n    \"alpha\",\n    \"zeta\"\n]\n[\n    \":\"\n]\n[]\n";
    assert_eq!(seen.succeeded(), wanted);
}

#[test]
fn wide_adds_columns_to_the_table() {
    let (_server, cli) = filled();
    let plain = cli.run(&["get", "ks"]);
    let wide = cli.run(&["get", "ks", "-o", "wide"]);
    let header: Vec<&str> = wide.succeeded().lines().next().unwrap().split('\t').map(str::trim).collect();
    assert_eq!(header[5..], ["AGE", "LAST RECONCILED", "SUSPENSION"], "{wide:?}");
    for (plain, wide) in plain.succeeded().lines().zip(wide.out.lines()) {
        assert!(wide.starts_with(plain.trim_end()), "{wide}");
    }
}

#[test]
fn rows_are_sorted_by_a_column_or_by_a_path() {
    let (_server, cli) = filled();
    let first_names = |by: &str| -> Vec<String> {
        let seen = cli.run(&["get", "ks", "--no-header", "--sort-by", by]);
        seen.succeeded().lines().map(|line| line.split('\t').next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(first_names("message"), ["alpha", "zeta"]);
    assert_eq!(first_names(".spec.interval"), ["alpha", "zeta"]);
    assert_eq!(first_names(".metadata.resourceVersion"), ["zeta", "alpha"]);
    assert_eq!(first_names("AGE").len(), 2);
    let list = read(cli.run(&["get", "all", "-o", "json", "--sort-by", "ready"]).succeeded());
    assert_eq!(list["items"][0]["kind"], "GitRepository");
    let seen = cli.run(&["get", "ks", "--sort-by", "nonsense"]);
    assert!(seen.failed().contains("no object has such a column or field"), "{seen:?}");
    assert!(seen.err.contains("hint: the columns are name, revision,"), "{seen:?}");
}

#[test]
fn an_unknown_format_is_refused_before_the_cluster_is_asked() {
    let cli = Cli::new();
    let says = |line: &[&str]| {
        let seen = cli.run(line);
        assert_eq!((seen.code, seen.out.as_str(), seen.err.lines().count()), (1, "", 1), "{seen:?}");
        seen.err
    };
    let known = "use one of: json, yaml, name, wide, jsonpath=<template>, jsonpath-as-json=<template>, \
                 jsonpath-file=<file>, custom-columns=<header>:<path>,…, custom-columns-file=<file>\n";
    for line in [["get", "ks", "-o", "xml"], ["get", "all", "-o", "json=1"], ["get", "sources", "-o", "xml"]]
    {
        if line[1] != "sources" {
            assert!(says(&line).ends_with(known), "{line:?}");
        }
    }
    assert!(says(&["events", "-o", "xml"]).ends_with(known));
    for line in [&["stats"][..], &["check"], &["trace", "deploy/web"]] {
        assert_eq!(says(&[line, &["-o", "xml"]].concat()), format!("✗ --output xml is not known, {known}"));
    }
    assert!(says(&["get", "ks", "-o", "jsonpath={.x"]).contains("unclosed action"));
    assert!(says(&["get", "ks", "-o", "jsonpath"]).contains("needs a template"));
    assert!(says(&["get", "ks", "-o", "jsonpath-as-json="]).contains("needs a template"));
    assert!(says(&["get", "ks", "-o", "jsonpath-file"]).contains("needs the name of a file"));
    let missing = "--output jsonpath-file=none: open none: no such file or directory";
    assert!(says(&["get", "ks", "-o", "jsonpath-file=none"]).contains(missing));
    assert!(says(&["get", "ks", "-o", "custom-columns=A"]).contains("expected <header>:<path>"));
    assert!(says(&["get", "ks", "--sort-by", "{.x"]).contains("--sort-by {.x"));
}

#[test]
fn a_watch_writes_every_change_in_the_format() {
    let (server, cli) = filled();
    let mut names = cli.spawn(&["get", "ks", "-w", "-o", "name"]);
    assert_eq!(names.line(), "kustomization.kustomize.toolkit.fluxcd.io/alpha");
    assert_eq!(names.line(), "kustomization.kustomize.toolkit.fluxcd.io/zeta");
    let mut yaml = cli.spawn(&["get", "ks", "alpha", "-w", "-o", "yaml"]);
    assert!(yaml.line().starts_with("apiVersion:"));
    server.put(kustomization("alpha", "11m", "applied again"));
    assert_eq!(names.line(), "kustomization.kustomize.toolkit.fluxcd.io/alpha");
    let separator = std::iter::from_fn(|| Some(yaml.line())).take(60).find(|line| line == "---");
    assert!(separator.is_some());
    assert_eq!(names.interrupt(), 130);
}

#[test]
fn counts_and_findings_are_documents() {
    let (server, cli) = filled();
    let stats = read(cli.run(&["stats", "-o", "json"]).succeeded());
    assert_eq!(stats["complete"], true);
    let first = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "running": 1, "failing": 1, "suspended": 0, "total": 1, "storageBytes": 0,
    });
    assert_eq!(stats["reconcilers"][0], first);
    server.fail("GET", "alerts", 1, crate::support::Fault::Status(403));
    let refused = cli.run(&["stats", "-o", "jsonpath={.complete}"]);
    assert_eq!((refused.failed(), refused.out.as_str()).1, "false");
    let check = cli.run(&["check", "-o", "json"]);
    assert!(check.failed().starts_with("✗ check failed"), "{check:?}");
    let found = read(&check.out);
    assert_eq!(found["healthy"], false);
    assert_eq!(found["checks"][0]["area"], "prerequisites");
    let bad = found["checks"].as_array().unwrap().iter().find(|one| one["ok"] == false).unwrap();
    assert!(bad["message"].is_string(), "{bad}");
}

#[test]
fn all_kinds_are_followed_at_once() {
    let (mut server, cli) = filled();
    let mut seen = cli.spawn(&["get", "all", "-A", "-w"]);
    let cells =
        |line: String| -> Vec<String> { line.split('\t').map(|cell| cell.trim().to_owned()).collect() };
    assert_eq!(cells(seen.line())[..3], ["NAMESPACE", "NAME", "REVISION"]);
    assert_eq!(cells(seen.line())[..2], ["flux-system", "gitrepository/alpha"]);
    assert_eq!(cells(seen.line())[1], "kustomization/alpha", "the columns are the same, so is the header");
    assert_eq!(cells(seen.line())[1], "kustomization/zeta");
    server.put(flux_object("ImagePolicy", "policy", json!({}), ready("True", "latest", json!({}))));
    assert_eq!(seen.line(), "");
    assert_eq!(cells(seen.line())[2], "IMAGE");
    assert_eq!(cells(seen.line())[1], "imagepolicy/policy");
    server.stop();
    server.put(kustomization("alpha", "10m", "while the server was away"));
    server.start();
    assert_eq!(seen.line(), "");
    assert_eq!(cells(seen.line())[2], "REVISION");
    assert!(seen.line().contains("while the server was away"));
    assert!(seen.is_silent_for(std::time::Duration::from_millis(500)), "a row was repeated");
    assert_eq!(seen.interrupt(), 130);
}

#[test]
fn a_watch_passes_over_kinds_that_are_not_there_and_names_those_that_are_refused() {
    let server = ApiServer::empty();
    server.put(fluxr::testing::kind::definition(fluxr::testing::kind::by_name("GitRepository").unwrap()));
    server.put(fluxr::testing::kind::definition(fluxr::testing::kind::by_name("Bucket").unwrap()));
    let cli = Cli::against(&server);
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
    server.put(flux_object("GitRepository", "app", spec, ready("True", "stored", json!({}))));
    server.fail("GET", "buckets", 1, crate::support::Fault::Status(403));
    let seen = cli.run(&["get", "sources", "all", "-w", "--timeout=2s", "-o", "name"]);
    assert_eq!(
        (seen.code, seen.out.as_str()),
        (1, "gitrepository.source.toolkit.fluxcd.io/app\n"),
        "{seen:?}"
    );
    assert!(seen.err.contains("listing buckets") && seen.err.contains("timed out"), "{seen:?}");
    let none = cli.run(&["get", "images", "all", "--watch"]);
    assert!(none.failed().contains("the cluster has none of these kinds"), "{none:?}");
}
