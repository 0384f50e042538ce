//! A small stateful Kubernetes API server on loopback: enough for every command, faults on demand, restarts included.
//! It is not a conformance suite: server-side apply merges without managed fields, and schemas are not enforced.

use super::answers;
use super::faults::Fault;
use super::faults::Planned;
use super::pod_logs::Logs;
use super::store::Clock;
use super::store::Key;
use super::store::Store;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What answers a write, as a controller would: given the object as stored, a pause and what it becomes then.
pub type Reaction = Box<dyn Fn(&Value) -> Option<(Duration, Value)> + Send + Sync>;

/// What all connections share.
pub struct Shared {
    pub store: Mutex<Store>,
    pub faults: Mutex<Vec<Planned>>,
    pub requests: Mutex<Vec<String>>,
    /// So many requests are answered; the others wait for ever.
    pub answers: AtomicUsize,
    pub reactions: Mutex<Vec<Reaction>>,
    pub logs: Mutex<Logs>,
    /// Tells watches that the store changed.
    pub changed: tokio::sync::watch::Sender<u64>,
    /// Tells those who follow logs that something was written.
    pub logs_changed: tokio::sync::watch::Sender<u64>,
    /// Tells watches to break off.
    pub dropped: tokio::sync::watch::Sender<u64>,
}

impl Shared {
    /// An object as it is stored.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let store = lock(&self.store);
        store.objects.get(&key(&store, kind, namespace, name)?).cloned()
    }

    /// All objects of a kind, in all namespaces.
    pub fn of_kind(&self, kind: &str) -> Vec<Value> {
        lock(&self.store).objects.values().filter(|object| object["kind"] == kind).cloned().collect()
    }
}

/// The server; it ends when this is dropped.
pub struct ApiServer {
    pub shared: Arc<Shared>,
    port: u16,
    running: Option<Running>,
}

struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

/// A lock that a failed test may have left behind is still good to read.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl ApiServer {
    /// A cluster without Flux: the namespaces `default` and `kube-system`, and a node.
    pub fn empty() -> Self {
        let mut server = Self::silent(Clock::Still);
        server.start();
        server
    }

    /// One that does not listen yet.
    fn silent(clock: Clock) -> Self {
        let store = Store { clock, ..Store::default() };
        let shared = Arc::new(Shared {
            store: Mutex::new(store),
            faults: Mutex::default(),
            requests: Mutex::default(),
            answers: AtomicUsize::new(usize::MAX),
            reactions: Mutex::new(vec![Box::new(deployment_becomes_ready)]),
            logs: Mutex::default(),
            logs_changed: tokio::sync::watch::Sender::new(0),
            changed: tokio::sync::watch::Sender::new(0),
            dropped: tokio::sync::watch::Sender::new(0),
        });
        let server = Self { shared, port: 0, running: None };
        for name in ["default", "kube-system"] {
            server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        server
    }

    /// As [`ApiServer::empty`], with the time of the machine.
    ///
    /// # Errors
    /// No port on loopback.
    pub fn in_real_time() -> anyhow::Result<Self> {
        let mut server = Self::silent(Clock::Real);
        server.listen()?;
        Ok(server)
    }

    /// A cluster that knows Flux's kinds and has its namespace.
    pub fn with_flux() -> Self {
        let server = Self::empty();
        for kind in fluxr::testing::kind::KINDS {
            server.put(fluxr::testing::kind::definition(kind));
        }
        server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}));
        server
    }

    /// Starts to listen: on a free port the first time, on the same one after [`ApiServer::stop`].
    pub fn start(&mut self) {
        self.listen().expect("a server on a port of loopback");
    }

    fn listen(&mut self) -> std::io::Result<()> {
        let mut tries = 0;
        let listener = loop {
            match std::net::TcpListener::bind(("127.0.0.1", self.port)) {
                Ok(listener) => break listener,
                Err(error) if tries > 50 => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
            tries += 1;
        };
        listener.set_nonblocking(true)?;
        self.port = listener.local_addr()?.port();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let shared = self.shared.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let app = axum::Router::new().fallback(answers::answer).with_state(shared);
                tokio::select! {
                    _ = axum::serve(listener, app) => {}
                    _ = stopped => {}
                }
            });
        });
        self.running = Some(Running { stop, thread });
        Ok(())
    }

    /// Ends the server and every connection; the objects stay.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }

    /// The address, `http://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A kubeconfig with one context, `test`, whose namespace is `team`.
    pub fn kubeconfig(&self) -> String {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "here", "cluster": {"server": self.url()}}],
            "users": [{"name": "tester", "user": {"token": "a-token-for-tests"}}],
            "contexts": [{"name": "test", "context": {"cluster": "here", "user": "tester", "namespace": "team"}}],
        })
        .to_string()
    }

    /// Stores an object as it is, status included, past all rules.
    pub fn put(&self, object: Value) -> Value {
        let mut store = lock(&self.shared.store);
        let key = store.key_of(&object).unwrap_or_else(|| panic!("not served: {object}"));
        let stored = store.write(&key, object);
        self.shared.changed.send_replace(store.version);
        stored
    }

    /// The object as it is stored.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.shared.get(kind, namespace, name)
    }

    /// Removes an object, past all finalizers.
    pub fn remove(&self, kind: &str, namespace: &str, name: &str) {
        let mut store = lock(&self.shared.store);
        let key = key(&store, kind, namespace, name).expect("a kind that is served");
        store.remove(&key).expect("an object that is there");
        self.shared.changed.send_replace(store.version);
    }

    /// All objects as they are stored.
    pub fn objects(&self) -> Vec<Value> {
        lock(&self.shared.store).objects.values().cloned().collect()
    }

    /// The next `times` requests with this method (`WATCH` for watches) and this part of the URL fail so.
    pub fn fail(&self, method: &str, part: &str, times: usize, fault: Fault) {
        let planned = Planned { method: method.to_owned(), part: part.to_owned(), times, fault };
        lock(&self.shared.faults).push(planned);
    }

    /// Plans no fault any more.
    pub fn forgive(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Breaks off all watches, as a proxy does.
    pub fn drop_watches(&self) {
        self.shared.dropped.send_modify(|count| *count += 1);
    }

    /// Forgets the history: watches that continue from an older version are answered 410.
    pub fn compact(&self) {
        let mut store = lock(&self.shared.store);
        store.version += 1;
        store.compacted = store.version;
    }

    /// Changes what the containers of pods have written.
    pub fn with_logs(&self, change: impl FnOnce(&mut Logs)) {
        change(&mut lock(&self.shared.logs));
        self.shared.logs_changed.send_modify(|count| *count += 1);
    }

    /// Adds what a controller does after a write.
    pub fn react(&self, reaction: impl Fn(&Value) -> Option<(Duration, Value)> + Send + Sync + 'static) {
        lock(&self.shared.reactions).push(Box::new(reaction));
    }

    /// Deployments stay as they are created, without ever becoming ready.
    pub fn without_kubelet(&self) {
        lock(&self.shared.reactions).clear();
    }

    /// Reconciles like Flux's controllers: a requested object is observed, ready and answered after the pause; a source has an artifact then.
    pub fn with_controllers(&self, pause: Duration) {
        self.react(move |object| {
            let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt");
            let answered = object.pointer("/status/lastHandledReconcileAt");
            let observed = object.pointer("/status/observedGeneration");
            let is_flux = object["apiVersion"].as_str().is_some_and(|group| group.contains("fluxcd.io"));
            let suspended = object.pointer("/spec/suspend") == Some(&json!(true));
            let generation = object.pointer("/metadata/generation");
            if !is_flux || suspended || (asked == answered && generation == observed) {
                return None;
            }
            let mut status = json!({
                "observedGeneration": generation,
                "conditions": [{
                    "type": "Ready", "status": "True", "message": "stored it", "reason": "Tested",
                    "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": generation,
                }],
                "lastHandledReconcileAt": asked,
            });
            let is_source =
                object["apiVersion"].as_str().is_some_and(|group| group.starts_with("source.toolkit."));
            if is_source && object.pointer("/status/artifact").is_none() {
                status["artifact"] = json!({"revision": "main@sha1:fetched"});
            }
            let mut next = object.clone();
            json_patch::merge(&mut next, &json!({"status": status}));
            Some((pause, next))
        });
    }

    /// Answers the first requests only, counted from the start of the server's life.
    pub fn answer_only(&self, count: usize) {
        self.shared.answers.store(count, Ordering::SeqCst);
    }

    /// Every request so far: method, path and query.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }
}

fn key(store: &Store, kind: &str, namespace: &str, name: &str) -> Option<Key> {
    let served = store.served().into_iter().find(|served| served.kind == kind)?;
    let (namespace, name) = (namespace.into(), name.into());
    Some(Key { group: served.group, plural: served.plural, namespace, name })
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a kubelet and the controller manager would make of a Deployment.
fn deployment_becomes_ready(object: &Value) -> Option<(Duration, Value)> {
    if object["kind"] != "Deployment"
        || object["status"]["observedGeneration"] == object["metadata"]["generation"]
    {
        return None;
    }
    let replicas = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let mut next = object.clone();
    next["status"] = json!({
        "observedGeneration": object["metadata"]["generation"], "replicas": replicas, "updatedReplicas": replicas,
        "availableReplicas": replicas, "readyReplicas": replicas,
        "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}],
    });
    Some((Duration::ZERO, next))
}
