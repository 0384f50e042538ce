//! What the containers of Flux's pods write: kept line by line with its time, in the format of container runtimes, and served to the API
//! server as a kubelet does. kwok could serve files too, but never ends a log that is followed when its container ends.

use crate::tls::TlsListener;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use k8s_openapi::jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncRead;
use tokio::io::BufReader;
use tokio::process::Child;

/// How often a log that is followed is looked at.
const INTERVAL: Duration = Duration::from_millis(50);

/// The logs of all pods.
#[derive(Clone)]
pub(super) struct PodLogs {
    folder: PathBuf,
    pods: Arc<Mutex<ByPod>>,
}

/// By namespace and name of the pod; of each container that it had, one.
type ByPod = BTreeMap<(String, String), Vec<Arc<ContainerLog>>>;

/// What one container wrote, or still writes.
struct ContainerLog {
    path: PathBuf,
    is_running: AtomicBool,
}

impl PodLogs {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("pod-logs"), pods: Arc::default() }
    }

    /// Serves the logs at the address of the node, until the runtime ends.
    pub(super) fn serve(&self, listener: TlsListener) {
        let router = axum::Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// Records what a new process writes, for its pod and, as it is, in `plain`.
    pub(super) fn record(
        &self,
        (namespace, pod, uid): (&str, &str, &str),
        child: &mut Child,
        plain: &Path,
    ) -> anyhow::Result<()> {
        let key = (namespace.to_owned(), pod.to_owned());
        let mut pods = lock(&self.pods);
        let logs = pods.entry(key).or_default();
        let folder = self.folder.join(format!("{namespace}_{pod}_{uid}"));
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.log", logs.len()));
        let open = |path: &Path| std::fs::OpenOptions::new().create(true).append(true).open(path);
        let log = Arc::new(ContainerLog { path: path.clone(), is_running: AtomicBool::new(true) });
        logs.push(log.clone());
        let recorder = Recorder { stamped: open(&path)?, plain: open(plain)? };
        let recorder = Arc::new(Mutex::new(recorder));
        let (out, err) = (child.stdout.take(), child.stderr.take());
        tokio::spawn(async move {
            let out = record("stdout", out, recorder.clone());
            futures::future::join(out, record("stderr", err, recorder)).await;
            log.is_running.store(false, Ordering::Release);
        });
        Ok(())
    }

    /// The log of the latest container, or of the one before.
    fn of(&self, namespace: &str, pod: &str, previous: bool) -> Option<Arc<ContainerLog>> {
        let pods = lock(&self.pods);
        let logs = pods.get(&(namespace.to_owned(), pod.to_owned()))?;
        logs.get(logs.len().checked_sub(if previous { 2 } else { 1 })?).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of a container's log.
struct Recorder {
    stamped: std::fs::File,
    plain: std::fs::File,
}

async fn record(name: &'static str, stream: Option<impl AsyncRead + Unpin>, recorder: Arc<Mutex<Recorder>>) {
    let Some(stream) = stream else { return };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await.is_ok_and(|count| count > 0) {
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a runtime stamps lines with the time at which it sees them"
        )]
        let now = Timestamp::now();
        let mut recorder = lock(&recorder);
        // A full disk must not stop the process that writes.
        drop(recorder.plain.write_all(&line));
        drop(recorder.stamped.write_all(&[format!("{now:.9} {name} F ").as_bytes(), &line].concat()));
        line.clear();
    }
}

/// What is asked of a log.
struct Wanted {
    tail: Option<usize>,
    since: Option<Timestamp>,
    timestamps: bool,
    follow: bool,
    /// How many bytes are sent at the most.
    limit: Option<usize>,
}

impl Wanted {
    fn read(query: &HashMap<String, String>) -> Self {
        let is = |name: &str| query.get(name).is_some_and(|value| value == "true");
        let seconds = query.get("sinceSeconds").and_then(|seconds| seconds.parse::<u64>().ok());
        #[expect(clippy::disallowed_methods, reason = "a relative time is relative to now")]
        let since_seconds =
            seconds.and_then(|seconds| Timestamp::now().checked_sub(Duration::from_secs(seconds)).ok());
        let since_time = query.get("sinceTime").and_then(|time| time.parse().ok());
        Self {
            tail: query.get("tailLines").and_then(|lines| lines.parse().ok()),
            since: since_time.or(since_seconds),
            timestamps: is("timestamps"),
            follow: is("follow"),
            limit: query.get("limitBytes").and_then(|bytes| bytes.parse().ok()),
        }
    }

    /// A line as the API server gets it; nothing for one that is too old, or no line of a log.
    fn shown<'a>(&self, line: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let mut parts = line.splitn(4, |byte| *byte == b' ');
        let (time, _, _, text) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let at: Timestamp = std::str::from_utf8(time).ok()?.parse().ok()?;
        if self.since.is_some_and(|since| at < since) {
            return None;
        }
        Some(if self.timestamps { vec![time, b" ", text, b"\n"] } else { vec![text, b"\n"] })
    }
}

/// `/containerLogs/<namespace>/<pod>/<container>`, as a kubelet has it.
async fn answer(
    State(logs): State<PodLogs>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let parts: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    let ["containerLogs", namespace, pod, container] = parts[..] else {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    };
    let previous = query.get("previous").is_some_and(|value| value == "true");
    let Some(log) = logs.of(namespace, pod, previous) else {
        let reason = if previous {
            format!("previous terminated container \"{container}\" in pod \"{pod}\" not found")
        } else {
            format!("container \"{container}\" in pod \"{pod}\" is waiting to start: ContainerCreating")
        };
        return (StatusCode::BAD_REQUEST, reason).into_response();
    };
    let reader = Reader { log, wanted: Wanted::read(&query), offset: 0, is_first: true };
    let pieces = futures::stream::unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((piece, reader))
    });
    Response::new(Body::from_stream(pieces))
}

struct Reader {
    log: Arc<ContainerLog>,
    wanted: Wanted,
    offset: u64,
    is_first: bool,
}

impl Reader {
    /// What is there now; later what was written since, until the container has ended.
    async fn next(&mut self) -> Option<std::io::Result<Vec<u8>>> {
        loop {
            if self.wanted.limit == Some(0) && !self.is_first {
                return None;
            }
            // Asked before reading: what is written in between is read in the next round.
            let is_running = self.log.is_running.load(Ordering::Acquire);
            match self.news() {
                Ok(bytes) if !bytes.is_empty() || self.is_first => {
                    self.is_first = false;
                    return Some(Ok(self.within_limit(bytes)));
                }
                Ok(_) if !is_running || !self.wanted.follow => return None,
                Ok(_) => tokio::time::sleep(INTERVAL).await,
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Cuts what is more than was asked for, wherever that is in a line.
    fn within_limit(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(left) = &mut self.wanted.limit {
            bytes.truncate(*left);
            *left -= bytes.len();
        }
        bytes
    }

    fn news(&mut self) -> std::io::Result<Vec<u8>> {
        if !self.is_first && !self.wanted.follow {
            return Ok(Vec::new());
        }
        let mut file = std::fs::File::open(&self.log.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.offset += complete as u64;
        let lines: Vec<&[u8]> = bytes[..complete].split(|byte| *byte == b'\n').collect();
        let lines = &lines[..lines.len() - 1];
        let skipped = match self.wanted.tail.filter(|_| self.is_first) {
            Some(tail) => lines.len().saturating_sub(tail),
            None => 0,
        };
        Ok(lines[skipped..]
            .iter()
            .filter_map(|line| self.wanted.shown(line))
            .flatten()
            .collect::<Vec<_>>()
            .concat())
    }
}
