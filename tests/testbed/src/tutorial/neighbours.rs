//! Who else is needed for Helm, images and alerts: a repository of charts, a registry, a chat.

use super::Line;
use super::chart;
use super::stage::PATIENCE;
use super::stage::Stage;
use crate::registry::RealRegistry;
use anyhow::Context;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

/// They end when this value does.
pub(super) struct Neighbours {
    pub(super) registry: RealRegistry,
    url: String,
    shared: Arc<Mutex<Shared>>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Shared {
    versions: Vec<String>,
    /// The files of the charts by their names.
    files: BTreeMap<String, Vec<u8>>,
    /// What was posted to the chat.
    told: Vec<Value>,
}

impl Neighbours {
    /// Starts all of them; the registry keeps its contents below `folder`.
    pub(super) fn move_in(folder: &std::path::Path) -> anyhow::Result<Self> {
        let registry = RealRegistry::start(folder, false, false)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)));
        let listener = listener.context("opening a port")?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let app = Router::new()
            .route("/charts/{file}", get(hand_out))
            .route("/chat", post(take))
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { registry, url, shared, _runtime: runtime })
    }

    /// The address of the charts.
    pub(super) fn charts(&self) -> String {
        format!("{}/charts", self.url)
    }

    /// The address to which messages are posted.
    pub(super) fn chat(&self) -> String {
        format!("{}/chat", self.url)
    }

    /// The authors of the chart publish a version of it.
    pub(super) fn publish(&self, version: &str) -> anyhow::Result<()> {
        let mut shared = locked(&self.shared);
        if !shared.versions.iter().any(|known| known == version) {
            shared.versions.push(version.to_owned());
        }
        let index = chart::index(&self.charts(), &shared.versions);
        shared.files.insert(chart::file(version), chart::packed(version)?);
        shared.files.insert("index.yaml".to_owned(), index.into_bytes());
        Ok(())
    }

    /// Everything that was posted to the chat.
    pub(super) fn told(&self) -> Vec<Value> {
        locked(&self.shared).told.clone()
    }
}

impl Stage<'_> {
    pub(super) fn neighbours(&self) -> anyhow::Result<&Neighbours> {
        self.neighbours.as_ref().context("this chapter needs neighbours")
    }

    /// The variables that lead to the neighbours, and to the webhooks once they are served.
    pub(super) fn addresses(&self) -> Vec<(&'static str, String)> {
        let Some(neighbours) = &self.neighbours else { return Vec::new() };
        let webhooks = self.cluster.address("notification-controller", "receiver");
        let known = [
            ("CHARTS", neighbours.charts()),
            ("CHAT", neighbours.chat()),
            ("REGISTRY", neighbours.registry.host()),
        ];
        let webhooks = webhooks.map(|address| ("WEBHOOKS", format!("http://{address}")));
        known.into_iter().chain(webhooks).collect()
    }

    /// The developers of the application push an image; no one looks into it.
    pub(super) fn push_image(&self, tag: &str) -> anyhow::Result<()> {
        let push = format!(
            "fluxr push artifact oci://$REGISTRY/podinfo:{tag} --path=./gitconfig --source=podinfo --revision={tag}"
        );
        let output = self.shell(&push, &self.work).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        anyhow::ensure!(output.status.success(), "pushing an image: {said}");
        Ok(())
    }

    /// Shows the message of the chat that has these words, once it is there.
    pub(super) fn hear(&mut self, severity: &str, words: &str) -> anyhow::Result<()> {
        self.note("the chat is told:");
        let begun = Instant::now();
        let is_it =
            |told: &&Value| text(told, "/severity") == severity && text(told, "/message").contains(words);
        let told = loop {
            let all = self.neighbours()?.told();
            if let Some(told) = all.iter().rev().find(is_it) {
                break told.clone();
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "the chat was not told \"{words}\": {all:#?}");
            std::thread::sleep(Duration::from_millis(50));
        };
        let object =
            format!("{}/{}", text(&told, "/involvedObject/kind"), text(&told, "/involvedObject/name"));
        (self.say)(Line::Output(format!("{severity:<6} {object:<21} {}", text(&told, "/message").trim())));
        Ok(())
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn hand_out(
    State(shared): State<Arc<Mutex<Shared>>>,
    Path(file): Path<String>,
) -> Result<Vec<u8>, StatusCode> {
    locked(&shared).files.get(&file).cloned().ok_or(StatusCode::NOT_FOUND)
}

async fn take(State(shared): State<Arc<Mutex<Shared>>>, axum::Json(message): axum::Json<Value>) {
    locked(&shared).told.push(message);
}
