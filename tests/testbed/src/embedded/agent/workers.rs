//! Who works when: one worker for each object, woken by what a controller would be woken by, while the controller's Deployment is ready.

use super::super::api_server::Shared;
use super::git_repository;
use super::kustomization;
use super::surroundings::Id;
use super::surroundings::Surroundings;
use super::surroundings::text;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::oneshot;

/// Kinds, and whose Deployment must be ready for a controller to look after them.
const KINDS: [(&str, &str); 2] =
    [("GitRepository", "source-controller"), ("Kustomization", "kustomize-controller")];
/// After something that is not the fault of the object, such as a conflict.
const RETRY: Duration = Duration::from_millis(750);

/// The agent; it ends when this is dropped.
pub struct Agent {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Agent {
    /// Begins to work in the cluster that `url` leads to and `api` is the memory of.
    ///
    /// # Errors
    /// No client for the URL, no thread.
    pub fn start(api: Arc<Shared>, url: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = kube::Config::new(url.parse()?);
        let client = runtime.block_on(async { kube::Client::try_from(config) })?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("agent".to_owned()).spawn(move || {
            let around = Rc::new(Surroundings::new(api, client));
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                tokio::select! {
                    () = look_after_all(around) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the agent has been printed already.
            drop(thread.join());
        }
    }
}

/// What a controller is woken by, when it changes.
#[derive(PartialEq)]
struct Trigger {
    uid: String,
    generation: Value,
    requested: String,
    is_leaving: bool,
    /// Of the source, for those that have one.
    revision: String,
}

struct Worker {
    trigger: Trigger,
    wake: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn look_after_all(around: Rc<Surroundings>) {
    let mut changed = around.api.changed.subscribe();
    let mut workers: BTreeMap<Id, Worker> = BTreeMap::new();
    loop {
        let mut wanted = triggers(&around.api);
        workers.retain(|id, worker| wanted.get(id).is_some_and(|trigger| trigger.uid == worker.trigger.uid));
        for (id, worker) in &mut workers {
            if let Some(trigger) = wanted.remove(id)
                && trigger != worker.trigger
            {
                worker.trigger = trigger;
                worker.wake.notify_one();
            }
        }
        for (id, trigger) in wanted {
            let wake = Arc::new(Notify::new());
            let task = tokio::task::spawn_local(work(around.clone(), id.clone(), wake.clone()));
            workers.insert(id, Worker { trigger, wake, task });
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}

async fn work(around: Rc<Surroundings>, id: Id, wake: Arc<Notify>) {
    let mut failures = 0;
    loop {
        let outcome = match id.kind {
            "GitRepository" => git_repository::reconcile(&around, &id, &mut failures).await,
            _ => kustomization::reconcile(&around, &id).await,
        };
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(outcome.unwrap_or(RETRY)) => {}
        }
    }
}

/// All objects of controllers that run.
fn triggers(api: &Shared) -> BTreeMap<Id, Trigger> {
    let mut found = BTreeMap::new();
    for (kind, controller) in KINDS {
        if !api.of_kind("Deployment").iter().any(|deployment| is_ready(deployment, controller)) {
            continue;
        }
        for object in api.of_kind(kind) {
            let (namespace, name) = (text(&object, "/metadata/namespace"), text(&object, "/metadata/name"));
            let trigger = Trigger {
                uid: text(&object, "/metadata/uid").to_owned(),
                generation: object["metadata"]["generation"].clone(),
                requested: text(&object, "/metadata/annotations/reconcile.fluxcd.io~1requestedAt").to_owned(),
                is_leaving: super::finalizer::is_leaving(&object),
                revision: revision_of_source(api, &object).unwrap_or_default(),
            };
            found.insert(Id { kind, namespace: namespace.to_owned(), name: name.to_owned() }, trigger);
        }
    }
    found
}

fn revision_of_source(api: &Shared, object: &Value) -> Option<String> {
    let reference = object.pointer("/spec/sourceRef")?;
    let namespace = match text(reference, "/namespace") {
        "" => text(object, "/metadata/namespace"),
        namespace => namespace,
    };
    let source = api.get(text(reference, "/kind"), namespace, text(reference, "/name"))?;
    Some(text(&source, "/status/artifact/revision").to_owned())
}

fn is_ready(deployment: &Value, name: &str) -> bool {
    text(deployment, "/metadata/name") == name
        && text(deployment, "/metadata/labels/app.kubernetes.io~1part-of") == "flux"
        && deployment.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or_default() > 0
}
