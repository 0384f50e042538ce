//! What a comparison finds.

use serde_json::Map;
use serde_json::Value;

/// One place at which two documents differ, with everything that differs there.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The way from the root to the place; empty for the root itself. `None` if the documents as such are concerned, as in a
    /// file that has several: there it is their order that changed.
    pub path: Option<Vec<Element>>,
    /// At least one.
    pub details: Vec<Detail>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// The field of a map.
    Key(String),
    /// The entry of a list whose entries can be told apart by a field, e.g. that whose `name` is `app`.
    Named {
        /// The field, or `resource` for Kubernetes objects, which are told apart by version, kind, namespace and name.
        identifier: String,
        name: String,
    },
    /// The entry of a list by its place.
    Index(usize),
}

/// How two documents differ at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    /// Only the second document has this.
    Added(Entries),
    /// Only the first document has this.
    Removed(Entries),
    /// Both have a value there, and it is not the same.
    Modified { from: Value, to: Value },
    /// The entries that both lists have are in another order. They are represented by their names, if the list has such.
    Reordered { from: Vec<Value>, to: Vec<Value> },
}

/// What was added or removed.
#[derive(Debug, Clone, PartialEq)]
pub enum Entries {
    /// Fields of the map at the place.
    Fields(Map<String, Value>),
    /// Entries of the list at the place.
    Items(Vec<Value>),
    /// The whole document.
    Document(Value),
}

impl Difference {
    /// The path with dots, e.g. `spec.template.spec.containers.app.image`, `(root level)` or `(file level)`.
    #[must_use]
    pub fn dotted(&self) -> String {
        match &self.path {
            None => FILE_LEVEL.to_owned(),
            Some(path) if path.is_empty() => ROOT_LEVEL.to_owned(),
            Some(path) => path.iter().filter_map(Element::text).collect::<Vec<_>>().join("."),
        }
    }
}

pub(super) const FILE_LEVEL: &str = "(file level)";
pub(super) const ROOT_LEVEL: &str = "(root level)";

impl Element {
    /// What a path shows of it; an entry without a name is passed over.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Key(name) | Self::Named { name, .. } => (!name.is_empty()).then(|| name.clone()),
            Self::Index(index) => Some(index.to_string()),
        }
    }
}
