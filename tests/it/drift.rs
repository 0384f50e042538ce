//! `drift` against the stand-in for an API server and a real Git server.

use crate::git::server::Fault as GitFault;
use crate::git::server::READER;
use crate::git::server::Repositories;
use crate::git::server::serve_http;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::golden_part;
use crate::support::ready;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

const OWNER: [&str; 2] = ["kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"];

struct Stage {
    server: ApiServer,
    cli: Cli,
    repositories: Repositories,
    commit: String,
}

/// A ConfigMap as a manifest has it.
fn manifest(name: &str, value: &str) -> String {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "web"}, "data": {"a": value}}).to_string()
}

impl Stage {
    /// A repository with the ConfigMaps `same`, `edited` and `deleted` in `apps`, which a cluster has applied.
    async fn new() -> Self {
        let repositories = Repositories::new();
        repositories.create("fleet");
        let files = [
            ("apps/same.yaml", manifest("same", "1")),
            ("apps/edited.yaml", manifest("edited", "1")),
            ("apps/deleted.yaml", manifest("deleted", "1")),
            ("elsewhere/behind.yaml", manifest("behind", "1")),
            ("apps/behind.yaml", "-> ../elsewhere/behind.yaml".to_owned()),
            ("linked", "-> apps".to_owned()),
            ("outside", "-> ../..".to_owned()),
            ("apps/.sourceignore", "# notes\n".to_owned()),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let commit = repositories.commit("fleet", "main", &files);
        let url = format!("{}/fleet", serve_http(repositories.root(), None, GitFault::None).await);
        let server = ApiServer::with_flux();
        server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}));
        let spec =
            json!({"url": url, "interval": "1m", "ref": {"branch": "main"}, "secretRef": {"name": "login"}});
        server.put(flux_object("GitRepository", "fleet", spec, ready("True", "stored", json!({}))));
        server.put(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "flux-system"},
            "data": {"username": STANDARD.encode("git"), "password": STANDARD.encode(READER)}}));
        let cli = Cli::against(&server);
        let stage = Self { server, cli, repositories, commit };
        stage.kustomization("apps", "./apps", &["same", "edited", "deleted"]);
        stage
    }

    fn kustomization(&self, name: &str, path: &str, inventory: &[&str]) -> Value {
        let spec = json!({"interval": "5m", "prune": true, "path": path, "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
        let entries: Vec<Value> =
            inventory.iter().map(|name| json!({"id": format!("web_{name}__ConfigMap"), "v": "v1"})).collect();
        let status = json!({"lastAppliedRevision": format!("main@sha1:{}", self.commit), "inventory": {"entries": entries}});
        self.server.put(flux_object("Kustomization", name, spec, ready("True", "applied", status)))
    }

    /// An object as the controller has applied it.
    fn live(&self, name: &str, value: &str) {
        let mut object: Value = serde_json::from_str(&manifest(name, value)).unwrap();
        object["metadata"]["labels"] = json!({OWNER[0]: "apps", OWNER[1]: "flux-system"});
        object["metadata"]["managedFields"] = json!([
            {"manager": "kustomize-controller", "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:metadata": {"f:labels": {}}}},
            {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T03:04:05Z", "fieldsV1": {"f:data": {"f:a": {}}}},
        ]);
        self.server.put(object);
    }

    /// What Git says, all of it.
    fn in_sync(&self) {
        ["same", "edited", "deleted"].iter().for_each(|name| self.live(name, "1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_deleted_or_left_over_is_named_with_who_did_it() {
    let stage = Stage::new().await;
    stage.kustomization("apps", "./apps", &["same", "edited", "deleted", "left"]);
    stage.live("same", "1");
    stage.live("edited", "2");
    // Newer than what is applied: it does not count.
    stage.repositories.commit("fleet", "main", &[("apps/edited.yaml", &manifest("edited", "3"))]);
    let short = &stage.commit[..8];
    let seen = stage.cli.run(&["drift", "ks/apps"]);
    let wanted = format!(
        "✗ Kustomization/flux-system/apps at main@sha1:{short}: 1 drifted, 1 missing, 1 foreign, 1 as in Git\n\
         ► ConfigMap/web/deleted missing\n► ConfigMap/web/edited drifted\n    \
         /data/a: \"2\", in Git \"1\" (kubectl-edit at 2026-01-02T03:04:05Z)\n► ConfigMap/web/left foreign\n"
    );
    assert_eq!((seen.code, seen.out.as_str(), seen.err.as_str()), (1, wanted.as_str(), ""));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drift.md");
    golden_part(&page, "example", &format!("```\n{}```\n", seen.out.replace(short, "0f1e2d3c")));
    let seen = stage.cli.run(&["drift", "--all", "-o", "json"]);
    let document: Value = serde_json::from_str(&seen.out).unwrap();
    let one = &document["kustomizations"][0];
    assert_eq!((seen.code, &document["drifted"], &one["unchanged"]), (1, &json!(true), &json!(1)));
    let wanted = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "edited", "namespace": "web", "state": "drifted",
        "fields": [{"path": "/data/a", "cluster": "2", "git": "1",
            "owner": {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T03:04:05Z"}}]});
    assert_eq!(one["objects"][1], wanted);
    let yaml = stage.cli.run(&["drift", "-A", "-o", "yaml"]);
    assert_eq!(fluxr::testing::text::yaml::documents(&yaml.out, "the report").unwrap(), [document]);
    let seen = stage.cli.run(&["drift", "ks/apps", "-o", "markdown"]);
    let wanted = "| `ConfigMap/web/edited` | `/data/a` | `\"2\"` | `\"1\"` | `kubectl-edit at 2026-01-02T03:04:05Z` |\n";
    assert!(seen.out.contains(wanted), "{}", seen.out);
    let writes = stage
        .server
        .requests()
        .into_iter()
        .filter(|line| !line.starts_with("GET") && !line.contains("dryRun"));
    assert_eq!(writes.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_as_git_says_has_no_drift_and_links_do_not_count() {
    let stage = Stage::new().await;
    stage.in_sync();
    let seen = stage.cli.run(&["drift", "ks/apps"]);
    assert!(seen.succeeded().ends_with(": 3 as in Git\n"), "{}", seen.out);
    for (path, why) in [
        ("./linked", "there is no folder \"./linked\" in the commit, which is a link"),
        ("./outside", "there is no folder \"./outside\" in the commit, which is a link"),
        ("./none", "there is no folder \"./none\" in the commit\n"),
    ] {
        stage.kustomization("apps", path, &[]);
        let seen = stage.cli.run(&["drift", "ks/apps"]);
        assert_eq!(seen.code, 2, "{path}");
        assert!(seen.err.contains(why), "{path}: {}", seen.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_ignores_is_not_missing() {
    let mut stage = Stage::new().await;
    let manifests = ["draft", "note", "skipped", "kept", "cloud"].map(|name| manifest(name, "1"));
    let [draft, note, skipped, kept, cloud] = manifests.each_ref().map(String::as_str);
    let files = [
        (".sourceignore", "*.draft.yaml\n"),
        ("apps/.sourceignore", "/notes/\n"),
        ("apps/a.draft.yaml", draft),
        ("apps/kept.draft.yaml", kept),
        ("apps/notes/note.yaml", note),
        ("apps/skipped.yaml", skipped),
        // Ignored by default, which what people write takes the place of.
        ("apps/cloudbuild.yaml", cloud),
        ("empty/b.draft.yaml", draft),
    ];
    stage.commit = stage.repositories.commit("fleet", "main", &files);
    let mut source = stage.server.get("GitRepository", "flux-system", "fleet").unwrap();
    source["spec"]["ignore"] = json!("/apps/skipped.yaml\n!kept.draft.yaml\n");
    stage.server.put(source.clone());
    let all = ["same", "edited", "deleted", "kept", "cloud"];
    stage.kustomization("apps", "./apps", &all);
    all.iter().for_each(|name| stage.live(name, "1"));
    let seen = stage.cli.run(&["drift", "ks/apps"]);
    assert!(seen.succeeded().ends_with(": 5 as in Git\n"), "{}", seen.out);
    // The folder is there, and nothing in it.
    stage.kustomization("empty", "./empty", &["left"]);
    let seen = stage.cli.run(&["drift", "ks/empty"]);
    assert_eq!(seen.code, 1, "{}", seen.err);
    assert!(seen.out.contains("1 foreign"), "{}", seen.out);
    source["spec"]["ignore"] = json!("/empty\n");
    stage.server.put(source);
    let seen = stage.cli.run(&["drift", "ks/empty"]);
    assert!(seen.err.contains("\"./empty\" in the commit, which the source ignores"), "{}", seen.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_is_named_and_the_rest_is_compared() {
    let stage = Stage::new().await;
    stage.in_sync();
    let mut bucket = stage.kustomization("bucket", "./", &[]);
    bucket["spec"]["sourceRef"]["kind"] = json!("Bucket");
    stage.server.put(bucket);
    let mut fresh = stage.kustomization("fresh", "./", &[]);
    fresh["status"] = json!({});
    stage.server.put(fresh);
    let seen = stage.cli.run(&["drift", "--all"]);
    assert_eq!(seen.succeeded().lines().count(), 1);
    assert!(
        seen.err.contains("⚠️ Kustomization/flux-system/bucket is not compared: it comes from Bucket"),
        "{}",
        seen.err
    );
    assert!(
        seen.err
            .contains("⚠️ Kustomization/flux-system/fresh is not compared: it has not applied anything yet"),
        "{}",
        seen.err
    );
    assert_eq!(stage.cli.run(&["drift", "ks/bucket"]).code, 2);
    stage.server.fail("PATCH", "edited", 1, Fault::Status(403));
    let seen = stage.cli.run(&["drift", "ks/apps", "-o", "json"]);
    assert_eq!(seen.code, 2);
    let document: Value = serde_json::from_str(&seen.out).unwrap();
    assert!(
        document["kustomizations"][0]["errors"][0].as_str().unwrap().contains("ConfigMap/web/edited"),
        "{document}"
    );
    assert!(seen.err.contains("✗ 1 of 1 Kustomizations could not be compared"), "{}", seen.err);
    stage.server.remove("Secret", "flux-system", "login");
    let seen = stage.cli.run(&["drift", "ks/apps"]);
    assert_eq!(seen.code, 2);
    assert!(seen.err.contains("secrets \"login\" not found"), "{}", seen.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_secrets_are_not_shown() {
    let stage = Stage::new().await;
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "namespace": "web"}, "data": {"a": STANDARD.encode(value)}});
    let commit =
        stage.repositories.commit("fleet", "main", &[("secret/token.yaml", &secret("hunter22").to_string())]);
    let mut object = stage.kustomization("secret", "./secret", &[]);
    object["status"]["lastAppliedRevision"] = json!(format!("main@sha1:{commit}"));
    stage.server.put(object);
    stage.server.put(secret("hunter33"));
    for output in ["", "json", "yaml", "markdown"] {
        let seen = stage.cli.run(&["drift", "ks/secret", "-o", output]);
        assert_eq!(seen.code, 1, "{seen:?}");
        assert!(seen.out.contains("/data/a"), "{}", seen.out);
        for value in ["hunter", &STANDARD.encode("hunter22"), &STANDARD.encode("hunter33")] {
            assert!(!format!("{seen:?}").contains(value), "{output}: {seen:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_unknown_is_an_error_and_the_others_are_compared() {
    let stage = Stage::new().await;
    stage.in_sync();
    stage.live("edited", "2");
    let compared = format!(
        "✗ Kustomization/flux-system/apps at main@sha1:{}: 1 drifted, 2 as in Git\n",
        &stage.commit[..8]
    );
    let seen = stage.cli.run(&["drift", "ks/none", "ks/apps", "kustomization/apps"]);
    assert_eq!(seen.code, 2);
    assert!(seen.out.starts_with(&compared) && seen.out.matches("✗").count() == 1, "{}", seen.out);
    for words in [
        "✗ Kustomization/flux-system/none: ",
        "\"none\" not found\nhint: `fluxr get kustomizations -A` lists what is there\n",
        "✗ 1 of 2 Kustomizations could not be compared\n",
    ] {
        assert!(seen.err.contains(words), "no {words} in {}", seen.err);
    }
    let seen = stage.cli.run(&["drift", "ks/none", "ks/apps", "-o", "json"]);
    let document: Value = serde_json::from_str(&seen.out).unwrap();
    let [none, apps] = &document["kustomizations"].as_array().unwrap()[..] else { panic!("{document}") };
    assert_eq!((seen.code, &none["name"], &apps["drifted"]), (2, &json!("none"), &json!(true)));
    assert!(none["errors"][0].as_str().unwrap().contains("not found"), "{none}");
    assert_eq!(none.get("revision"), None, "what is not known is left out");
    for line in ["drift ks apps", "drift kustomization apps"] {
        let seen = stage.cli.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!((seen.code, seen.err.as_str()), (1, ""), "{line}");
        assert!(seen.out.starts_with(&compared), "{line}: {}", seen.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_does_not_know_of_an_owner_is_left_out() {
    let stage = Stage::new().await;
    stage.in_sync();
    stage.live("edited", "2");
    let mut edited = stage.server.get("ConfigMap", "web", "edited").unwrap();
    edited["metadata"]["managedFields"][1].as_object_mut().unwrap().remove("time");
    stage.server.put(edited);
    let seen = stage.cli.run(&["drift", "ks/apps", "-o", "json"]);
    let document: Value = serde_json::from_str(&seen.out).unwrap();
    let owner = &document["kustomizations"][0]["objects"][0]["fields"][0]["owner"];
    assert_eq!(*owner, json!({"manager": "kubectl-edit", "operation": "Update"}), "{document}");
}

#[test]
fn the_command_line_says_what_is_compared() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    for (words, told) in [
        (&[][..], "specify Kustomizations, --all or -A"),
        (&["ks/apps", "--all"], "names and --all or -A exclude each other"),
        (&["hr/web"], "HelmRelease objects are not compared, only Kustomizations are"),
        (&["ks/none"], "\"none\" not found"),
        (&["ks", "app", "web"], "several objects are named as <kind>/<name> each"),
        (&["--all", "-o", "xml"], "--output must be json, yaml or markdown, not xml"),
        (&["--unheard-of"], "unheard-of"),
    ] {
        let words: Vec<&str> = ["drift"].iter().chain(words).copied().collect();
        let seen = cli.run(&words);
        assert_eq!(seen.code, 2, "{words:?}");
        assert!(seen.err.contains(told), "{words:?}: {}", seen.err);
    }
    let seen = cli.run(&["drift", "--all"]);
    assert_eq!((seen.succeeded(), seen.err.as_str()), ("", "⚠️ there are no Kustomizations\n"));
    server.fail("GET", "kustomizations", 1, Fault::Status(403));
    assert_eq!(cli.run(&["drift", "--all"]).code, 2);
}
