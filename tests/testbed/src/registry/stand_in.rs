//! A small registry in the process of its test, over plain HTTP.

use super::Fault;
use super::Login;
use super::Request;
use super::store::Store;
use anyhow::Context;
use axum::body::Bytes;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running stand-in; it ends when this value does.
pub struct RegistryStandIn {
    store: Arc<Mutex<Store>>,
    host: String,
    stop: Option<oneshot::Sender<()>>,
}

impl RegistryStandIn {
    /// Starts an empty registry that needs no login.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("opening a port")?;
        let host = listener.local_addr()?.to_string();
        listener.set_nonblocking(true)?;
        let store = Arc::new(Mutex::new(Store::at(&host)));
        let served = Arc::clone(&store);
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                let router =
                    axum::Router::new().fallback(move |request| answer(Arc::clone(&served), request));
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self { store, host, stop: Some(stop) })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// From now on a login is required.
    pub fn require(&self, login: Login) {
        self.store().login = Some(login);
    }

    /// From now on something goes wrong.
    pub fn fail(&self, fault: Fault) {
        self.store().faults.push(fault);
    }

    /// From now on nothing goes wrong.
    pub fn recover(&self) {
        self.store().faults.clear();
    }

    /// From now on a page of tags has so many.
    pub fn page(&self, tags: usize) {
        self.store().page = tags;
    }

    /// From now on a request for a manifest takes so long.
    pub fn slow_down(&self, pause: Duration) {
        self.store().pause = pause;
    }

    /// How many requests for manifests waited for their answers at the same time.
    pub fn most_at_once(&self) -> usize {
        self.store().most_open
    }

    /// What was asked until now.
    pub fn requests(&self) -> Vec<Request> {
        self.store().requests.clone()
    }

    /// Adds a content, and returns its digest.
    pub fn put_blob(&self, bytes: impl Into<Bytes>) -> String {
        self.store().put_blob(bytes.into())
    }

    /// Adds a manifest, and returns its digest.
    pub fn put_manifest(&self, repository: &str, tag: &str, bytes: impl Into<Bytes>, kind: &str) -> String {
        self.store().put_manifest(repository, tag, bytes.into(), kind)
    }

    /// The manifest of a tag or a digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<Bytes> {
        self.store().manifest(repository, reference)
    }

    /// A content.
    pub fn blob(&self, digest: &str) -> Option<Bytes> {
        self.store().blob(digest)
    }
}

async fn answer(store: Arc<Mutex<Store>>, request: axum::extract::Request) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let is_silent = store.lock().unwrap_or_else(PoisonError::into_inner).is_silent(head.uri.path());
    if is_silent {
        std::future::pending::<()>().await;
    }
    if !head.uri.path().contains("/manifests/") {
        return store.lock().unwrap_or_else(PoisonError::into_inner).answer(&head, body);
    }
    let pause = {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        store.open += 1;
        store.most_open = store.most_open.max(store.open);
        store.pause
    };
    tokio::time::sleep(pause).await;
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store.open -= 1;
    store.answer(&head, body)
}

impl Drop for RegistryStandIn {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}
