//! The kubelet's part of `logs`: what containers write, with times, from a certain moment on, and further while they run.

use super::answers::status;
use super::call::Call;
use super::server::Shared;
use super::server::lock;
use axum::body::Body;
use axum::response::Response;
use k8s_openapi::jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The lines of each pod's container, by namespace and name.
#[derive(Debug, Default)]
pub struct Logs {
    pods: BTreeMap<(String, String), Log>,
    written: i64,
}

#[derive(Debug, Default)]
struct Log {
    /// Milliseconds after the beginning of time here, and the line.
    lines: Vec<(i64, Vec<u8>)>,
    /// How often the container ended.
    ends: u64,
    /// Whether the connection ends after the lines without the answer being complete.
    breaks_off: bool,
}

impl Logs {
    /// A line is written, one millisecond after the one before.
    pub fn write(&mut self, namespace: &str, pod: &str, line: &[u8]) {
        self.written += 1;
        let time = self.written;
        self.log(namespace, pod).lines.push((time, line.to_vec()));
    }

    /// The container ends: those who follow its log see that it is over. The next one begins with an empty log.
    pub fn restart(&mut self, namespace: &str, pod: &str) {
        let log = self.log(namespace, pod);
        log.lines.clear();
        log.ends += 1;
    }

    /// From now on the connection breaks after the lines that are there.
    pub fn break_off(&mut self, namespace: &str, pod: &str) {
        self.log(namespace, pod).breaks_off = true;
    }

    fn log(&mut self, namespace: &str, pod: &str) -> &mut Log {
        self.pods.entry((namespace.to_owned(), pod.to_owned())).or_default()
    }

    fn get(&self, call: &Call) -> Option<&Log> {
        self.pods.get(&(call.namespace.clone(), call.name.clone()))
    }
}

const BEGINNING: i64 = 1_767_323_045;

fn time_of(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(BEGINNING * 1000 + millisecond).unwrap_or_default()
}

struct Reader {
    shared: Arc<Shared>,
    call: Call,
    /// Lines up to here were sent.
    sent: i64,
    ends: u64,
    changed: tokio::sync::watch::Receiver<u64>,
}

pub fn answer(shared: &Arc<Shared>, call: Call) -> Response {
    let logs = lock(&shared.logs);
    let Some(log) = logs.get(&call) else {
        let message =
            format!("container \"manager\" in pod \"{}\" is waiting to start: ContainerCreating", call.name);
        return status(400, "BadRequest", &message);
    };
    let since: Option<Timestamp> = call.query("sinceTime").parse().ok();
    let kept: Vec<&(i64, Vec<u8>)> =
        log.lines.iter().filter(|(time, _)| since.is_none_or(|since| time_of(*time) >= since)).collect();
    let tail = call.query("tailLines").parse().unwrap_or(usize::MAX);
    let kept = &kept[kept.len().saturating_sub(tail)..];
    let bytes: Vec<u8> = kept.iter().flat_map(|line| shown(line, &call)).collect();
    if log.breaks_off {
        let end = async {
            // The lines leave before the connection does.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(std::io::Error::other("broken off"))
        };
        let first = futures::stream::once(async move { Ok(bytes) });
        return Response::new(Body::from_stream(futures::StreamExt::chain(
            first,
            futures::stream::once(end),
        )));
    }
    if call.query("follow") != "true" {
        return Response::new(Body::from(bytes));
    }
    let (sent, ends) = (log.lines.last().map_or(0, |line| line.0), log.ends);
    drop(logs);
    let changed = shared.logs_changed.subscribe();
    let reader = Reader { shared: shared.clone(), call, sent, ends, changed };
    let first = futures::stream::once(async move { Ok::<_, std::io::Error>(bytes) });
    let further = futures::stream::unfold(reader, |mut reader| async move {
        loop {
            match reader.news() {
                None => return None,
                Some(bytes) if !bytes.is_empty() => return Some((Ok(bytes), reader)),
                Some(_) => {}
            }
            let _ = tokio::time::timeout(Duration::from_secs(1), reader.changed.changed()).await;
        }
    });
    Response::new(Body::from_stream(futures::StreamExt::chain(first, further)))
}

fn shown(line: &(i64, Vec<u8>), call: &Call) -> Vec<u8> {
    let time =
        if call.query("timestamps") == "true" { format!("{} ", time_of(line.0)) } else { String::new() };
    [time.as_bytes(), &line.1, b"\n"].concat()
}

impl Reader {
    /// What was written since; nothing at all when the container has ended.
    fn news(&mut self) -> Option<Vec<u8>> {
        let logs = lock(&self.shared.logs);
        let log = logs.get(&self.call).filter(|log| log.ends == self.ends)?;
        let new: Vec<u8> = log
            .lines
            .iter()
            .filter(|line| line.0 > self.sent)
            .flat_map(|line| shown(line, &self.call))
            .collect();
        self.sent = log.lines.last().map_or(self.sent, |line| line.0);
        Some(new)
    }
}
