//! What all waits share: when an object is ready, what is reported while it is not, and the next step when the time is up.

use crate::api::Kind;
use crate::api::Readiness;
use crate::api::object;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Outcome;
use crate::cluster::Patience;
use crate::cluster::Status;
use crate::cluster::TimedOut;
use crate::cluster::Verdict;
use crate::cluster::WatchedObject;
use crate::ops::Sink;
use crate::text::find_cause;
use crate::text::with_hint;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// A failure that passes sooner is not worth a line: a dependency on its way, a controller that starts.
const PASSING: Duration = Duration::from_secs(1);
/// How often it is seen whether one has lasted.
const LOOK: Duration = Duration::from_millis(200);

/// Waits for objects of Flux's kinds, and tells meanwhile why they are not ready.
pub struct Waiting<'a> {
    client: &'a kube::Client,
    ui: &'a dyn Sink,
    patience: Patience,
    reasons: Mutex<Reasons>,
}

/// What failed, by object.
#[derive(Default)]
struct Reasons {
    /// The present failure, and when it was seen first.
    present: BTreeMap<String, (String, Instant)>,
    told: HashSet<String>,
}

impl<'a> Waiting<'a> {
    pub fn new(client: &'a kube::Client, ui: &'a dyn Sink, deadline: Deadline, poll: Duration) -> Self {
        let patience = Patience { deadline, poll, is_strict: false };
        Self { client, ui, patience, reasons: Mutex::default() }
    }

    /// A kind that the cluster does not have, or a server that is not reached, ends the waiting when it is met first.
    pub fn strictly(mut self) -> Self {
        self.patience.is_strict = true;
        self
    }

    /// Waits until the controller has seen the present spec and calls the object ready; returns it.
    ///
    /// # Errors
    /// An object that stalls or is deleted; the deadline, with the last reason and message of its Ready condition.
    pub async fn until_ready(&self, kind: &Kind, namespace: &str, name: &str) -> anyhow::Result<Value> {
        self.until_ready_after(kind, namespace, name, None).await
    }

    /// The same, once the controller has also taken up a request.
    ///
    /// # Errors
    /// As [`Waiting::until_ready`].
    pub async fn until_ready_after(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
        request: Option<&str>,
    ) -> anyhow::Result<Value> {
        let what = format!("{} \"{name}\"", kind.kind);
        self.until(kind, namespace, name, &what, false, |object| {
            if matches!((kind.readiness)(object), Readiness::Static(_)) {
                return Ok(ControlFlow::Break(object.clone()));
            }
            if request.is_some_and(|request| text(object, "/status/lastHandledReconcileAt") != request) {
                return Ok(ControlFlow::Continue("its controller has not taken up the request".to_owned()));
            }
            self.watch_reason(object);
            match cluster::status_of(object) {
                Status::Current => Ok(ControlFlow::Break(object.clone())),
                Status::Stalled(told) => Err(anyhow::anyhow!("{what} failed: {told}")),
                status => Ok(ControlFlow::Continue(status.reason())),
            }
        })
        .await
    }

    /// Waits for one object; `what` names it when the time is up, `was_there` says that it exists already.
    ///
    /// # Errors
    /// Those of `judge`; an object that is deleted; the deadline.
    pub async fn until<T: Send>(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
        what: &str,
        mut was_there: bool,
        mut judge: impl FnMut(&Value) -> Verdict<T> + Send,
    ) -> anyhow::Result<T> {
        let target = WatchedObject::of(kind, namespace, name);
        let full_name = format!("{} \"{name}\"", kind.kind);
        let waiting = cluster::until(self.client, &target, what, self.patience, |seen| {
            let Some(object) = seen else {
                anyhow::ensure!(!was_there, "{full_name} was deleted");
                return Ok(ControlFlow::Continue("it does not exist".to_owned()));
            };
            was_there = true;
            anyhow::ensure!(!object::is_being_deleted(object), "{full_name} is being deleted");
            judge(object)
        });
        self.telling(waiting).await.map_err(|error| match find_cause::<TimedOut>(&error) {
            Some(_) => with_hint(error, next_step(kind, namespace, name)),
            None => error,
        })
    }

    /// Waits for many objects at once.
    ///
    /// # Errors
    /// As [`cluster::wait_for`].
    pub async fn for_all<T: Send>(
        &self,
        targets: &[WatchedObject],
        judge: impl FnMut(usize, Option<&Value>) -> Verdict<T> + Send,
    ) -> anyhow::Result<Vec<Outcome<T>>> {
        self.telling(cluster::wait_for(self.client, targets, self.patience, judge)).await
    }

    /// Takes note of how the last attempt failed; a failure that lasts is reported once.
    pub fn watch_reason(&self, object: &Value) {
        let own = ["/kind", "/metadata/namespace", "/metadata/name"].map(|part| text(object, part)).join("/");
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        match cluster::status_of(object) {
            Status::Failing(told) | Status::Stalled(told) => {
                let line = format!("{own}: {told}");
                if reasons.present.get(&own).is_none_or(|(before, _)| *before != line) {
                    reasons.present.insert(own, (line, Instant::now()));
                }
            }
            _ => drop(reasons.present.remove(&own)),
        }
    }

    /// Runs a wait; what has failed for longer than a moment is reported beside it.
    pub async fn telling<T>(&self, wait: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        let tell = async {
            loop {
                tokio::time::sleep(LOOK).await;
                self.tell_lasting();
            }
        };
        tokio::select! {
            outcome = wait => outcome,
            never = tell => never,
        }
    }

    fn tell_lasting(&self) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        let Reasons { present, told } = &mut *reasons;
        for (line, _) in present.values().filter(|(_, since)| since.elapsed() >= PASSING) {
            // Counts and times that change in a message make no other reason of it.
            if told.insert(line.chars().filter(|letter| !letter.is_ascii_digit()).collect()) {
                self.ui.waiting(line);
            }
        }
    }
}

/// The next step for an object that did not become ready in time.
pub fn next_step(kind: &Kind, namespace: &str, name: &str) -> String {
    format!("`fluxr why {}/{name} -n {namespace}` finds the cause", kind.kind.to_lowercase())
}
