//! A real API server with objects of every kind in every state, and no one who changes them.

use crate::full_objects::bare_object;
use crate::full_objects::empty_object;
use crate::full_objects::full_object;
use crate::real::objects::install_definitions;
use crate::real::place::api_of;
use crate::support::ready;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use kube::Client;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use testbed::Cluster;

const SHA: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";

pub(super) struct Stage {
    pub(super) cluster: Cluster,
    pub(super) client: Client,
    pub(super) folder: tempfile::TempDir,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
        let client = client(&cluster).await;
        install_definitions(&client).await;
        Self { cluster, client, folder }
    }

    /// Makes a namespace with every object.
    pub(super) async fn fill(&self, namespace: &str) {
        let labels = json!({"app.kubernetes.io/part-of": "tests"});
        let namespace_object = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels},
        });
        self.put(&namespace_object).await;
        for kind in KINDS {
            for object in objects_of(kind, namespace) {
                self.put(&object).await;
            }
        }
        self.put(&helm_storage(namespace)).await;
        for event in events(namespace) {
            self.put(&event).await;
        }
    }

    /// Applies an object and its status.
    pub(super) async fn put(&self, object: &Value) {
        let api = fluxr::testing::cluster::api_for(&self.client, object).await.unwrap();
        let name = object["metadata"]["name"].as_str().unwrap();
        let parameters = PatchParams::apply("stage").force();
        let mut wanted = object.clone();
        wanted.as_object_mut().unwrap().remove("status");
        let applied = api.patch(name, &parameters, &Patch::Apply(wanted)).await;
        // What is empty may break a rule between fields; no cluster holds such an object.
        let breaks_a_rule = matches!(&applied, Err(kube::Error::Api(refusal)) if refusal.code == 422 && name.starts_with("empty-"));
        if breaks_a_rule {
            return;
        }
        applied.unwrap_or_else(|error| panic!("{error}: {object:#}"));
        if let Some(status) = object.get("status") {
            // Merged: fields that a kind's status does not have are dropped, not refused.
            let patch = Patch::Merge(json!({"status": status}));
            let applied = api.patch_status(name, &PatchParams::default(), &patch).await;
            applied.unwrap_or_else(|error| panic!("{error}: {object:#}"));
        }
    }

    /// Who wrote which fields of an object, without the times.
    async fn managers(&self, kind: &Kind, object: &Value) -> Value {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let api = api_of(&self.client, &kind.api_resource(), text("/metadata/namespace"));
        let read = api.get_opt(text("/metadata/name")).await.unwrap();
        let records = read.and_then(|object| object.metadata.managed_fields).unwrap_or_default();
        let mut records: Vec<Value> = records
            .into_iter()
            .map(|record| json!([record.manager, record.operation, record.subresource, record.fields_v1]))
            .collect();
        records.sort_by_key(Value::to_string);
        records.into()
    }

    /// What a namespace holds, as far as a command may change it; times and numbers of the server left out.
    pub(super) async fn held(&self, namespace: &str) -> BTreeMap<String, Value> {
        let mut held = BTreeMap::new();
        for kind in KINDS {
            let selection = fluxr::testing::cluster::Selection {
                namespace: Some(namespace.to_owned()),
                ..fluxr::testing::cluster::Selection::default()
            };
            let (objects, _) = fluxr::testing::cluster::list(&self.client, kind, &selection).await.unwrap();
            for object in objects {
                let name = format!("{}/{}", kind.kind, object["metadata"]["name"].as_str().unwrap());
                let mut kept = json!({"spec": object["spec"], "labels": object["metadata"]["labels"]});
                let mut annotations = object["metadata"]["annotations"].clone();
                for asked in annotations.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
                    // Requests carry the time at which they were made.
                    if asked.as_str().is_some_and(|text| text.starts_with("20")) {
                        *asked = json!("a time");
                    }
                }
                kept["annotations"] = annotations;
                kept["managers"] = self.managers(kind, &object).await;
                held.insert(name, kept);
            }
        }
        held
    }
}

async fn client(cluster: &Cluster) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = kube::config::Kubeconfig::read_from(cluster.kubeconfig()).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    Client::try_from(config).unwrap()
}

/// One that is well, one that is not, one that no controller has looked at, one that is suspended, those with every field set, those with every
/// optional field empty, and one with none of them.
fn objects_of(kind: &'static Kind, namespace: &str) -> Vec<Value> {
    let full = |variant: usize| {
        full_object(kind, variant).map(|mut object| {
            make_plausible(&mut object);
            object
        })
    };
    let Some(first) = full(0) else { return Vec::new() };
    let named = |object: &Value, name: &str| {
        let mut object = object.clone();
        object["metadata"]["name"] = json!(name);
        object["metadata"]["namespace"] = json!(namespace);
        object
    };
    let mut objects: Vec<Value> = (0..)
        .map_while(|variant| full(variant).map(|object| named(&object, &format!("full-{variant}"))))
        .collect();
    for variant in 0.. {
        let Some(mut object) = empty_object(kind, variant) else { break };
        make_plausible(&mut object);
        object.as_object_mut().unwrap().remove("status");
        objects.push(named(&object, &format!("empty-{variant}")));
    }
    let mut bare = named(&bare_object(kind), "bare");
    make_plausible(&mut bare);
    bare.as_object_mut().unwrap().remove("status");
    objects.push(bare);
    let mut zero = named(&first, "zero");
    zero.as_object_mut().unwrap().remove("status");
    make_false(&mut zero["spec"]);
    objects.push(zero);
    let states = [
        ("app", Some(ready("True", "all is well", json!({})))),
        ("broken", Some(ready("False", "cannot fetch: authentication required\nsecond line", json!({})))),
        ("fresh", None),
        ("paused", Some(ready("True", "was well before", json!({})))),
        ("running", Some(ready("Unknown", "Reconciliation in progress", json!({})))),
    ];
    let has_status = first.get("status").is_some();
    for (name, status) in states {
        let mut object = named(&first, name);
        object["metadata"]["labels"] = json!({"team": if name == "app" { "ops" } else { "dev" }});
        if let Some(map) = object.as_object_mut() {
            map.remove("status");
        }
        if let Some(status) = status.filter(|_| has_status) {
            object["status"] = status;
            if name == "app" {
                for (key, value) in known_status(kind.kind, namespace) {
                    object["status"][key] = value;
                }
            }
        }
        if object["spec"].get("suspend").is_some() {
            object["spec"]["suspend"] = json!(name == "paused");
        }
        if let Some(secret) = object["spec"].get_mut("secretRef") {
            secret["name"] = json!(format!("login-{name}"));
        }
        objects.push(object);
    }
    objects
}

fn make_false(value: &mut Value) {
    match value {
        Value::Bool(set) => *set = false,
        Value::Object(map) => map.values_mut().for_each(make_false),
        Value::Array(items) => items.iter_mut().for_each(make_false),
        _ => {}
    }
}

/// The schema takes any text for some durations, which Go's types do not, and for names, which no server knows.
fn make_plausible(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if key.ends_with("Duration") && inner.is_string() {
                    *inner = json!("1.5s");
                }
                if ["name", "namespace"].contains(&key.as_str()) && inner == "some text" {
                    *inner = json!("some-text");
                }
                make_plausible(inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_plausible),
        _ => {}
    }
}

/// What the columns of a kind show besides its condition.
fn known_status(kind: &str, namespace: &str) -> Vec<(&'static str, Value)> {
    let artifact = |revision: &str| {
        json!({
            "digest": format!("sha256:{}", "ab".repeat(32)),
            "lastUpdateTime": "2026-01-02T03:04:05Z",
            "path": "a/b/c.tar.gz",
            "revision": revision,
            "url": "http://source-controller.flux-system.svc.cluster.local./a/b/c.tar.gz",
        })
    };
    match kind {
        "GitRepository" => vec![("artifact", artifact(&format!("main@sha1:{SHA}")))],
        "OCIRepository" => vec![("artifact", artifact(&format!("v1.2.3@sha256:{}", "cd".repeat(32))))],
        "Bucket" | "HelmRepository" => vec![("artifact", artifact(&format!("sha256:{}", "ef".repeat(32))))],
        "HelmChart" | "ExternalArtifact" => vec![("artifact", artifact("6.7.8"))],
        "Kustomization" => vec![
            ("lastAppliedRevision", json!(format!("main@sha1:{SHA}"))),
            ("lastAttemptedRevision", json!(format!("main@sha1:{SHA}"))),
            ("inventory", json!({"entries": inventory(namespace)})),
        ],
        "HelmRelease" => vec![
            ("lastAttemptedRevision", json!("6.7.8")),
            ("storageNamespace", json!(namespace)),
            ("history", json!([snapshot(namespace, 2), snapshot(namespace, 3)])),
        ],
        "ArtifactGenerator" => vec![(
            "inventory",
            json!([{"digest": format!("sha256:{}", "ab".repeat(32)), "filename": "1.tar.gz", "name": "made", "namespace": namespace}]),
        )],
        "ImageRepository" => vec![(
            "lastScanResult",
            json!({"scanTime": "2026-01-02T03:04:05Z", "tagCount": 42, "latestTags": ["1.1.0", "1.0.0"]}),
        )],
        "ImagePolicy" => vec![("latestRef", json!({"name": "registry.example.com/app", "tag": "1.1.0"}))],
        "ImageUpdateAutomation" => vec![("lastAutomationRunTime", json!("2026-01-02T03:04:05Z"))],
        "Receiver" => vec![("webhookPath", json!("/hook/abc"))],
        _ => Vec::new(),
    }
}

/// Objects, two Kustomizations of which one has an inventory itself, a HelmRelease, and a name with a colon.
fn inventory(namespace: &str) -> Vec<Value> {
    let ids = [
        format!("{namespace}_web_apps_Deployment"),
        format!("{namespace}_web__Service"),
        "_system__reader_rbac.authorization.k8s.io_ClusterRole".to_owned(),
        format!("{namespace}_app_kustomize.toolkit.fluxcd.io_Kustomization"),
        format!("{namespace}_fresh_kustomize.toolkit.fluxcd.io_Kustomization"),
        format!("{namespace}_app_helm.toolkit.fluxcd.io_HelmRelease"),
        format!("{namespace}_app_source.extensions.fluxcd.io_ArtifactGenerator"),
        format!("{namespace}_app_source.toolkit.fluxcd.io_GitRepository"),
    ];
    ids.iter().map(|id| json!({"id": id, "v": "v1"})).collect()
}

fn snapshot(namespace: &str, version: i64) -> Value {
    json!({
        "chartName": "web", "chartVersion": "6.7.8", "configDigest": format!("sha256:{}", "12".repeat(32)),
        "digest": format!("sha256:{}", "34".repeat(32)), "firstDeployed": "2026-01-02T03:04:05Z",
        "lastDeployed": "2026-01-02T03:04:05Z", "name": "web", "namespace": namespace, "status": "deployed", "version": version,
    })
}

/// The release as Helm keeps it: JSON, gzip, Base64.
fn helm_storage(namespace: &str) -> Value {
    use base64::Engine;
    use std::io::Write;
    let manifest = "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n\
        metadata:\n  name: web\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: elsewhere\n  namespace: default\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(json!({"name": "web", "manifest": manifest}).to_string().as_bytes()).unwrap();
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sh.helm.release.v1.web.v3", "namespace": namespace},
        "data": {"release": encode(encode(&packed.finish().unwrap()).as_bytes())},
    })
}

/// Events of long ago, so that their age is the same for a day; one came again, one is about no object of Flux.
fn events(namespace: &str) -> Vec<Value> {
    // Events of the same moment come in no certain order.
    let minute = namespace.len() % 60;
    let event = |number: u32, kind: &str, name: &str, level: &str, further: Value| {
        let mut event = json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": format!("{}-{number}", kind.to_lowercase()), "namespace": namespace},
            "involvedObject": {"kind": kind, "name": name, "namespace": namespace},
            "type": level, "reason": "Tested", "message": format!("number {number}\nof {name}"),
            "firstTimestamp": format!("2024-0{number}-02T03:{minute:02}:05Z"), "lastTimestamp": format!("2024-0{number}-03T03:{minute:02}:05Z"),
        });
        json_patch::merge(&mut event, &further);
        event
    };
    vec![
        event(1, "Kustomization", "app", "Normal", json!({})),
        event(2, "GitRepository", "app", "Warning", json!({"count": 7})),
        event(3, "HelmRelease", "app", "Normal", json!({"count": 1})),
        event(4, "Pod", "app", "Normal", json!({})),
        event(
            5,
            "ImagePolicy",
            "app",
            "Warning",
            json!({"series": {"count": 3, "lastObservedTime": format!("2025-01-02T03:{minute:02}:05.000000Z")}}),
        ),
        event(
            6,
            "Provider",
            "app",
            "Normal",
            json!({"firstTimestamp": null, "lastTimestamp": null, "eventTime": format!("2024-06-02T03:{minute:02}:05.000000Z"),
            "reportingComponent": "a.b/c", "reportingInstance": "d", "action": "e"}),
        ),
    ]
}
