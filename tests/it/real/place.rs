//! A real API server as a place for scenarios.

use super::objects::install_definitions;
use crate::scenarios;
use crate::scenarios::Place;
use crate::support::Fault;
use crate::support::FaultyWay;
use crate::support::client_of;
use fluxr::testing::kind::KINDS;
use fluxr::testing::kind::by_name;
use kube::Api;
use kube::Client;
use kube::api::DeleteParams;
use kube::api::DynamicObject;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use kube::core::GroupVersionKind;
use serde_json::Value;
use serde_json::json;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testbed::Cluster;
use tokio::runtime::Runtime;

pub(super) const NAMESPACE: &str = "flux-system";

/// A real control plane that serves our CRDs, without a controller.
pub(super) struct Real {
    pub(super) cluster: Cluster,
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    way: FaultyWay,
    /// Whether the definitions are not what they should be.
    is_changed: AtomicBool,
}

impl Real {
    pub(super) fn start(folder: &std::path::Path) -> Self {
        let cluster = Cluster::start(folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let (client, way) = runtime.block_on(async {
            let client = client_of(&std::fs::read_to_string(cluster.kubeconfig()).unwrap()).await;
            install_definitions(&client).await;
            (client.clone(), FaultyWay::open(client).await.unwrap())
        });
        let real = Self { cluster, runtime, client, way, is_changed: AtomicBool::new(false) };
        real.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}));
        real
    }

    /// The cluster as every scenario finds it.
    pub(super) fn begin(&self) {
        self.way.forgive();
        self.runtime.block_on(async {
            if self.is_changed.swap(false, Ordering::SeqCst) {
                install_definitions(&self.client).await;
            }
            for kind in KINDS {
                let api = api_of(&self.client, &kind.api_resource(), NAMESPACE);
                for object in api.list(&ListParams::default()).await.unwrap() {
                    api.delete(&object.metadata.name.unwrap(), &DeleteParams::default()).await.unwrap();
                }
            }
        });
        for object in scenarios::objects() {
            self.put(object);
        }
    }

    fn definitions(&self) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
        Api::all_with(self.client.clone(), &ApiResource::from_gvk(&gvk))
    }
}

pub(super) fn api_of(client: &Client, resource: &ApiResource, namespace: &str) -> Api<DynamicObject> {
    match namespace {
        "" => Api::all_with(client.clone(), resource),
        namespace => Api::namespaced_with(client.clone(), namespace, resource),
    }
}

fn resource_of(kind: &str) -> ApiResource {
    by_name(kind).map_or_else(
        || {
            let core = GroupVersionKind::gvk("", "v1", kind);
            ApiResource::from_gvk(&core)
        },
        fluxr::testing::api::Kind::api_resource,
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
                match api.patch_status(text("/metadata/name"), &PatchParams::default(), &status).await {
                    // A kind whose status is not of its own has it already.
                    Err(kube::Error::Api(refusal)) if refusal.code == 404 => {}
                    outcome => drop(outcome.unwrap()),
                }
            }
        });
    }

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let api = api_of(&self.client, &resource_of(kind), namespace);
        let found = self.runtime.block_on(api.get_opt(name)).unwrap();
        found.map(|object| serde_json::to_value(object).unwrap())
    }

    fn remove(&self, kind: &str, namespace: &str, name: &str) {
        let api = api_of(&self.client, &resource_of(kind), namespace);
        self.runtime.block_on(api.delete(name, &DeleteParams::default())).unwrap();
    }

    fn forget(&self, kind: &str) {
        let kind = by_name(kind).unwrap();
        self.is_changed.store(true, Ordering::SeqCst);
        let objects = api_of(&self.client, &kind.api_resource(), NAMESPACE);
        self.runtime.block_on(async {
            self.definitions().delete(&kind.crd_name(), &DeleteParams::default()).await.unwrap();
            let mut tries = 0;
            while objects.list(&ListParams::default()).await.is_ok() {
                tries += 1;
                assert!(tries < 300, "{} is still served", kind.kind);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }

    fn take_anything(&self) {
        self.is_changed.store(true, Ordering::SeqCst);
        let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        let path = "/spec/versions/0/schema/openAPIV3Schema";
        let patch = json!([{"op": "replace", "path": path, "value": anything}]);
        let patch = Patch::Json::<()>(serde_json::from_value(patch).unwrap());
        self.runtime.block_on(async {
            for kind in KINDS {
                self.definitions().patch(&kind.crd_name(), &PatchParams::default(), &patch).await.unwrap();
            }
        });
    }

    fn with_controllers(&self, pause: Duration) -> Box<dyn Any> {
        Box::new(Controllers::start(self.client.clone(), &self.runtime, pause))
    }

    fn faulty_kubeconfig(&self) -> String {
        self.way.kubeconfig()
    }

    fn fail(&self, method: &str, part: &str, times: usize, fault: Fault) {
        self.way.fail(method, part, times, fault);
    }

    fn forgive(&self) {
        self.way.forgive();
    }

    fn requests(&self) -> Vec<String> {
        self.way.requests()
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
