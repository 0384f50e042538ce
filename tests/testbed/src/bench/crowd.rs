//! Many objects with full status, as a platform team has them.

use anyhow::Context;
use futures::StreamExt;
use kube::Api;
use kube::Client;
use kube::api::DynamicObject;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use kube::core::GroupVersionKind;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// The objects are spread over this many namespaces.
const NAMESPACES: usize = 10;
/// Entries in the inventory of a Kustomization.
const INVENTORY: usize = 30;
const AT_ONCE: usize = 16;
const MANAGER: &str = "bench";

/// Gives the cluster Flux's kinds, and as many GitRepositories and Kustomizations as asked for.
///
/// # Errors
/// What the API server refuses.
pub(crate) fn fill(kubeconfig: &Path, fluxr: &Path, count: usize) -> anyhow::Result<()> {
    fill_with(kubeconfig, fluxr, async |client: &Client| {
        let objects = (0..count).flat_map(|number| [source(number), kustomization(number)]);
        put_all(client, objects).await
    })
}

/// Gives the cluster Flux's kinds, the namespaces of the crowd, and what else is put there.
///
/// # Errors
/// What the API server refuses.
pub(super) fn fill_with(
    kubeconfig: &Path,
    fluxr: &Path,
    further: impl AsyncFnOnce(&Client) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    define(kubeconfig, fluxr)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig)?;
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await?;
        let client = Client::try_from(config)?;
        for number in 0..NAMESPACES {
            let name = format!("team-{number}");
            put(&client, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
                .await?;
        }
        further(&client).await
    })
}

/// Puts objects, several at once.
///
/// # Errors
/// What the API server refuses.
pub(super) async fn put_all(client: &Client, objects: impl Iterator<Item = Value>) -> anyhow::Result<()> {
    put_all_as(client, objects, MANAGER).await
}

/// The same in the name of another field manager.
///
/// # Errors
/// What the API server refuses.
pub(super) async fn put_all_as(
    client: &Client,
    objects: impl Iterator<Item = Value>,
    manager: &str,
) -> anyhow::Result<()> {
    let puts = objects.map(|object| put_as(client, object, manager));
    let mut work = futures::stream::iter(puts).buffer_unordered(AT_ONCE);
    while let Some(done) = work.next().await {
        done?;
    }
    Ok(())
}

/// Only the definitions of an installation: no controller shall change what is measured.
fn define(kubeconfig: &Path, fluxr: &Path) -> anyhow::Result<()> {
    let manifests = Command::new(fluxr).args(["install", "--export"]).output()?;
    let text = String::from_utf8(manifests.stdout)?;
    let definitions: Vec<&str> = text
        .split("\n---\n")
        .filter(|document| document.contains("kind: CustomResourceDefinition"))
        .collect();
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), definitions.join("\n---\n"))?;
    let kubectl = |arguments: &[&str]| {
        Command::new("kubectl").arg("--kubeconfig").arg(kubeconfig).args(arguments).output()
    };
    let applied = kubectl(&["apply", "--server-side", "-f", &file.path().display().to_string()])?;
    anyhow::ensure!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let waited = kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"])?;
    anyhow::ensure!(waited.status.success(), "{}", String::from_utf8_lossy(&waited.stderr));
    Ok(())
}

pub(super) async fn put(client: &Client, object: Value) -> anyhow::Result<()> {
    put_as(client, object, MANAGER).await
}

async fn put_as(client: &Client, object: Value, manager: &str) -> anyhow::Result<()> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = text("/apiVersion");
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &text("/kind")));
    let api: Api<DynamicObject> = match text("/metadata/namespace").as_str() {
        "" => Api::all_with(client.clone(), &resource),
        namespace => Api::namespaced_with(client.clone(), namespace, &resource),
    };
    let (name, parameters) = (text("/metadata/name"), PatchParams::apply(manager).force());
    api.patch(&name, &parameters, &Patch::Apply(&object)).await.with_context(|| name.clone())?;
    if object.get("status").is_some() {
        api.patch_status(&name, &parameters, &Patch::Apply(&object)).await.with_context(|| name.clone())?;
    }
    Ok(())
}

fn metadata(number: usize) -> Value {
    json!({
        "name": format!("app-{}", number / NAMESPACES),
        "namespace": format!("team-{}", number % NAMESPACES),
        "labels": {"team": format!("team-{}", number % NAMESPACES), "kustomize.toolkit.fluxcd.io/name": "apps"},
    })
}

fn conditions(message: &str) -> Value {
    json!([{
        "type": "Ready", "status": "True", "reason": "Succeeded", "message": message,
        "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": 1,
    }])
}

fn revision(number: usize) -> String {
    format!("main@sha1:{number:040x}")
}

pub(super) fn source(number: usize) -> Value {
    let revision = revision(number);
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": metadata(number),
        "spec": {"interval": "5m0s", "ref": {"branch": "main"}, "url": format!("https://git.example.com/app-{number}")},
        "status": {
            "artifact": {
                "digest": format!("sha256:{number:064x}"),
                "lastUpdateTime": "2026-01-02T03:04:05Z",
                "path": format!("gitrepository/team/app-{number}/{number}.tar.gz"),
                "revision": revision,
                "size": 12345,
                "url": format!("http://source-controller.flux-system.svc.cluster.local./gitrepository/app-{number}.tar.gz"),
            },
            "conditions": conditions(&format!("stored artifact for revision '{revision}'")),
            "observedGeneration": 1,
        },
    })
}

pub(super) fn kustomization(number: usize) -> Value {
    let revision = revision(number);
    let entries: Vec<Value> = (0..INVENTORY)
        .map(|entry| json!({"id": format!("team-{}_object-{entry}_apps_Deployment", number % NAMESPACES), "v": "v1"}))
        .collect();
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": metadata(number),
        "spec": {
            "interval": "10m0s", "path": "./deploy", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": format!("app-{}", number / NAMESPACES)},
        },
        "status": {
            "conditions": conditions(&format!("Applied revision: {revision}")),
            "inventory": {"entries": entries},
            "lastAppliedRevision": revision,
            "lastAttemptedRevision": revision,
            "observedGeneration": 1,
        },
    })
}
