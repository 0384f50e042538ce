//! Looks into the cluster that need no other program.

use anyhow::Context;
use fluxr::testing::cluster;
use kube::api::DeleteParams;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

/// How often is looked again.
const INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct Eyes {
    runtime: tokio::runtime::Runtime,
    client: kube::Client,
}

impl Eyes {
    /// # Errors
    /// A kubeconfig that leads nowhere.
    pub(super) fn open(kubeconfig: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let client = runtime.block_on(crate::cluster::client_of(kubeconfig))?;
        Ok(Self { runtime, client })
    }

    /// `Kind/namespace/name`, as it is stored; `None` if it does not exist.
    pub(super) fn get(&self, subject: &str) -> anyhow::Result<Option<Value>> {
        let (kind, namespace, name) = parts(subject)?;
        self.runtime.block_on(async {
            let api = cluster::api_for(&self.client, &named(kind, namespace, name)).await?;
            Ok(api.get_opt(name).await?.map(serde_json::to_value).transpose()?)
        })
    }

    /// Deletes it, as someone with rights in the cluster might.
    pub(super) fn delete(&self, subject: &str) -> anyhow::Result<()> {
        let (kind, namespace, name) = parts(subject)?;
        self.runtime.block_on(async {
            let api = cluster::api_for(&self.client, &named(kind, namespace, name)).await?;
            api.delete(name, &DeleteParams::background()).await?;
            anyhow::Ok(())
        })
    }

    /// Changes it, as someone with rights in the cluster might.
    pub(super) fn patch(&self, subject: &str, patch: &Value) -> anyhow::Result<()> {
        let (kind, namespace, name) = parts(subject)?;
        self.runtime.block_on(async {
            let api = cluster::api_for(&self.client, &named(kind, namespace, name)).await?;
            api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
            anyhow::Ok(())
        })
    }

    /// Looks until `judge` is content.
    pub(super) fn wait(
        &self,
        subject: &str,
        what: &str,
        judge: impl Fn(Option<&Value>) -> bool,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !judge(self.get(subject)?.as_ref()) {
            anyhow::ensure!(begun.elapsed() < super::stage::PATIENCE, "{subject} is not {what}");
            std::thread::sleep(INTERVAL);
        }
        Ok(())
    }

    /// One line about an object of the namespace `default`; a Deployment is given the time to become ready.
    pub(super) fn look(&self, object: &str) -> anyhow::Result<String> {
        let (kind, name) = object.split_once('/').context("an object is Kind/name")?;
        let subject = format!("{kind}/default/{name}");
        let is_ready =
            |live: &Value| kind != "Deployment" || cluster::status_of(live) == cluster::Status::Current;
        self.wait(&subject, "ready", |live| live.is_none_or(is_ready))?;
        let word = object.to_lowercase();
        Ok(match self.get(&subject)? {
            None => format!("{word:<20} is not there"),
            Some(live) if kind == "Deployment" => {
                let ready = live.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or_default();
                format!("{word:<20} {ready}/{} ready  {}", live["spec"]["replicas"], image_of(&live))
            }
            Some(live) => format!("{word:<20} port {}", live["spec"]["ports"][0]["port"]),
        })
    }

    /// The image of a Deployment in the namespace `default`.
    pub(super) fn image(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.get(&format!("Deployment/default/{name}"))?.as_ref().map(image_of).unwrap_or_default())
    }
}

fn image_of(deployment: &Value) -> String {
    let image = deployment.pointer("/spec/template/spec/containers/0/image");
    image.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The Ready condition's status.
pub(super) fn is_ready(object: &Value) -> Option<bool> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    match ready["status"].as_str()? {
        "True" => Some(true),
        "False" => Some(false),
        _ => None,
    }
}

fn parts(subject: &str) -> anyhow::Result<(&str, &str, &str)> {
    let mut parts = subject.splitn(3, '/');
    let mut next = || parts.next().context("an object is Kind/namespace/name");
    Ok((next()?, next()?, next()?))
}

fn named(kind: &str, namespace: &str, name: &str) -> Value {
    let built_in = cluster::BUILT_IN.iter().find(|known| known.kind == kind).map(|known| known.api_version());
    let api_version =
        built_in.or_else(|| fluxr::testing::kind::by_name(kind).map(|known| known.api_version()));
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace, "name": name}})
}
