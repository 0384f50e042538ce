//! The logs of Flux's controllers, entry by entry; followed through the end of containers and pods.

use crate::cluster::LogStart;
use crate::cluster::LoggingPod;
use crate::cluster::PART_OF;
use crate::cluster::PodsOf;
use crate::cluster::deployments_with;
use crate::cluster::is_refusal;
use futures::Stream;
use futures::StreamExt;
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use std::pin::pin;
use std::time::Duration;

/// The container that logs, where a pod has others too.
const CONTAINER: &str = "manager";
/// Lines that are handed on together at most.
const TOGETHER: usize = 1024;

/// One line of a controller's log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub time: String,
    /// `debug`, `info` or `error`.
    pub level: String,
    pub message: String,
    pub error: String,
    pub kind: String,
    /// How newer controllers call the kind.
    pub controller_kind: String,
    pub name: String,
    pub namespace: String,
}

impl Entry {
    /// Reads a line; `None` if it is not an entry but something else that a process wrote.
    ///
    /// # Errors
    /// A line that begins like an entry and is not one.
    pub fn parse(line: &str) -> Result<Option<Self>, serde_json::Error> {
        if !line.starts_with('{') {
            return Ok(None);
        }
        let fields: serde_json::Map<String, Value> = serde_json::from_str(line)?;
        let text = |name: &str| {
            let found = fields.get(name).or_else(|| {
                fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            });
            match found {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            }
        };
        Ok(Some(Self {
            time: text("ts"),
            level: text("level"),
            message: text("msg"),
            error: text("error"),
            kind: text("reconciler kind"),
            controller_kind: text("controllerKind"),
            name: text("name"),
            namespace: text("namespace"),
        }))
    }
}

/// `<time> <level> <Kind>/<name>.<namespace> - <message> <error>`
impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.kind.is_empty() { &self.controller_kind } else { &self.kind };
        write!(f, "{} {} {kind}", self.time, self.level)?;
        if !self.name.is_empty() {
            write!(f, "/{}.{}", self.name, self.namespace)?;
        }
        write!(f, " - {} {}", self.message, self.error)
    }
}

/// The Deployments of Flux, each with the pod to ask.
///
/// # Errors
/// What the API server answers; a namespace without a pod of Flux.
pub async fn sources(client: &kube::Client, namespace: &str) -> anyhow::Result<Vec<(PodsOf, LoggingPod)>> {
    let mut sources = Vec::new();
    for pods in deployments_with(client, namespace, PART_OF).await? {
        if let Some(pod) = pods.best(client).await? {
            sources.push((pods, pod));
        }
    }
    anyhow::ensure!(!sources.is_empty(), "no Flux pods found in namespace {namespace:?}");
    Ok(sources)
}

/// Hands the lines of a pod's log to `see`, several at once when they come so. Returns why the log could not be read to its end.
///
/// # Errors
/// What `see` says.
pub async fn read(
    client: &kube::Client,
    pod: &LoggingPod,
    from: LogStart,
    see: &mut dyn FnMut(&[String]) -> anyhow::Result<()>,
) -> anyhow::Result<Option<anyhow::Error>> {
    match pod.log(client, container_of(pod), from, false).await {
        Ok(lines) => hand_on(lines, &mut |lines| see(&lines)).await,
        Err(error) => Ok(Some(unopened(error))),
    }
}

fn container_of(pod: &LoggingPod) -> Option<&'static str> {
    (pod.containers > 1).then_some(CONTAINER)
}

/// The API server's own message says which pod and why.
fn unopened(error: kube::Error) -> anyhow::Error {
    match error {
        kube::Error::Api(status) => anyhow::anyhow!("{}", status.message),
        other => crate::cluster::explain(other, "opening the log"),
    }
}

/// Returns why the log broke off; fails with what `see` says.
async fn hand_on(
    lines: impl Stream<Item = std::io::Result<String>>,
    see: &mut dyn FnMut(Vec<String>) -> anyhow::Result<()>,
) -> anyhow::Result<Option<anyhow::Error>> {
    let mut chunks = pin!(lines.ready_chunks(TOGETHER));
    while let Some(chunk) = chunks.next().await {
        let mut complete = Vec::with_capacity(chunk.len());
        let mut broken = None;
        for line in chunk {
            match line {
                Ok(line) => complete.push(line),
                Err(error) => broken = Some(error),
            }
        }
        see(complete)?;
        if let Some(error) = broken {
            return Ok(Some(anyhow::Error::new(error).context("the log broke off")));
        }
    }
    Ok(None)
}

/// Follows the log of a Deployment: when its container ends, the next one continues, be it in the same pod or in another.
pub struct Follower<'a> {
    pub client: &'a kube::Client,
    pub pods: PodsOf,
    pub pod: LoggingPod,
    pub from: LogStart,
    /// Between two looks for a log that continues.
    pub pause: Duration,
}

impl Follower<'_> {
    /// Continues until the log may not be read, and returns that refusal. What else keeps a log from being opened is reported to `complain`,
    /// once per cause.
    ///
    /// # Errors
    /// What `see` says.
    pub async fn follow(
        mut self,
        see: &mut dyn FnMut(&[String]) -> anyhow::Result<()>,
        complain: &mut dyn FnMut(&anyhow::Error),
    ) -> anyhow::Result<anyhow::Error> {
        let mut last: Option<Timestamp> = None;
        let mut said = String::new();
        loop {
            let from = match last {
                Some(_) => LogStart { since: last, ..LogStart::default() },
                None => self.from,
            };
            match self.pod.log(self.client, container_of(&self.pod), from, true).await {
                Ok(lines) => {
                    said.clear();
                    let mut seen = Seen { since: last, last: &mut last };
                    // A log that breaks off continues like one that ends.
                    hand_on(lines, &mut |lines| see(&seen.news(lines))).await?;
                }
                Err(error) if is_refusal(&error) => return Ok(unopened(error)),
                Err(error) => {
                    let error = unopened(error);
                    let text = format!("{error:#}");
                    if text != said {
                        complain(&error);
                        said = text;
                    }
                }
            }
            tokio::time::sleep(self.pause).await;
            self.look_for_pod(&mut last).await;
        }
    }

    /// Turns to the pod that is the best now; the log of another one begins at its beginning.
    async fn look_for_pod(&mut self, last: &mut Option<Timestamp>) {
        // While the API server is away, the next attempt to open the log says so.
        if let Ok(Some(pod)) = self.pods.best(self.client).await
            && pod != self.pod
        {
            self.pod = pod;
            self.from = LogStart::default();
            *last = None;
        }
    }
}

/// Lines that begin with their time, of which some were seen before.
struct Seen<'a> {
    since: Option<Timestamp>,
    last: &'a mut Option<Timestamp>,
}

impl Seen<'_> {
    /// The lines that were not seen yet, without their times.
    fn news(&mut self, lines: Vec<String>) -> Vec<String> {
        let mut news = Vec::with_capacity(lines.len());
        for line in lines {
            let parts = line.split_once(' ').and_then(|(time, rest)| Some((time.parse().ok()?, rest)));
            let Some((time, rest)) = parts else {
                news.push(line);
                continue;
            };
            if self.since.is_none_or(|since| time > since) {
                news.push(rest.to_owned());
            }
            if self.last.is_none_or(|last| time > last) {
                *self.last = Some(time);
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_shown_with_what_it_is_about() {
        let shown = |line: &str| Entry::parse(line).unwrap().unwrap().to_string();
        let line = r#"{"ts":"T","level":"info","msg":"done","controllerKind":"Bucket","name":"app","namespace":"team"}"#;
        assert_eq!(shown(line), "T info Bucket/app.team - done ");
        let line = r#"{"ts":1.5,"level":"error","msg":"failed","error":"no route","reconciler kind":"Alert","controllerKind":"B"}"#;
        assert_eq!(shown(line), "1.5 error Alert - failed no route");
        assert_eq!(shown(r#"{"MSG":"x","name":null}"#), "   - x ");
        assert_eq!(Entry::parse("I0102 starting").unwrap(), None);
        assert!(Entry::parse("{broken").is_err());
    }

    #[test]
    fn a_log_that_continues_repeats_nothing() {
        let mut last = None;
        let line = |second: u32, text: &str| format!("2026-01-02T03:04:{second:02}.5Z {text}");
        let mut seen = Seen { since: None, last: &mut last };
        assert_eq!(
            seen.news(vec![line(1, "a b"), line(2, "c"), "no time".to_owned()]),
            ["a b", "c", "no time"]
        );
        let mut seen = Seen { since: last, last: &mut last };
        assert_eq!(seen.news(vec![line(1, "a b"), line(2, "c"), line(3, "d")]), ["d"]);
    }
}
