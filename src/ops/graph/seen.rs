//! An object of a graph, reduced to what the graph needs.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Readiness;
use crate::api::Reference;
use crate::api::object;
use crate::cluster;
use crate::cluster::Status;
use crate::present::graph::Node;
use crate::present::graph::State;
use serde_json::Value;

/// Kind, namespace and name: kinds of Flux have names of their own, and references leave the group out.
pub(super) type Key = (String, String, String);

/// An object that was read, or one that something refers to.
pub(super) struct Seen {
    pub(super) node: Node,
    pub(super) references: Vec<Reference>,
    pub(super) labels: Value,
    /// The file that declares it; empty for one of a cluster.
    pub(super) file: String,
}

impl Seen {
    /// An object of a cluster.
    pub(super) fn live(kind: &Kind, object: &Value) -> Self {
        let (state, reason, message) = judged(kind, object);
        let revision = kind.columns.iter().find(|column| column.header == "revision");
        let revision = revision.map(|column| (column.cell)(kind, object)).unwrap_or_default();
        let seen = Self::declared(kind, object, "");
        Self { node: Node { state, reason, message, revision, ..seen.node }, ..seen }
    }

    /// An object as a file declares it.
    pub(super) fn declared(kind: &Kind, object: &Value, file: &str) -> Self {
        let state = if kind.is_suspended(object) { State::Suspended } else { State::Unknown };
        Self {
            node: Node {
                kind: kind.kind.to_owned(),
                namespace: object::namespace(object).to_owned(),
                name: object::name(object).to_owned(),
                cluster: String::new(),
                state,
                reason: String::new(),
                message: String::new(),
                revision: String::new(),
                selects: Vec::new(),
            },
            references: (kind.refers)(object),
            labels: object.pointer("/metadata/labels").cloned().unwrap_or_default(),
            file: file.to_owned(),
        }
    }

    /// An object of which only the name is known.
    pub(super) fn named(id: &ObjectId, state: State, message: &str) -> Self {
        let [kind, namespace, name] = [&id.kind, &id.namespace, &id.name].map(Clone::clone);
        let (message, revision, reason) = (message.to_owned(), String::new(), String::new());
        Self {
            node: Node {
                kind,
                namespace,
                name,
                cluster: String::new(),
                state,
                reason,
                message,
                revision,
                selects: Vec::new(),
            },
            references: Vec::new(),
            labels: Value::Null,
            file: String::new(),
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.node.kind.clone(), self.node.namespace.clone(), self.node.name.clone())
    }
}

/// The key of an object that something refers to.
pub(super) fn key_of(id: &ObjectId) -> Key {
    (id.kind.clone(), id.namespace.clone(), id.name.clone())
}

/// State, reason and message of an object of a cluster.
fn judged(kind: &Kind, object: &Value) -> (State, String, String) {
    let bare = |state, message: &str| (state, String::new(), message.to_owned());
    let status = cluster::status_of(object);
    let found = match status {
        Status::Current => bare(State::Ready, ""),
        Status::Silent if matches!((kind.readiness)(object), Readiness::Static(_)) => bare(State::Ready, ""),
        Status::Working(told) => (State::Reconciling, told.reason, told.message),
        Status::Failing(told) | Status::Stalled(told) => (State::Failed, told.reason, told.message),
        other => bare(State::Reconciling, &other.reason()),
    };
    if kind.is_suspended(object) { (State::Suspended, found.1, found.2) } else { found }
}
