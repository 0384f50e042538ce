//! The scenarios of the verbs on a real API server.

use super::objects::install_definitions;
use crate::support::Cli;
use crate::verbs;
use crate::verbs::Place;
use fluxr::kind::KINDS;
use fluxr::kind::by_name;
use kube::Api;
use kube::Client;
use kube::api::DeleteParams;
use kube::api::DynamicObject;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use serde_json::Value;
use serde_json::json;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testbed::Cluster;
use tokio::runtime::Runtime;

const NAMESPACE: &str = "flux-system";

struct Real {
    cluster: Cluster,
    runtime: Runtime,
    client: Client,
}

impl Real {
    fn start(folder: &std::path::Path) -> Self {
        let cluster = Cluster::start(folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let client = runtime.block_on(async {
            let client = client_of(&std::fs::read_to_string(cluster.kubeconfig()).unwrap()).await;
            install_definitions(&client).await;
            client
        });
        let real = Self { cluster, runtime, client };
        real.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}));
        real
    }

    /// The namespace as every scenario finds it.
    fn begin(&self) {
        self.runtime.block_on(async {
            for kind in KINDS {
                let api = api_of(&self.client, &kind.api_resource(), NAMESPACE);
                for object in api.list(&ListParams::default()).await.unwrap() {
                    api.delete(&object.metadata.name.unwrap(), &DeleteParams::default()).await.unwrap();
                }
            }
        });
        for object in verbs::objects() {
            self.put(object);
        }
    }
}

async fn client_of(kubeconfig: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = kube::config::Kubeconfig::from_yaml(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    Client::try_from(config).unwrap()
}

fn api_of(client: &Client, resource: &ApiResource, namespace: &str) -> Api<DynamicObject> {
    match namespace {
        "" => Api::all_with(client.clone(), resource),
        namespace => Api::namespaced_with(client.clone(), namespace, resource),
    }
}

fn resource_of(kind: &str) -> ApiResource {
    by_name(kind).map_or_else(
        || {
            let core = kube::core::GroupVersionKind::gvk("", "v1", kind);
            ApiResource::from_gvk(&core)
        },
        fluxr::api::Kind::api_resource,
    )
}

impl Place for Real {
    fn kubeconfig(&self) -> String {
        std::fs::read_to_string(self.cluster.kubeconfig()).unwrap()
    }

    fn put(&self, mut object: Value) {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.retain(|field, _| !["managedFields", "resourceVersion"].contains(&field.as_str()));
        }
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let api = api_of(&self.client, &resource_of(text("/kind")), text("/metadata/namespace"));
        let parameters = PatchParams::apply("test").force();
        self.runtime.block_on(async {
            api.patch(text("/metadata/name"), &parameters, &Patch::Apply(&object)).await.unwrap();
            if let Some(status) = object.get("status") {
                let status = Patch::Merge(json!({"status": status}));
                api.patch_status(text("/metadata/name"), &PatchParams::default(), &status).await.unwrap();
            }
        });
    }

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let api = api_of(&self.client, &resource_of(kind), namespace);
        let found = self.runtime.block_on(api.get_opt(name)).unwrap();
        found.map(|object| serde_json::to_value(object).unwrap())
    }

    fn with_controllers(&self, pause: Duration) -> Box<dyn Any> {
        Box::new(Controllers::start(self.client.clone(), &self.runtime, pause))
    }
}

/// What writes the status as Flux's controllers do, without their work: the scenarios say what comes of it.
struct Controllers {
    is_over: Arc<AtomicBool>,
}

impl Controllers {
    fn start(client: Client, runtime: &Runtime, pause: Duration) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = is_over.clone();
        runtime.spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                for kind in ["GitRepository", "Kustomization"] {
                    let api = api_of(&client, &resource_of(kind), NAMESPACE);
                    for object in api.list(&ListParams::default()).await.into_iter().flatten() {
                        answer(&api, &serde_json::to_value(object).unwrap(), pause).await;
                    }
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { is_over }
    }
}

impl Drop for Controllers {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

async fn answer(api: &Api<DynamicObject>, object: &Value, pause: Duration) {
    let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt");
    let generation = &object["metadata"]["generation"];
    let is_answered = asked == object.pointer("/status/lastHandledReconcileAt")
        && *generation == object["status"]["observedGeneration"];
    if object["spec"]["suspend"] == true || is_answered {
        return;
    }
    tokio::time::sleep(pause).await;
    let mut status = crate::support::ready("True", "stored it", json!({}));
    status["observedGeneration"] = generation.clone();
    status["conditions"][0]["observedGeneration"] = generation.clone();
    status["lastHandledReconcileAt"] = asked.cloned().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap();
    // An object that was deleted in between needs no answer.
    let _ = api.patch_status(name, &PatchParams::default(), &Patch::Merge(json!({"status": status}))).await;
}

#[test]
#[ignore = "needs the testbed"]
fn the_scenarios_of_the_verbs_hold_on_a_real_api_server() {
    let folder = tempfile::tempdir().unwrap();
    let real = Real::start(folder.path());
    let mut failed = Vec::new();
    for (name, scenario) in verbs::ALL {
        real.begin();
        let run = std::panic::AssertUnwindSafe(|| scenario(&real));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(*name);
        }
    }
    assert!(verbs::ALL.len() > 10);
    real.begin();
    what_may_not_be_seen_fails_and_the_rest_is_shown(&real);
    assert_eq!(failed, Vec::<&str>::new(), "what they said is above");
}

/// Somebody who may read Kustomizations and nothing else.
fn what_may_not_be_seen_fails_and_the_rest_is_shown(real: &Real) {
    let api = |kind: &str, object: Value| {
        let gvk = kube::core::GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind);
        let api = api_of(&real.client, &ApiResource::from_gvk(&gvk), NAMESPACE);
        real.runtime
            .block_on(api.patch("reader", &PatchParams::apply("test"), &Patch::Apply(object)))
            .unwrap();
    };
    let version = "rbac.authorization.k8s.io/v1";
    let rule = json!({
        "apiGroups": ["kustomize.toolkit.fluxcd.io"], "resources": ["kustomizations"], "verbs": ["get", "list"],
    });
    api(
        "Role",
        json!({"apiVersion": version, "kind": "Role", "metadata": {"name": "reader"}, "rules": [rule]}),
    );
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"});
    let subject = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"});
    api(
        "RoleBinding",
        json!({"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "reader"}, "roleRef": role, "subjects": [subject]}),
    );
    let kubeconfig = real.cluster.kubeconfig_for("reader", &[]).unwrap();
    let cli = Cli::new().with_kubeconfig(&std::fs::read_to_string(kubeconfig).unwrap());
    assert!(cli.run(&["get", "ks"]).succeeded().contains("not yet"));
    let seen = cli.run(&["get", "all"]);
    assert!(
        seen.failed().contains("listing gitrepositories: ") && seen.err.contains("cannot list resource"),
        "{seen:?}"
    );
    assert!(seen.out.contains("kustomization/app"), "{seen:?}");
    assert!(cli.run(&["suspend", "ks", "app"]).failed().contains("cannot patch resource"));
}
