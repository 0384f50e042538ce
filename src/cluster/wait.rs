//! Waiting for one object: a watch brings the news as they happen; where it breaks, a poll takes over.

use crate::text::with_hint;
use futures::StreamExt;
use futures::TryStreamExt;
use kube::Api;
use kube::api::WatchEvent;
use kube::api::WatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How long a silent watch is believed; a connection that died without a word would otherwise look like an object that never changes.
const WATCH_LIMIT: Duration = Duration::from_secs(20);

/// When an operation must have ended.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

/// The deadline passed; what was last seen, in one line.
#[derive(Debug, thiserror::Error)]
#[error("timed out waiting for {what}: {last}")]
pub struct TimedOut {
    pub what: String,
    pub last: String,
}

impl Deadline {
    /// That far from now.
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// What is left of the time.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// Runs something that must end in time.
    ///
    /// # Errors
    /// [`TimedOut`], naming `what`.
    pub async fn bound<T>(
        self,
        what: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        match tokio::time::timeout(self.remaining().saturating_add(GRACE), work).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let error = TimedOut { what: what.to_owned(), last: "context deadline exceeded".to_owned() };
                Err(with_hint(error.into(), "a higher --timeout waits longer"))
            }
        }
    }
}

/// A request that is given up at the same moment as the whole says more: it may end first.
const GRACE: Duration = Duration::from_millis(100);

/// Runs something that must end within the limit.
///
/// # Errors
/// Those of the work; the end of the time, with what was being done.
pub async fn in_time<T>(
    limit: Duration,
    doing: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout(limit.saturating_add(GRACE), work).await.unwrap_or_else(|_| {
        let error = anyhow::anyhow!("{doing}: context deadline exceeded");
        Err(with_hint(error, "a higher --timeout waits longer"))
    })
}

/// What a look at the object says.
pub type Verdict<T> = anyhow::Result<std::ops::ControlFlow<T, String>>;

/// Looks at the object whenever it changes, until `judge` breaks with a result or an error. `judge` is given `None` while the object
/// is not there; what it continues with is the reason shown when time runs out.
///
/// # Errors
/// Those of `judge`; [`TimedOut`]; a refusal (401, 403) of the API server. Other failures of requests are waited out.
pub async fn until<T>(
    api: &Api<DynamicObject>,
    name: &str,
    what: &str,
    deadline: Deadline,
    poll: Duration,
    mut judge: impl FnMut(Option<&Value>) -> Verdict<T>,
) -> anyhow::Result<T> {
    use std::ops::ControlFlow::Break;
    use std::ops::ControlFlow::Continue;
    let mut last = "nothing was seen of it".to_owned();
    loop {
        let mut version = None;
        match tokio::time::timeout(deadline.remaining(), api.get_opt(name)).await {
            Err(_) => return Err(TimedOut { what: what.to_owned(), last }.into()),
            Ok(Ok(found)) => {
                let value = found.map(serde_json::to_value).transpose()?;
                version = value.as_ref().and_then(|value| {
                    value.pointer("/metadata/resourceVersion")?.as_str().map(str::to_owned)
                });
                match judge(value.as_ref())? {
                    Break(done) => return Ok(done),
                    Continue(reason) => last = reason,
                }
            }
            Ok(Err(kube::Error::Api(status))) if matches!(status.code, 401 | 403) => {
                return Err(super::explain(kube::Error::Api(status), &format!("reading {what}")));
            }
            Ok(Err(error)) => last = format!("{:#}", super::explain(error, &format!("reading {what}"))),
        }
        let mut judge_event = |value: Option<&Value>| judge(value);
        let watch = follow(api, name, version, &mut last, &mut judge_event);
        match tokio::time::timeout(deadline.remaining().min(WATCH_LIMIT), watch).await {
            Err(_) if deadline.has_passed() => return Err(TimedOut { what: what.to_owned(), last }.into()),
            Err(_) => continue,
            Ok(Ok(Break(done))) => return Ok(done),
            Ok(Ok(Continue(()))) => {}
            Ok(Err(error)) => return Err(error),
        }
        if deadline.has_passed() {
            return Err(TimedOut { what: what.to_owned(), last }.into());
        }
        tokio::time::sleep(poll.min(deadline.remaining())).await;
    }
}

/// Follows the object until the watch ends; a broken watch is no error, only the end of it.
async fn follow<T>(
    api: &Api<DynamicObject>,
    name: &str,
    version: Option<String>,
    last: &mut String,
    judge: &mut dyn FnMut(Option<&Value>) -> Verdict<T>,
) -> anyhow::Result<std::ops::ControlFlow<T>> {
    use std::ops::ControlFlow::Break;
    use std::ops::ControlFlow::Continue;
    let parameters = WatchParams::default().fields(&format!("metadata.name={name}"));
    let Ok(events) = api.watch(&parameters, version.as_deref().unwrap_or("0")).await else {
        return Ok(Continue(()));
    };
    let mut events = events.boxed();
    while let Ok(Some(event)) = events.try_next().await {
        let verdict = match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                judge(Some(&serde_json::to_value(object)?))?
            }
            WatchEvent::Deleted(_) => judge(None)?,
            WatchEvent::Bookmark(_) => continue,
            WatchEvent::Error(_) => break,
        };
        match verdict {
            Break(done) => return Ok(Break(done)),
            Continue(reason) => *last = reason,
        }
    }
    Ok(Continue(()))
}
