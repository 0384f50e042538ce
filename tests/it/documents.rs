//! Every format of `--output`, and `--sort-by`, on what is not a list of objects: `stats`, `check` and `trace`.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::Output;
use crate::support::flux_object;
use crate::support::ready;
use fluxr::testing::kind::KINDS;
use serde_json::Value;
use serde_json::json;

const COLUMNS: &str = "custom-columns=KIND:.kind,NAME:.name";

fn managed(api_version: &str, kind: &str, name: &str) -> Value {
    let labels = json!({
        "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    });
    let metadata = json!({"name": name, "namespace": "flux-system", "labels": labels});
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata})
}

/// A Deployment and a ConfigMap, applied by a Kustomization from a Git repository, and two more repositories.
fn fleet() -> (ApiServer, Cli) {
    let server = ApiServer::with_flux();
    let spec = json!({"url": "https://git.example.com/fleet", "interval": "1m"});
    let artifact = |size: u64| json!({"artifact": {"revision": "main@sha1:abc", "size": size}});
    for (name, status) in [("fleet", "False"), ("docs", "True"), ("infra", "True")] {
        server.put(flux_object(
            "GitRepository",
            name,
            spec.clone(),
            ready(status, "no route", artifact(512)),
        ));
    }
    let spec =
        json!({"interval": "5m", "path": "./apps", "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    let applied = json!({"lastAppliedRevision": "main@sha1:abc"});
    server.put(flux_object("Kustomization", "apps", spec, ready("True", "Applied", applied)));
    let mut web = managed("apps/v1", "Deployment", "web");
    let available = json!({"type": "Available", "status": "True", "message": "enough replicas"});
    web["status"] = json!({"conditions": [available]});
    server.put(web);
    server.put(managed("v1", "ConfigMap", "settings"));
    let cli = Cli::against(&server);
    (server, cli)
}

fn installed() -> (ApiServer, Cli) {
    let server = ApiServer::empty();
    let cli = Cli::against(&server);
    cli.run(&["install"]).succeeded();
    (server, cli)
}

fn cells(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split('\t').map(str::trim).collect()).collect()
}

fn read(seen: &Output) -> Value {
    serde_json::from_str(seen.succeeded()).unwrap()
}

#[test]
fn counts_have_every_format() {
    let (server, cli) = fleet();
    let names = cli.run(&["stats", "-o", "name"]);
    let lines: Vec<&str> = names.succeeded().lines().collect();
    let counted = KINDS.iter().filter(|kind| kind.place_in_stats.is_some()).count();
    assert_eq!((lines.len(), lines[0]), (counted, "gitrepository.source.toolkit.fluxcd.io"));
    assert_eq!(lines[5], "kustomization.kustomize.toolkit.fluxcd.io");
    let columns = cli.run(&["stats", "-o", "custom-columns=KIND:.kind,ALL:.total,FAILING:.failing"]);
    let wanted = "KIND                    ALL   FAILING\nGitRepository           3     1\n";
    assert!(columns.succeeded().starts_with(wanted), "{}", columns.out);

    let plain = cli.run(&["stats"]);
    let wide = cli.run(&["stats", "-o", "wide"]);
    let rows = cells(wide.succeeded());
    assert_eq!(rows[0][5..], ["TOTAL", "API VERSION"]);
    assert_eq!(rows[1][..6], ["GitRepository", "3", "1", "0", "1.5 KiB", "3"]);
    assert_eq!(rows[1][6], "source.toolkit.fluxcd.io/v1");
    for (plain, wide) in plain.succeeded().lines().zip(wide.out.lines()) {
        assert!(wide.starts_with(plain.trim_end()), "{wide}");
    }

    for format in ["name", "wide", COLUMNS] {
        server.fail("GET", "alerts", 1, Fault::Status(403));
        let refused = cli.run(&["stats", "-o", format]);
        assert!(refused.failed().contains("listing alerts"), "{format}: {refused:?}");
        assert!(refused.out.to_lowercase().contains("gitrepository"), "{format}: {refused:?}");
    }
}

#[test]
fn counts_are_sorted_in_every_format() {
    let (_server, cli) = fleet();
    let last = |line: &[&str]| {
        let seen = cli.run(&[&["stats", "--sort-by"], line].concat());
        cells(seen.succeeded()).last().unwrap()[0].to_owned()
    };
    for column in ["running", "storage", ".storageBytes", "total"] {
        assert_eq!(last(&[column]), "GitRepository", "{column}");
        assert_eq!(last(&[column, "-o", "name"]), "gitrepository.source.toolkit.fluxcd.io", "{column}");
    }
    assert_eq!(last(&["reconcilers"]), "Receiver");
    let document = read(&cli.run(&["stats", "--sort-by", "running", "-o", "json"]));
    assert_eq!(document["reconcilers"].as_array().unwrap().last().unwrap()["kind"], "GitRepository");
    let unknown = cli.run(&["stats", "--sort-by", "nonsense"]);
    assert!(unknown.failed().contains("--sort-by nonsense: no object has such a column or field"));
    assert!(unknown.err.contains("hint: the columns are reconcilers, running, failing,"), "{unknown:?}");
}

#[test]
fn findings_have_every_format() {
    let (_server, cli) = installed();
    let names = cli.run(&["check", "-o", "name"]);
    let lines: Vec<&str> = names.succeeded().lines().collect();
    assert_eq!(lines[0], "deployment.apps/helm-controller", "what is about no object has no line");
    let definition = "customresourcedefinition.apiextensions.k8s.io/gitrepositories.source.toolkit.fluxcd.io";
    assert!(lines.contains(&definition), "{lines:?}");

    let columns = cli.run(&["check", "-o", "custom-columns=AREA:.area,NAME:.name,OK:.ok"]);
    let table: Vec<Vec<&str>> =
        columns.succeeded().lines().map(|line| line.split("   ").map(str::trim).collect()).collect();
    assert_eq!(table[0][0], "AREA");
    assert!(columns.out.lines().nth(1).unwrap().contains("<none>"), "{}", columns.out);

    let wide = cli.run(&["check", "-o", "wide"]);
    assert_eq!(wide.err, "", "the findings are on stdout instead");
    let rows = cells(wide.succeeded());
    assert_eq!(rows[0], ["AREA", "OK", "OBJECT", "NAMESPACE", "MESSAGE", "IMAGES", "HINT"]);
    let helm = rows.iter().find(|row| row[2] == "Deployment/helm-controller").unwrap();
    assert_eq!(helm[..2], ["controllers", "True"]);
    assert_eq!(helm[3..5], ["flux-system", "helm-controller: deployment ready"]);
    assert!(helm[5].starts_with("ghcr.io/fluxcd/helm-controller:v"), "{helm:?}");

    let found = read(&cli.run(&["check", "-o", "json"]));
    let helm = found["checks"].as_array().unwrap().iter().find(|one| one["kind"] == "Deployment").unwrap();
    let named = ["apiVersion", "name", "namespace"].map(|field| helm[field].as_str().unwrap());
    assert_eq!(named, ["apps/v1", "helm-controller", "flux-system"]);
    assert_eq!(found["checks"][0].get("kind"), None);
}

#[test]
fn findings_are_sorted_and_what_is_wrong_fails_every_format() {
    let (server, cli) = installed();
    let sorted = read(&cli.run(&["check", "--sort-by", "object", "-o", "json"]));
    let kinds: Vec<&str> =
        sorted["checks"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!((kinds[0], kinds.last()), ("CustomResourceDefinition", Some(&"Deployment")));
    let lines = cli.run(&["check", "--sort-by", "object"]);
    lines.succeeded();
    assert!(lines.err.starts_with("⚠️ --sort-by is ignored without --output\n"), "{}", lines.err);

    for format in ["json", "yaml", "name", "wide", "jsonpath={.healthy}", COLUMNS] {
        server.fail("GET", "deployments?", 1, Fault::Status(403));
        let seen = cli.run(&["check", "-o", format]);
        assert_eq!((seen.failed(), seen.out.is_empty()), ("✗ check failed\n", false), "{format}: {seen:?}");
    }
    server.fail("GET", "deployments?", 1, Fault::Status(403));
    let wide = cli.run(&["check", "-o", "wide"]);
    let rows = cells(&wide.out);
    let bad = rows.iter().find(|row| row[1] == "False").unwrap();
    assert!(bad[4].starts_with("listing Deployments: "), "{bad:?}");
}

#[test]
fn the_way_of_an_object_has_every_format() {
    let (_server, cli) = fleet();
    let way =
        "kustomization.kustomize.toolkit.fluxcd.io/apps\ngitrepository.source.toolkit.fluxcd.io/fleet\n";
    let names = cli.run(&["trace", "deploy/web", "cm/settings", "-o", "name"]);
    assert_eq!(names.succeeded(), format!("deployment.apps/web\n{way}configmap/settings\n{way}"));
    let columns =
        cli.run(&["trace", "deploy/web", "-o", "custom-columns=NAME:.name,AT:.revision,READY:.ready.status"]);
    let wanted = "NAME    AT              READY\nweb     <none>          True\n\
                  apps    main@sha1:abc   True\nfleet   main@sha1:abc   False\n";
    assert_eq!(columns.succeeded(), wanted);

    let wide = cli.run(&["trace", "deploy/web", "-o", "wide"]);
    let rows = cells(wide.succeeded());
    assert_eq!(rows[0], ["OBJECT", "NAMESPACE", "READY", "REVISION", "LAST CHANGE", "MESSAGE"]);
    assert_eq!(rows[1], ["Deployment/web", "flux-system", "True", "", "<unknown>", "enough replicas", ""]);
    assert_eq!(rows[2][..4], ["Kustomization/apps", "flux-system", "True", "main@sha1:abc"]);
    assert_eq!(rows[3][..4], ["GitRepository/fleet", "flux-system", "False", "main@sha1:abc"]);
    assert!(rows[3][4].ends_with(['d', 'h', 'y']) && rows[3][5] == "no route", "{rows:?}");

    let document = read(&cli.run(&["trace", "cm/settings", "-o", "json"]));
    let trace = &document["traces"][0];
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "namespace": "flux-system"});
    assert_eq!(trace["object"], object);
    let stage = &trace["stages"][1];
    assert_eq!(stage["apiVersion"], "source.toolkit.fluxcd.io/v1");
    assert_eq!(
        (&stage["revision"], &stage["facts"][1]["value"]),
        (&json!("main@sha1:abc"), &json!("main@sha1:abc"))
    );
}

#[test]
fn the_stages_of_a_way_are_sorted_where_they_are_rows() {
    let (_server, cli) = fleet();
    let sorted = cli.run(&["trace", "deploy/web", "-o", "name", "--sort-by", "ready"]);
    assert!(sorted.succeeded().starts_with("gitrepository."), "{sorted:?}");
    let by_path = cli.run(&["trace", "deploy/web", "-o", "wide", "--sort-by", ".name"]);
    let objects: Vec<&str> = cells(by_path.succeeded())[1..].iter().map(|row| row[0]).collect();
    assert_eq!(objects, ["Kustomization/apps", "GitRepository/fleet", "Deployment/web"]);
    let plain = cli.run(&["trace", "deploy/web"]);
    for format in [&[][..], &["-o", "json"]] {
        let seen = cli.run(&[&["trace", "deploy/web", "--sort-by", "nonsense"], format].concat());
        seen.succeeded();
        assert!(seen.err.starts_with("⚠️ --sort-by is ignored: "), "{seen:?}");
        assert_eq!(format.is_empty(), seen.out == plain.out, "{seen:?}");
    }
}

#[test]
fn what_cannot_be_traced_is_named_and_the_others_are_rows() {
    let (server, cli) = fleet();
    let mut alone = managed("v1", "ConfigMap", "alone");
    alone["metadata"]["labels"] = json!({});
    server.put(alone);
    for format in ["json", "yaml", "name", "wide", "jsonpath={.traces[*].object.name}", COLUMNS] {
        let seen = cli.run(&["trace", "cm/alone", "deploy/web", "-o", format]);
        let said = "failed to trace ConfigMap/alone in namespace flux-system: object not managed by Flux\n";
        assert_eq!((seen.failed(), seen.out.contains("web")), (said, true), "{format}: {seen:?}");
        let none = cli.run(&["trace", "cm/alone", "-o", format]);
        assert_eq!((none.failed(), none.out.contains("web")), (said, false), "{format}: {none:?}");
    }
    assert_eq!(cli.run(&["trace", "cm/alone", "-o", "wide"]).out, "", "no header above nothing");
}

#[test]
fn a_wrong_order_is_refused_before_the_cluster_is_asked() {
    for command in [&["stats"][..], &["check"], &["trace", "deploy/web"], &["get", "ks"], &["events"]] {
        let seen = Cli::new().run(&[command, &["--sort-by", "{.x"]].concat());
        assert!(seen.failed().contains("--sort-by {.x"), "{seen:?}");
        assert_eq!(seen.err.lines().count(), 1, "{seen:?}");
    }
}
