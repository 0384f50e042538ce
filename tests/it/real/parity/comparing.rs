//! `diff kustomization` on a real API server: what each program says of the same files and the same objects.

use super::judge;
use super::pair::Pair;
use super::stage::Stage;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: web, labels: {app: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: shop:1.0
        args: [--port=80, --quiet]
        env: [{name: A, value: a}, {name: B, value: b}]
        ports: [{containerPort: 80, name: http}]
      - {name: helper, image: helper:1.0}
";
const SETTINGS: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: web, annotations: {note: first}}
data:
  one: a line
  two: |
    first line
    second line
    third line
    fourth line
  three: \"1\"
";
const LOGIN: &str = "apiVersion: v1
kind: Secret
metadata: {name: login, namespace: web}
data: {same: YQ==, other: YQ==, gone: YQ==}
";
const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: shop, namespace: web}
spec:
  selector: {app: shop}
  ports: [{name: http, port: 80}, {name: metrics, port: 9090}]
";
const JOB: &str = "apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: web}
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: once:1.0}]
";
const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: web}
rules:
- {apiGroups: [\"\"], resources: [pods], verbs: [get, list]}
- {apiGroups: [apps], resources: [deployments], verbs: [get]}
";

/// What to replace, and by what.
type Replacements = &'static [(&'static str, &'static str)];

/// Folders, what the cluster has, and what the files have instead.
const CHANGES: &[(&str, &str, Replacements)] = &[
    ("same", DEPLOYMENT, &[]),
    ("number", DEPLOYMENT, &[("replicas: 2", "replicas: 3")]),
    ("image", DEPLOYMENT, &[("shop:1.0", "shop:1.1")]),
    ("list", DEPLOYMENT, &[("--port=80, --quiet", "--quiet, --port=80, --more")]),
    ("order", DEPLOYMENT, &[("--port=80, --quiet", "--quiet, --port=80")]),
    (
        "env",
        DEPLOYMENT,
        &[("{name: A, value: a}", "{name: A, value: other}"), ("{name: B, value: b}", "{name: C, value: c}")],
    ),
    ("less", DEPLOYMENT, &[("      - {name: helper, image: helper:1.0}\n", "")]),
    (
        "more",
        DEPLOYMENT,
        &[(
            "      - {name: helper",
            "      - {name: third, image: third:1.0, env: [{name: X, value: \"1\"}]}\n      - {name: helper",
        )],
    ),
    (
        "labels",
        DEPLOYMENT,
        &[("{app: shop}}\nspec:\n  replicas", "{app: shop, team: ops}}\nspec:\n  replicas")],
    ),
    ("odd-field", DEPLOYMENT, &[("  replicas: 2", "  replicas: 4\n  unheard: 1")]),
    ("immutable", DEPLOYMENT, &[("app: shop", "app: other")]),
    (
        "settings",
        SETTINGS,
        &[("a line", "another line"), ("note: first", "note: second"), ("three: \"1\"", "four: \"2\"")],
    ),
    (
        "text",
        SETTINGS,
        &[("second line", "second one"), ("    fourth line\n", "    fourth line\n    fifth line\n")],
    ),
    ("blank", SETTINGS, &[("one: a line", "one: \"a line \"")]),
    ("multi", SETTINGS, &[("one: a line", "one: \"a line\\nand one more\"")]),
    ("login", LOGIN, &[("other: YQ==, gone: YQ==", "other: Yg==, added: YQ==")]),
    (
        "texts",
        LOGIN,
        &[("data: {same: YQ==, other: YQ==, gone: YQ==}", "data: {same: YQ==}\nstringData: {other: b}")],
    ),
    ("sops", LOGIN, &[("gone: YQ==}", "gone: YQ==}\nsops: {mac: \"ENC[AES256_GCM,data:x]\"}")]),
    ("sops-more", LOGIN, &[("gone: YQ==}", "new: YQ==}\nsops: {mac: \"ENC[AES256_GCM,data:x]\"}")]),
    ("service", SERVICE, &[("port: 80", "port: 8080"), (", {name: metrics, port: 9090}", "")]),
    ("job", JOB, &[("once:1.0", "once:1.1")]),
    (
        "job-forced",
        JOB,
        &[
            ("once:1.0", "once:1.1"),
            ("namespace: web}", "namespace: web, labels: {kustomize.toolkit.fluxcd.io/force: enabled}}"),
        ],
    ),
    ("role", ROLE, &[("[get, list]", "[get, list, watch]")]),
    ("role-new", ROLE, &[("rules:\n", "rules:\n- {apiGroups: [batch], resources: [jobs], verbs: [get]}\n")]),
    ("new", SETTINGS, &[("name: settings", "name: new")]),
    ("skipped", SETTINGS, &[("a line", "x"), ("{note: first}", "{kustomize.toolkit.fluxcd.io/ssa: Ignore}")]),
    (
        "once",
        SETTINGS,
        &[("a line", "x"), ("{note: first}", "{kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}")],
    ),
    ("homeless", SETTINGS, &[(", namespace: web", "")]),
    ("nowhere", SETTINGS, &[("namespace: web", "namespace: none")]),
    ("unheard", SETTINGS, &[("apiVersion: v1\nkind: ConfigMap", "apiVersion: example.org/v1\nkind: Odd")]),
    ("refused", SETTINGS, &[("name: settings", "name: Not_A_Name")]),
];

fn kustomization(name: &str, more: Value) -> Value {
    let mut object = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": "1h", "prune": true, "path": format!("./{name}"), "sourceRef": {"kind": "GitRepository", "name": "fleet"}},
    });
    object["spec"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

async fn apply(stage: &Stage, owner: &str, object: Value) {
    let mut object = object;
    if object["kind"] != "Kustomization" || owner != "apps" {
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = json!(owner);
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/namespace"] = json!("flux-system");
    }
    let api = fluxr::testing::cluster::api_for(&stage.client, &object).await.unwrap();
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let parameters = PatchParams::apply("kustomize-controller").force();
    api.patch(&name, &parameters, &Patch::Apply(&object)).await.unwrap();
}

fn write(home: &Path, path: &str, text: &str) {
    let place = home.join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, text).unwrap();
}

fn read(text: &str) -> Value {
    fluxr::testing::text::yaml::document(text, "the test").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn changes_of_a_cluster_are_told_alike() {
    let stage = Stage::new().await;
    let home = stage.folder.path().join("home");
    for namespace in ["flux-system", "web"] {
        stage.put(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})).await;
    }
    for text in [DEPLOYMENT, SETTINGS, LOGIN, SERVICE, JOB, ROLE] {
        apply(&stage, "apps", read(text)).await;
    }
    let ignore = json!({"ignore": [{"paths": ["/spec/replicas", "/data/one"], "target": {"kind": "Deployment|ConfigMap"}}]});
    let nested = kustomization("nested", json!({}));
    for object in [
        kustomization("apps", json!({})),
        kustomization("lenient", ignore),
        kustomization("outer", json!({"prune": false})),
    ] {
        stage.put(&object).await;
    }
    let mut with_inventory = kustomization("apps", json!({}));
    with_inventory["status"] = json!({"inventory": {"entries": [
        {"id": "web_shop_apps_Deployment", "v": "v1"}, {"id": "web_settings__ConfigMap", "v": "v1"}, {"id": "_web__Namespace", "v": "v1"},
        {"id": "web_reader_rbac.authorization.k8s.io_Role", "v": "v1"}, {"id": "web_hook_admissionregistration.k8s.io_ValidatingWebhookConfiguration", "v": "v1"},
    ]}});
    stage.put(&with_inventory).await;
    apply(&stage, "outer", nested.clone()).await;
    write(&home, "outer/nested.yaml", &nested.to_string());
    write(&home, "nested/new.yaml", &SETTINGS.replace("name: settings", "name: nested"));
    write(&home, "apps.yaml", &kustomization("fresh", json!({})).to_string());
    let mut lines = Vec::new();
    for (folder, text, changes) in CHANGES {
        let changed = changes.iter().fold((*text).to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{folder}: {from}");
            text.replace(from, to)
        });
        write(&home, &format!("{folder}/a.yaml"), &changed);
        lines.push(format!("diff kustomization apps --path={folder} --progress-bar=false"));
    }
    for line in [
        "lenient --path=number",
        "lenient --path=settings",
        "outer --path=outer",
        "outer --path=outer --recursive",
        "outer --path=outer --recursive --local-sources=GitRepository/flux-system/fleet=.",
        "fresh --path=new",
        "fresh --path=new --kustomization-file=apps.yaml",
        "fresh --path=new --kustomization-file=apps.yaml --ignore-not-found",
        "none --path=new --kustomization-file=apps.yaml --ignore-not-found",
        "apps --path=new --ignore-not-found",
        "apps --path=none",
        "apps",
        "apps --path=new --ignore-paths=a.yaml",
        "apps --path=same --in-memory-build",
    ] {
        lines.push(format!("diff ks {line} --progress-bar=false"));
    }
    let pair = Pair::new(&home, Some(&stage.cluster.kubeconfig()));
    // One after the other: while the Flux CLI builds a folder, its kustomization is another one.
    let answers: Vec<_> = lines.iter().map(|line| pair.ask(line)).collect();
    judge(&answers);
}
