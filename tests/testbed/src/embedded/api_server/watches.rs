//! Watches: the history from a version on, then news as they happen, with bookmarks, 410 and broken connections.

use super::call::Call;
use super::server::Shared;
use super::server::lock;
use axum::body::Body;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;

struct Watch {
    shared: Arc<Shared>,
    call: Call,
    version: u64,
    waiting: VecDeque<Value>,
    changed: Receiver<u64>,
    dropped: Receiver<u64>,
    over: bool,
    ends: tokio::time::Instant,
}

pub fn stream(shared: Arc<Shared>, call: Call) -> Response {
    let (changed, dropped) = (shared.changed.subscribe(), shared.dropped.subscribe());
    let asked: u64 = call.query("resourceVersion").parse().unwrap_or_default();
    let mut waiting = VecDeque::new();
    let (mut version, mut over) = (asked, false);
    {
        let store = lock(&shared.store);
        if asked == 0 {
            let found = store.objects.iter().filter(|(key, object)| call.selects(key, object));
            waiting.extend(found.map(|(_, object)| json!({"type": "ADDED", "object": object})));
            version = store.version;
        } else if asked < store.compacted {
            waiting.push_back(json!({"type": "ERROR", "object": {
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
                "message": format!("too old resource version: {asked} ({})", store.compacted)}}));
            over = true;
        }
    }
    let seconds: u64 = call.query("timeoutSeconds").parse().unwrap_or(1800);
    let ends = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let watch = Watch { shared, call, version, waiting, changed, dropped, over, ends };
    let mut response = Response::new(Body::from_stream(futures::stream::unfold(watch, next)));
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

async fn next(mut watch: Watch) -> Option<(Result<String, std::io::Error>, Watch)> {
    loop {
        if let Some(event) = watch.waiting.pop_front() {
            return Some((Ok(format!("{event}\n")), watch));
        }
        if watch.over {
            return None;
        }
        watch.collect();
        if !watch.waiting.is_empty() {
            continue;
        }
        tokio::select! {
            _ = watch.changed.changed() => {}
            _ = watch.dropped.changed() => {
                watch.over = true;
                return Some((Err(std::io::Error::other("dropped")), watch));
            }
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                if watch.call.query("allowWatchBookmarks") == "true" {
                    let version = watch.version.to_string();
                    let group = &watch.call.served.group;
                    let api_version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/{}", watch.call.served.version) };
                    watch.waiting.push_back(json!({"type": "BOOKMARK", "object": {
                        "kind": watch.call.served.kind, "apiVersion": api_version, "metadata": {"resourceVersion": version}}}));
                }
            }
            () = tokio::time::sleep_until(watch.ends) => return None,
        }
    }
}

impl Watch {
    /// Takes what happened since the last look.
    fn collect(&mut self) {
        let store = lock(&self.shared.store);
        for change in store.history.iter().filter(|change| change.version > self.version) {
            if self.call.selects(&change.key, &change.object) {
                self.waiting.push_back(json!({"type": change.word, "object": change.object}));
            }
        }
        self.version = self.version.max(store.version);
    }
}
