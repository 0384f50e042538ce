//! `diff kustomization`: what an apply of local files would change, told by the API server's dry runs.

mod odd;

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// `hunter2`, `hunter3` and a third one in Base64.
const VALUES: [&str; 3] = ["aHVudGVyMg==", "aHVudGVyMw==", "aHVudGVyNA=="];
const WARNING: &str = "⚠️ identified at least one change, exiting with non-zero exit code\n";

struct Stage {
    server: ApiServer,
    cli: Cli,
}

impl Stage {
    /// A cluster with the Kustomization `apps`, whose `spec` has these fields too.
    fn with(more: Value) -> Self {
        let server = ApiServer::with_flux();
        server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}));
        let cli = Cli::against(&server);
        let stage = Self { server, cli };
        stage.kustomization("apps", more);
        stage
    }

    fn kustomization(&self, name: &str, more: Value) {
        let mut object = kustomization(name);
        object["spec"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.server.put(object);
    }

    fn live(&self, mut object: Value, owner: &str) {
        let labels = json!({"kustomize.toolkit.fluxcd.io/name": owner, "kustomize.toolkit.fluxcd.io/namespace": "flux-system"});
        object["metadata"]["labels"] = labels;
        self.server.put(object);
    }

    fn write(&self, path: &str, object: &Value) {
        let place = self.cli.home().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, object.to_string()).unwrap();
    }

    /// Output and exit code.
    fn diff(&self, line: &str) -> (String, i32) {
        let words: Vec<&str> = ["diff", "ks"].into_iter().chain(line.split_whitespace()).collect();
        let run = self.cli.run(&words);
        (run.out.clone() + &run.err, run.code)
    }
}

fn kustomization(name: &str) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": "1h", "prune": true, "path": format!("./{name}"), "sourceRef": {"kind": "GitRepository", "name": "fleet"}},
    })
}

fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "web"}, "data": {"a": value}})
}

fn secret(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "web"}, "data": data})
}

fn annotated(mut object: Value, name: &str, value: &str) -> Value {
    object["metadata"]["annotations"] = json!({format!("kustomize.toolkit.fluxcd.io/{name}"): value});
    object
}

const FLEET: &str = "--local-sources=GitRepository/flux-system/fleet=.";

#[test]
fn every_change_has_its_line_and_what_stays_has_none() {
    let stage = Stage::with(json!({}));
    for object in [
        config_map("same", "1"),
        config_map("changed", "1"),
        config_map("gone", "1"),
        config_map("kept", "1"),
    ] {
        stage.live(object, "apps");
    }
    let mut live = kustomization("apps");
    live["status"] = json!({"inventory": {"entries": [
        {"id": "web_same__ConfigMap", "v": "v1"}, {"id": "web_gone__ConfigMap", "v": "v1"}, {"id": "web_first_apps_Deployment", "v": "v1"},
    ]}});
    stage.server.put(live);
    stage.write("apps/same.json.yaml", &config_map("same", "1"));
    stage.write("apps/changed.yaml", &config_map("changed", "2"));
    stage.write("apps/new.yaml", &config_map("new", "1"));
    stage.write("apps/kept.yaml", &annotated(config_map("kept", "2"), "ssa", "IfNotPresent"));
    stage.write("apps/off.yaml", &annotated(config_map("off", "2"), "reconcile", "disabled"));
    let (said, code) = stage.diff("apps --path=apps");
    let report = "\ndata.a\n± value change\n- 1\n+ 2\n\n";
    let wanted = format!(
        "► ConfigMap/web/changed drifted\n{report}► ConfigMap/web/kept skipped\n► ConfigMap/web/new created\n\
         ► ConfigMap/web/off skipped\n► ConfigMap/web/gone deleted\n► Deployment/web/first deleted\n{WARNING}"
    );
    assert_eq!((said, code), (wanted, 1));
    assert_eq!(stage.diff("apps --path=apps --exit-code=false").1, 0);
    for gone in ["changed.yaml", "new.yaml"] {
        std::fs::remove_file(stage.cli.home().join("apps").join(gone)).unwrap();
    }
    stage.kustomization("apps", json!({"prune": false}));
    let (said, code) = stage.diff("apps --path=apps");
    assert_eq!((&*said, code), ("► ConfigMap/web/kept skipped\n► ConfigMap/web/off skipped\n", 0));
}

#[test]
fn nothing_is_applied_and_nothing_is_written() {
    let stage = Stage::with(json!({}));
    stage.write("apps/a.yaml", &config_map("a", "1"));
    assert_eq!(stage.diff("apps --path=apps").1, 1);
    assert!(stage.server.get("ConfigMap", "web", "a").is_none());
    let files = std::fs::read_dir(stage.cli.home().join("apps")).unwrap().count();
    assert_eq!(files, 1);
}

#[test]
fn no_value_of_a_secret_is_shown_in_any_form() {
    let stage = Stage::with(json!({}));
    stage.live(secret("login", json!({"same": VALUES[0], "new": VALUES[0], "old": VALUES[1]})), "apps");
    stage.write("apps/login.yaml", &secret("login", json!({"same": VALUES[0], "new": VALUES[1]})));
    let mut texts = secret("texts", json!({}));
    texts["stringData"] = json!({"a": "hunter4"});
    stage.write("apps/texts.yaml", &texts);
    for form in ["", "-o json", "-o markdown"] {
        let (said, code) = stage.diff(&format!("apps --path=apps {form}"));
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("login") && said.contains("texts"), "{said}");
        assert!(!said.contains("hunter") && VALUES.iter().all(|value| !said.contains(value)), "{said}");
    }
    let (said, _) = stage.diff("apps --path=apps -o json");
    let document: Value = serde_json::from_str(said.split("⚠️").next().unwrap()).unwrap();
    let fields = &document["kustomizations"][0]["objects"][0]["fields"];
    assert_eq!(fields[0], json!({"path": "/data/new", "before": "*** (before)", "after": "*** (after)"}));
}

#[test]
fn a_secret_that_sops_encrypted_drifts_by_its_keys_only() {
    let stage = Stage::with(json!({}));
    let encrypted = |keys: &[&str]| {
        let data: serde_json::Map<_, _> =
            keys.iter().map(|key| ((*key).to_owned(), json!("ENC[x]"))).collect();
        let mut object = secret("login", Value::Object(data));
        object["sops"] = json!({"mac": "ENC[AES256_GCM,data:x]"});
        object
    };
    stage.live(secret("login", json!({"a": VALUES[0]})), "apps");
    stage.write("apps/login.yaml", &encrypted(&["a"]));
    assert_eq!(stage.diff("apps --path=apps"), (String::new(), 0));
    stage.write("apps/login.yaml", &encrypted(&["a", "b"]));
    let (said, code) = stage.diff("apps --path=apps -o json");
    assert_eq!(code, 1);
    assert!(said.contains("/data/b") && said.contains("*****"), "{said}");
}

#[test]
fn ignored_fields_are_not_drift() {
    let rule = json!([{"paths": ["/data/a"], "target": {"kind": "ConfigMap", "name": "mine.*"}}]);
    let stage = Stage::with(json!({"ignore": rule}));
    for name in ["mine-1", "yours"] {
        stage.live(config_map(name, "1"), "apps");
        stage.write(&format!("apps/{name}.yaml"), &config_map(name, "2"));
    }
    let (said, code) = stage.diff("apps --path=apps");
    assert!(said.starts_with("► ConfigMap/web/yours drifted\n") && !said.contains("mine"), "{said}");
    assert_eq!(code, 1);
}

#[test]
fn kustomizations_in_the_result_are_compared_from_their_local_sources() {
    let stage = Stage::with(json!({"prune": false}));
    let mut remote = kustomization("remote");
    remote["spec"]["kubeConfig"] = json!({"secretRef": {"name": "other"}});
    for object in [kustomization("web"), remote] {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        stage.live(object.clone(), "apps");
        stage.write(&format!("apps/{name}.yaml"), &object);
    }
    stage.write("apps/new.yaml", &kustomization("new"));
    stage.write("web/a.yaml", &config_map("a", "1"));
    let (said, code) = stage.diff(&format!("apps --path=apps -r {FLEET}"));
    let wanted = "► Kustomization/flux-system/new created\n\
                  ⚠️ Kustomization/flux-system/remote skipped: diff not supported for remote clusters\n\
                  📁 Kustomization/flux-system/web changed\n► ConfigMap/web/a created\n";
    assert_eq!((said, code), (format!("{wanted}{WARNING}"), 1));
    let (said, code) = stage.diff("apps --path=apps -r");
    let wanted = "✗ cannot get local path for GitRepository/flux-system/fleet of kustomization web\n";
    assert!(code == 2 && said.ends_with(wanted), "{said}");
}

#[test]
fn a_kustomization_that_the_cluster_lacks_comes_from_the_file_if_that_is_wanted() {
    let stage = Stage::with(json!({}));
    stage.write("apps.yaml", &kustomization("apps"));
    stage.write("apps/a.yaml", &config_map("a", "1"));
    stage.server.remove("Kustomization", "flux-system", "apps");
    let line = "apps --path=apps --kustomization-file=apps.yaml";
    let (said, code) = stage.diff(line);
    let wanted = "✗ failed to get kustomization object: kustomizations.kustomize.toolkit.fluxcd.io \"apps\" not found\n";
    assert!(code == 2 && said.starts_with(wanted), "{said}");
    let (said, code) = stage.diff(&format!("{line} --ignore-not-found"));
    assert_eq!((said, code), (format!("► ConfigMap/web/a created\n{WARNING}"), 1));
}

#[test]
fn several_are_compared_in_the_order_of_their_dependencies() {
    let stage = Stage::with(json!({"dependsOn": [{"name": "infra"}]}));
    stage.kustomization("infra", json!({}));
    stage.kustomization("other", json!({"sourceRef": {"kind": "OCIRepository", "name": "elsewhere"}}));
    for name in ["apps", "infra"] {
        stage.write(&format!("{name}/a.yaml"), &config_map(name, "1"));
    }
    let wanted = "📁 Kustomization/flux-system/infra changed\n► ConfigMap/web/infra created\n\
                  📁 Kustomization/flux-system/apps changed\n► ConfigMap/web/apps created\n";
    let (said, code) = stage.diff(&format!("apps infra {FLEET}"));
    assert_eq!((said, code), (format!("{wanted}{WARNING}"), 1));
    let before = stage.server.requests().len();
    let (said, code) = stage.diff(&format!("--all {FLEET}"));
    assert_eq!(code, 1);
    let asked = stage.server.requests().split_off(before);
    let again: Vec<_> = asked.iter().filter(|line| line.contains("/kustomizations/")).collect();
    assert!(again.is_empty(), "what was listed was read again: {again:?}");
    let (changes, told) = said.split_at(wanted.len());
    assert_eq!(changes, wanted);
    assert!(
        told.contains(
            "⚠️ cannot get local path for OCIRepository/flux-system/elsewhere of kustomization other\n"
        ),
        "{told}"
    );
    let (said, code) = stage.diff(&format!("other {FLEET}"));
    assert!(code == 2 && said.contains("OCIRepository/flux-system/elsewhere"), "{said}");
    let run = stage.cli.run(&["build", "ks", "--all", FLEET]);
    let built = run.succeeded();
    assert!(built.find("name: infra").unwrap() < built.find("name: apps").unwrap(), "{built}");
}

#[test]
fn a_document_tells_programs_what_changes() {
    let stage = Stage::with(json!({}));
    stage.live(config_map("a", "1"), "apps");
    stage.write("apps/a.yaml", &config_map("a", "2"));
    stage.write("apps/b.yaml", &config_map("b", "1"));
    let run = stage.cli.run(&["diff", "ks", "apps", "--path=apps", "-o", "json", "--exit-code=false"]);
    let document: Value = serde_json::from_str(run.succeeded()).unwrap();
    let id = |kind: &str, version: &str, namespace: &str, name: &str| json!({"apiVersion": version, "kind": kind, "name": name, "namespace": namespace});
    let with = |mut id: Value, more: Value| {
        id.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        id
    };
    let fields = json!([{"path": "/data/a", "before": "1", "after": "2"}]);
    let objects = json!([
        with(id("ConfigMap", "v1", "web", "a"), json!({"change": "drifted", "fields": fields})),
        with(id("ConfigMap", "v1", "web", "b"), json!({"change": "created"})),
    ]);
    let apps = id("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "apps");
    let apps = with(apps, json!({"changed": true, "unchanged": 0, "objects": objects, "errors": []}));
    assert_eq!(document, json!({"changed": true, "kustomizations": [apps]}));
}

#[test]
fn nothing_in_a_manifest_breaks_out_of_a_comment() {
    let stage = Stage::with(json!({}));
    let odd = "```\n</details>\n# A heading\n@everyone ````";
    stage.live(config_map("a", "1"), "apps");
    stage.write("apps/a.yaml", &config_map("a", odd));
    let run = stage.cli.run(&["diff", "ks", "apps", "--path=apps", "-o", "markdown", "--exit-code=false"]);
    let text = run.succeeded();
    let head = "### `Kustomization/flux-system/apps`\n\n1 drifted\n\n<details><summary>drifted: <code>ConfigMap/web/a</code></summary>\n\n`````diff\n";
    assert!(text.starts_with(head), "{text}");
    assert!(text.ends_with("`````\n\n</details>\n"), "{text}");
    let inside = &text[head.len()..text.len() - "`````\n\n</details>\n".len()];
    assert!(inside.lines().all(|line| line.starts_with([' ', '+', '-', '@'])), "{inside}");
    assert!(!inside.contains("`````"));
}

#[test]
fn what_the_server_refuses_is_told_after_what_it_did_not_and_nothing_counts_as_deleted() {
    let stage = Stage::with(json!({}));
    let mut live = kustomization("apps");
    live["status"] = json!({"inventory": {"entries": [{"id": "web_gone__ConfigMap", "v": "v1"}]}});
    stage.server.put(live);
    for name in ["a", "b", "c"] {
        stage.write(&format!("apps/{name}.yaml"), &config_map(name, "1"));
    }
    let mut homeless = config_map("homeless", "1");
    homeless["metadata"].as_object_mut().unwrap().remove("namespace");
    stage.write("apps/d.yaml", &homeless);
    stage.write("apps/e.yaml", &json!({"apiVersion": "example.org/v1", "kind": "Odd", "metadata": {"name": "e", "namespace": "web"}}));
    stage.server.fail("PATCH", "/api/v1/namespaces/web/configmaps/b", 1, Fault::Status(403));
    let (said, code) = stage.diff("apps --path=apps");
    let (changes, errors) = said.split_at(said.find("✗").unwrap());
    assert_eq!((changes, code), ("► ConfigMap/web/a created\n► ConfigMap/web/c created\n", 2));
    for wanted in [
        "hint: ConfigMap/web/b comes from apps/b.yaml, line 1\n",
        "hint: ConfigMap/homeless comes from apps/d.yaml, line 1\n",
        "ConfigMap/web/b dry-run failed (Planned): planned failure 403",
        "ConfigMap/homeless namespace not specified: the server could not find the requested resource",
        "Odd/web/e dry-run failed: ",
    ] {
        assert!(errors.contains(wanted), "{errors}");
    }
}

#[test]
fn every_failure_has_the_code_two() {
    let stage = Stage::with(json!({}));
    stage.write("apps/a.yaml", &config_map("a", "1"));
    for (line, wanted) in [
        ("", "kustomization name is required"),
        ("apps", "invalid resource path \"\""),
        ("apps --path=none", "invalid resource path \"none\""),
        ("apps --path=apps --kustomization-file=none", "invalid kustomization file \"none\""),
        (
            "apps --path=apps --ignore-not-found",
            "kustomization file is required when assuming new kustomizations",
        ),
        ("apps --path=apps -o yaml", "--output must be json or markdown, not yaml"),
        ("--all --path=apps", "--path is the folder of one Kustomization, and --all means several"),
        ("apps --all", "--all means every Kustomization: leave out the names"),
        (
            "none --path=apps",
            "failed to get kustomization object: kustomizations.kustomize.toolkit.fluxcd.io \"none\" not found",
        ),
    ] {
        let (said, code) = stage.diff(line);
        assert_eq!((said.lines().next(), code), (Some(&*format!("✗ {wanted}")), 2), "{line}");
    }
    stage.server.fail("GET", "/", usize::MAX, Fault::Status(500));
    assert_eq!(stage.diff("apps --path=apps").1, 2);
}

#[test]
fn a_busy_server_is_asked_again_and_an_interrupted_comparison_leaves_nothing() {
    let stage = Stage::with(json!({}));
    for number in 0..40 {
        stage.write(&format!("apps/{number}.yaml"), &config_map(&format!("a{number}"), "1"));
    }
    stage.server.fail("PATCH", "/api/v1/namespaces/web/configmaps", 3, Fault::Status(429));
    let (said, code) = stage.diff("apps --path=apps");
    assert_eq!((said.matches(" created\n").count(), code), (40, 1), "{said}");
    stage.server.fail(
        "PATCH",
        "/api/v1/namespaces/web/configmaps",
        usize::MAX,
        Fault::Slow(Duration::from_secs(30)),
    );
    let mut running = stage.cli.spawn(&["diff", "ks", "apps", "--path=apps"]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(running.interrupt(), 130);
}

#[test]
fn what_needs_a_namespace_or_a_kind_of_the_same_build_counts_as_created() {
    let stage = Stage::with(json!({}));
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "odds.example.org"},
        "spec": {"group": "example.org", "names": {"kind": "Odd", "plural": "odds"}, "scope": "Namespaced", "versions": []},
    });
    stage.write("apps/a.yaml", &definition);
    stage.write("apps/b.yaml", &json!({"apiVersion": "example.org/v1", "kind": "Odd", "metadata": {"name": "b", "namespace": "web"}}));
    stage.write(
        "apps/c.yaml",
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "fresh"}}),
    );
    let mut inside = config_map("d", "1");
    inside["metadata"]["namespace"] = json!("fresh");
    stage.write("apps/d.yaml", &inside);
    let (said, code) = stage.diff("apps --path=apps");
    let wanted = "► CustomResourceDefinition/odds.example.org created\n► Odd/web/b created\n► Namespace/fresh created\n► ConfigMap/fresh/d created\n";
    assert_eq!((said, code), (format!("{wanted}{WARNING}"), 1));
}
