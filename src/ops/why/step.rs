//! What the steps of a walk share.

use super::chain::Cause;
use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use crate::api::Kind;
use crate::api::Readiness;
use crate::api::SuspensionNote;
use crate::api::object;
use crate::cluster;
use crate::cluster::Status;
use serde_json::Value;
use std::sync::atomic::AtomicUsize;

/// The code of what has not failed yet.
pub const IN_PROGRESS: &str = "InProgress";

/// What was found at one object and below it.
#[derive(Debug, Default)]
pub struct Findings {
    pub links: Vec<Link>,
    pub cause: Option<Cause>,
    /// The object itself, where another one refers to it.
    pub object: Option<Value>,
}

impl Findings {
    /// A single link with its cause.
    pub fn one(link: Link, cause: Option<Cause>) -> Self {
        Self { links: vec![link], cause, object: None }
    }

    /// Joins findings; the first cause counts.
    pub fn add(&mut self, other: Self) {
        self.links.extend(other.links);
        self.cause = self.cause.take().or(other.cause);
    }
}

/// What every step of the walk needs.
pub struct Walk<'a> {
    pub client: &'a kube::Client,
    pub program: &'a str,
    pub now: jiff::Timestamp,
    /// The Deployments of Flux; `None` if they may not be listed.
    pub controllers: Option<Vec<Value>>,
    /// How many objects were looked at.
    pub looked_at: AtomicUsize,
}

/// State, reason and message.
pub fn state_of(kind: &Kind, object: &Value) -> (LinkState, String, String) {
    let ready = object::condition(object, "Ready");
    let (status, message) = kind.ready(object);
    let reason = ready.map(|ready| object::text(ready, "/reason")).unwrap_or_default().to_owned();
    if kind.is_suspended(object) {
        let note = SuspensionNote::of(kind, object).map(|note| note.to_string()).unwrap_or_default();
        return (LinkState::Suspended, "Suspended".to_owned(), note);
    }
    let state = match (cluster::status_of(object), (kind.readiness)(object)) {
        (Status::Terminating, _) => {
            return (LinkState::Waiting, "Terminating".to_owned(), "it is being deleted".to_owned());
        }
        (_, Readiness::Static(_)) => return (LinkState::Ok, String::new(), message),
        (Status::Unobserved(message), _) => return (LinkState::Waiting, "NotObserved".to_owned(), message),
        // What an object says about its last attempt counts until the next one ends.
        _ => match (ready.is_some(), status.as_str()) {
            (false, _) | (_, "Unknown") => LinkState::Waiting,
            (_, "True") => LinkState::Ok,
            _ => LinkState::Failed,
        },
    };
    (state, reason, message)
}

/// A condition or an event as a fact about the object.
pub fn fact_of<'a>(object: &'a Value, said: &'a Value) -> Fact<'a> {
    Fact { object, reason: object::text(said, "/reason"), message: object::text(said, "/message") }
}
