//! What `trace` and `debug` look at: objects with managers, owners and sources of every sort.

use super::stage::Stage;
use super::values::data;
use super::values::value_cases;
use super::values::variable_cases;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

/// The lines to ask.
pub(super) fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for words in [
        "configmap by-git",
        "cm by-git",
        "cm/by-git",
        "configmaps by-git by-oci",
        "cm/by-git secret/by-release",
        "cm by-git-tag",
        "cm by-git-semver",
        "cm by-git-commit",
        "cm by-git-failing",
        "cm by-git-fresh",
        "cm by-oci",
        "cm by-oci-plain",
        "cm by-oci-partly",
        "cm by-oci-digest",
        "cm by-external",
        "cm by-external-fresh",
        "cm by-bucket",
        "cm by-elsewhere",
        "cm by-nobody",
        "cm by-somebody-gone",
        "cm by-source-gone",
        "cm by-nobody by-git",
        "cm owned",
        "cm owned-twice",
        "cm owned-by-nothing",
        "secret by-release",
        "secret by-release-git",
        "secret by-release-oci",
        "secret by-release-external",
        "secret by-release-chart",
        "secret by-release-fresh",
        "secret by-both",
        "ks by-git",
        "kustomization by-git",
        "kustomizations.kustomize.toolkit.fluxcd.io by-git",
        "kustomizations.v1.kustomize.toolkit.fluxcd.io by-git",
        "ConfigMap by-git",
        "namespace traced",
        "ns/traced",
        "widget app",
        "widgets.tests.example.com app",
        "wd app",
        "wd/none",
        "cm,secret by-git",
        "none app",
        "none",
        "cm",
        "",
        "cm/by-git app",
        "cm/by-git/app",
        "cm/",
        "by-git --kind=ConfigMap --api-version=v1",
        "traced --kind=Namespace --api-version=v1",
        "none --kind=ConfigMap --api-version=v1",
        "app --kind=Widget --api-version=tests.example.com/v1",
        "app --kind=None --api-version=tests.example.com/v1",
        "app --kind=widget --api-version=tests.example.com/v1",
        "app --kind=widgets --api-version=tests.example.com/v1",
        "app --kind=Widget --api-version=tests.example.com/v9",
        "by-git --kind=configmap --api-version=v1",
        "by-git --kind=CONFIGMAP --api-version=v1",
        "by-git --kind=ConfigMap --api-version=v9",
        "by-git --kind=Deployment --api-version=apps/v9",
        "by-git --kind=Deployment --api-version=none.example.com/v1",
        "app --kind=kustomization --api-version=kustomize.toolkit.fluxcd.io/v1",
        "by-git --kind=ConfigMap",
        "by-git --api-version=v1",
        "--kind=ConfigMap --api-version=v1",
        "cm by-git -n empty",
    ] {
        lines.push(format!("trace {words}"));
    }
    for name in ["app", "full-0", "full-1", "fresh", "broken", "none", ""] {
        for flag in ["--show-status", "--show-history"] {
            lines.push(format!("debug hr {name} {flag}"));
            lines.push(format!("debug ks {name} {flag}"));
        }
    }
    for more in ["", "--show-status --show-history", "--show-status=false", "one two --show-status"] {
        lines.push(format!("debug hr {more}"));
        lines.push(format!("debug ks {more}"));
    }
    for (name, _) in value_cases() {
        lines.push(format!("debug helmrelease values-{name} --show-values"));
    }
    for (name, _) in variable_cases() {
        lines.push(format!("debug kustomization vars-{name} --show-vars"));
    }
    lines.extend(
        [
            "logs",
            "logs -n other",
            "logs --flux-namespace=empty",
            "logs x",
            "logs --since=1m --since-time=2026-01-02T03:04:05Z",
        ]
        .map(str::to_owned),
    );
    lines
}

fn in_namespace(namespace: &str, mut object: Value) -> Value {
    object["metadata"]["namespace"] = json!(namespace);
    object
}

fn flux(namespace: &str, kind: &str, name: &str, spec: Value, status: Value) -> Value {
    in_namespace(namespace, flux_object(kind, name, spec, status))
}

fn artifact(revision: &str, metadata: Value) -> Value {
    json!({"artifact": {
        "digest": format!("sha256:{}", "ab".repeat(32)), "lastUpdateTime": "2026-01-02T03:04:05Z", "path": "a.tar.gz",
        "revision": revision, "url": "http://source-controller/a.tar.gz", "metadata": metadata,
    }})
}

fn managed(namespace: &str, kind: &str, name: &str, labels: &[(&str, &str, &str)]) -> Value {
    let mut object =
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}});
    for (group, by, of) in labels {
        object["metadata"]["labels"][format!("{group}/name")] = json!(by);
        object["metadata"]["labels"][format!("{group}/namespace")] = json!(of);
    }
    object
}

const KS: &str = "kustomize.toolkit.fluxcd.io";
const HR: &str = "helm.toolkit.fluxcd.io";

/// Puts everything into a namespace.
pub(super) async fn fill(stage: &Stage, namespace: &str) {
    let labels = json!({"app.kubernetes.io/part-of": "tests"});
    stage.put(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})).await;
    stage.put(&widget_definition()).await;
    for object in objects(namespace) {
        stage.put(&object).await;
    }
    owned(stage, namespace, "owned", &["by-git"]).await;
    owned(stage, namespace, "owned-twice", &["by-nobody", "owned"]).await;
    owned(stage, namespace, "owned-by-nothing", &["nothing", "by-git"]).await;
}

fn objects(namespace: &str) -> Vec<Value> {
    let mut objects = sources(namespace);
    objects.extend(by_kustomizations(namespace));
    objects.extend(by_releases(namespace));
    objects.extend(special(namespace));
    objects.extend(data(namespace));
    for (name, spec) in value_cases() {
        let mut whole = json!({"interval": "1m", "chartRef": {"kind": "OCIRepository", "name": "plain"}});
        json_patch::merge(&mut whole, &spec);
        objects.push(flux(namespace, "HelmRelease", &format!("values-{name}"), whole, json!(null)));
    }
    for (name, spec) in variable_cases() {
        let mut whole =
            json!({"interval": "1m", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
        json_patch::merge(&mut whole, &spec);
        objects.push(flux(namespace, "Kustomization", &format!("vars-{name}"), whole, json!(null)));
    }
    for object in &mut objects {
        if object["status"].is_null() {
            object.as_object_mut().unwrap().remove("status");
        }
    }
    objects
}

fn sources(namespace: &str) -> Vec<Value> {
    let ok = |further: Value| ready("True", "stored artifact", further);
    let origin = json!({"org.opencontainers.image.revision": "main@sha1:abc", "org.opencontainers.image.source": "https://git.example.com/a"});
    let git = |name: &str, reference: Value, status: Value| {
        let mut spec = json!({"url": "https://git.example.com/app", "interval": "1m"});
        if !reference.is_null() {
            spec["ref"] = reference;
        }
        flux(namespace, "GitRepository", name, spec, status)
    };
    let oci = |name: &str, reference: Value, status: Value| {
        let mut spec = json!({"url": "oci://registry.example.com/app", "interval": "1m"});
        if !reference.is_null() {
            spec["ref"] = reference;
        }
        flux(namespace, "OCIRepository", name, spec, status)
    };
    let external = |name: &str, status: Value| {
        let reference = json!({"apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator", "name": "app", "namespace": namespace});
        flux(namespace, "ExternalArtifact", name, json!({"sourceRef": reference}), status)
    };
    vec![
        git("branch", json!({"branch": "main"}), ok(artifact("main@sha1:abc", json!(null)))),
        git(
            "tag",
            json!({"branch": "main", "tag": "v1", "semver": ">=1.0.0"}),
            ok(artifact("v1@sha1:abc", json!(null))),
        ),
        git("semver", json!({"branch": "main", "semver": ">=1.0.0"}), ok(json!({}))),
        git("commit", json!({"commit": "abc"}), ready("Unknown", "building artifact", json!({}))),
        git("failing", json!(null), ready("False", "no route to host\nsecond line", json!({}))),
        git("untouched", json!(null), json!(null)),
        oci("origin", json!({"tag": "latest"}), ok(artifact("latest@sha256:abc", origin.clone()))),
        oci("plain", json!(null), ok(artifact("latest@sha256:abc", json!(null)))),
        oci(
            "partly",
            json!({"semver": ">=1.0.0", "digest": "sha256:abc"}),
            ok(artifact(
                "1@sha256:abc",
                json!({"other": "x", "org.opencontainers.image.source": "https://git.example.com/a"}),
            )),
        ),
        oci(
            "digest",
            json!({"digest": format!("sha256:{}", "ab".repeat(32))}),
            ready("False", "denied", json!({})),
        ),
        external("made", ok(artifact("latest@sha256:abc", origin))),
        external("unmade", json!(null)),
        flux(
            namespace,
            "Bucket",
            "bucket",
            json!({"bucketName": "b", "endpoint": "s3.example.com", "interval": "1m"}),
            ok(json!({})),
        ),
        flux(
            namespace,
            "HelmRepository",
            "charts",
            json!({"url": "https://charts.example.com", "interval": "1m"}),
            ok(artifact("sha256:abc", json!(null))),
        ),
    ]
}

fn by_kustomizations(namespace: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    let applied = || ready("True", "Applied revision", json!({"lastAppliedRevision": "main@sha1:abc"}));
    for (name, kind, source, status) in [
        ("by-git", "GitRepository", "branch", applied()),
        ("by-git-tag", "GitRepository", "tag", applied()),
        ("by-git-semver", "GitRepository", "semver", ready("False", "build failed\nin line 2", json!({}))),
        ("by-git-commit", "GitRepository", "commit", applied()),
        ("by-git-failing", "GitRepository", "failing", ready("Unknown", "working", json!({}))),
        ("by-git-fresh", "GitRepository", "untouched", json!(null)),
        ("by-oci", "OCIRepository", "origin", applied()),
        ("by-oci-plain", "OCIRepository", "plain", applied()),
        ("by-oci-partly", "OCIRepository", "partly", applied()),
        ("by-oci-digest", "OCIRepository", "digest", applied()),
        ("by-external", "ExternalArtifact", "made", applied()),
        ("by-external-fresh", "ExternalArtifact", "unmade", applied()),
        ("by-bucket", "Bucket", "bucket", applied()),
        ("by-source-gone", "GitRepository", "gone", applied()),
    ] {
        let spec = json!({"interval": "1m", "prune": true, "path": "./deploy", "sourceRef": {"kind": kind, "name": source}});
        let mut applier = flux(namespace, "Kustomization", name, spec, status);
        if name == "by-git-tag" {
            applier["spec"]["targetNamespace"] = json!("target");
        }
        if name == "by-git" {
            applier["metadata"]["labels"] =
                json!({format!("{KS}/name"): "by-oci", format!("{KS}/namespace"): namespace});
        }
        objects.push(applier);
        objects.push(managed(namespace, "ConfigMap", name, &[(KS, name, namespace)]));
    }
    let elsewhere = json!({"kind": "GitRepository", "name": "branch", "namespace": "flux-system"});
    let spec = json!({"interval": "1m", "prune": true, "sourceRef": elsewhere});
    objects.push(flux(namespace, "Kustomization", "by-elsewhere", spec, applied()));
    objects.push(managed(namespace, "ConfigMap", "by-elsewhere", &[(KS, "by-elsewhere", namespace)]));
    objects.push(managed(namespace, "ConfigMap", "by-nobody", &[]));
    objects.push(managed(namespace, "ConfigMap", "by-somebody-gone", &[(KS, "gone", namespace)]));
    objects
}

fn by_releases(namespace: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    let chart = |kind: &str, name: &str| json!({"chart": {"spec": {"chart": "web", "sourceRef": {"kind": kind, "name": name}}}});
    let reference = |kind: &str, name: &str| json!({"chartRef": {"kind": kind, "name": name}});
    let released = |chart: &str| {
        let further = json!({"lastAttemptedRevision": "6.7.8", "helmChart": format!("{namespace}/{chart}")});
        ready("True", "Helm upgrade succeeded", further)
    };
    let bare = || ready("False", "install retries exhausted", json!({"lastAttemptedRevision": "6.7.8"}));
    for (name, spec, status) in [
        ("by-release", chart("HelmRepository", "charts"), released("web")),
        ("by-release-git", chart("GitRepository", "failing"), released("unready")),
        ("by-release-oci", reference("OCIRepository", "origin"), bare()),
        ("by-release-external", reference("ExternalArtifact", "made"), bare()),
        ("by-release-chart", reference("HelmChart", "web"), released("web")),
        ("by-release-fresh", chart("Bucket", "bucket"), json!(null)),
    ] {
        let mut whole = json!({"interval": "1m"});
        json_patch::merge(&mut whole, &spec);
        if name == "by-release-git" {
            whole["targetNamespace"] = json!("target");
        }
        objects.push(flux(namespace, "HelmRelease", name, whole, status));
        objects.push(managed(namespace, "Secret", name, &[(HR, name, namespace)]));
    }
    objects.push(managed(
        namespace,
        "Secret",
        "by-both",
        &[(HR, "by-release", namespace), (KS, "by-git", namespace)],
    ));
    let spec = |version: Option<&str>| {
        let mut spec = json!({"chart": "web", "interval": "1m", "sourceRef": {"kind": "HelmRepository", "name": "charts"}});
        if let Some(version) = version {
            spec["version"] = json!(version);
        }
        spec
    };
    let pulled = ready("True", "pulled 'web' chart", artifact("6.7.8", json!(null)));
    objects.push(flux(namespace, "HelmChart", "web", spec(Some(">=6")), pulled));
    objects.push(flux(namespace, "HelmChart", "unready", spec(None), json!(null)));
    objects
}

/// An object that is owned by these ConfigMaps and an object of a kind that is not served. The server removes what has no owner any more,
/// so owners are named with their UIDs.
async fn owned(stage: &Stage, namespace: &str, name: &str, owners: &[&str]) {
    let mut references = Vec::new();
    for owner in owners {
        let address = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace}});
        let api = fluxr::testing::cluster::api_for(&stage.client, &address).await.unwrap();
        let (api_version, uid) = match *owner {
            "nothing" => ("none.example.com/v1", "00000000-0000-0000-0000-000000000000".to_owned()),
            owner => ("v1", api.get(owner).await.unwrap().metadata.uid.unwrap()),
        };
        references.push(json!({"apiVersion": api_version, "kind": "ConfigMap", "name": owner, "uid": uid}));
    }
    let mut object = managed(namespace, "ConfigMap", name, &[]);
    object["metadata"]["ownerReferences"] = json!(references);
    stage.put(&object).await;
}

/// Objects outside of namespaces, and of a kind that only the API server knows.
fn special(namespace: &str) -> Vec<Value> {
    let labels = json!({format!("{KS}/name"): "by-git", format!("{KS}/namespace"): namespace});
    let traced =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "traced", "labels": labels}});
    let widget = json!({
        "apiVersion": "tests.example.com/v1", "kind": "Widget",
        "metadata": {"name": "app", "namespace": namespace, "labels": labels},
    });
    vec![traced, widget]
}

/// The definition of the kind that only the API server knows.
fn widget_definition() -> Value {
    let schema = json!({"openAPIV3Schema": {"type": "object"}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.tests.example.com"},
        "spec": {
            "group": "tests.example.com", "scope": "Namespaced",
            "names": {"kind": "Widget", "listKind": "WidgetList", "plural": "widgets", "singular": "widget", "shortNames": ["wd"]},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}],
        },
    })
}
