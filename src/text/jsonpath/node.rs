//! The parts of a template.

use serde_json::Value;

/// Why a template cannot be read, or does not fit the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadTemplate(String);

impl BadTemplate {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// What is between braces, and each side of a filter.
    List(Vec<Node>),
    Field(String),
    Wildcard,
    Recursive,
    Slice(Slice),
    Filter(Filter),
    Union(Vec<Vec<Node>>),
    /// `range`, `end`, and unknown words.
    Word(String),
    Literal(Value),
}

/// `[from:to:step]`; a lone index is the slice up to its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) step: Option<i64>,
    pub(super) is_index: bool,
}

/// `[?(left operator right)]`; without an operator: whether the left side is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) left: Vec<Node>,
    pub(super) right: Option<(String, Vec<Node>)>,
}
