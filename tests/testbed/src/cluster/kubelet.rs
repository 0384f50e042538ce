//! The kubelet's part for Flux's controllers: a process runs while its Deployment wants it, and its pod is Ready only while it is.

use super::control_plane::Access;
use super::controller::Controller;
use super::controller::EventPorts;
use super::controller::Wanted;
use crate::net;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;

pub struct Kubelet {
    client: kube::Client,
    folder: PathBuf,
    access: Access,
    events: EventPorts,
    controllers: BTreeMap<(String, String), Controller>,
}

impl Kubelet {
    pub async fn new(client: kube::Client, folder: &Path, access: Access) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let events = EventPorts {
            relay: listener.local_addr()?.port(),
            target: net::free_port()?,
            receiver: net::free_port()?,
        };
        tokio::spawn(net::relay_events(listener, events.target));
        Ok(Self { client, folder: folder.to_owned(), access, events, controllers: BTreeMap::new() })
    }

    /// Never ends by itself; an API server that does not answer is waited for.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        loop {
            if let Ok(wanted) = self.wanted().await {
                self.follow(wanted).await;
                let _ = self.report().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The Deployments of Flux that want a process.
    async fn wanted(&self) -> anyhow::Result<Vec<Wanted>> {
        let deployments: Api<Deployment> = Api::all(self.client.clone());
        let list = deployments.list(&ListParams::default().labels("app.kubernetes.io/part-of=flux")).await?;
        let mut wanted = Vec::new();
        for deployment in list.items {
            let Some(spec) = deployment.spec else { continue };
            let Some(pod) = spec.template.spec else { continue };
            if spec.replicas == Some(0) || deployment.metadata.deletion_timestamp.is_some() {
                continue;
            }
            wanted.push(Wanted {
                namespace: deployment.metadata.namespace.unwrap_or_default(),
                name: deployment.metadata.name.unwrap_or_default(),
                service_account: pod.service_account_name.unwrap_or_default(),
                arguments: pod
                    .containers
                    .into_iter()
                    .next()
                    .and_then(|container| container.args)
                    .unwrap_or_default(),
            });
        }
        Ok(wanted)
    }

    /// Stops what is no longer wanted, or wanted otherwise, and keeps the rest running.
    async fn follow(&mut self, wanted: Vec<Wanted>) {
        let keys: Vec<_> = self.controllers.keys().cloned().collect();
        for key in keys {
            let same = wanted.iter().any(|wanted| self.controllers[&key].wanted == *wanted);
            if !same && let Some(mut controller) = self.controllers.remove(&key) {
                controller.stop().await;
            }
        }
        for wanted in wanted {
            let key = (wanted.namespace.clone(), wanted.name.clone());
            let controller = self.controllers.entry(key).or_insert_with(|| Controller::new(wanted));
            if let Err(error) = controller.keep_running(&self.folder, &self.access, self.events) {
                let note = format!("{}: {error:#}\n", controller.wanted.name);
                let _ = std::fs::write(self.folder.join("kubelet.log"), note);
            }
        }
    }

    /// Tells the API server how the pods are.
    async fn report(&self) -> anyhow::Result<()> {
        for controller in self.controllers.values() {
            let ready = controller.is_ready().await;
            let pods: Api<Pod> = Api::namespaced(self.client.clone(), &controller.wanted.namespace);
            let selector = format!("app={}", controller.wanted.name);
            for pod in pods.list(&ListParams::default().labels(&selector)).await?.items {
                if pod.metadata.deletion_timestamp.is_some() {
                    continue;
                }
                let conditions =
                    pod.status.as_ref().and_then(|status| status.conditions.clone()).unwrap_or_default();
                let said = conditions.iter().any(|found| found.type_ == "Ready" && found.status == "True");
                if said == ready {
                    continue;
                }
                let name = pod.metadata.name.clone().unwrap_or_default();
                let status = pod_status(&pod, ready, controller.restarts);
                pods.patch_status(&name, &PatchParams::default(), &Patch::Merge(status)).await?;
            }
        }
        Ok(())
    }

    pub async fn stop(&mut self) {
        for controller in self.controllers.values_mut() {
            controller.stop().await;
        }
    }
}

fn pod_status(pod: &Pod, ready: bool, restarts: u32) -> serde_json::Value {
    let now = k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let word = if ready { "True" } else { "False" };
    let conditions: Vec<_> =
        [("PodScheduled", "True"), ("Initialized", "True"), ("ContainersReady", word), ("Ready", word)]
            .iter()
            .map(|(name, status)| json!({"type": name, "status": status, "lastTransitionTime": now}))
            .collect();
    let containers: Vec<_> = pod
        .spec
        .iter()
        .flat_map(|spec| &spec.containers)
        .map(|container| {
            json!({
                "name": container.name,
                "image": container.image,
                "imageID": "",
                "ready": ready,
                "restartCount": restarts,
                "state": {"running": {"startedAt": now}},
            })
        })
        .collect();
    json!({"status": {"phase": "Running", "conditions": conditions, "containerStatuses": containers, "startTime": now}})
}
