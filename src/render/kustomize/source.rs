//! Where a resource was read, for messages about it.

use super::id::Id;
use std::fmt;
use std::fmt::Display;
use std::sync::Arc;

/// A file, as messages name it, and the line where the resource begins, counted from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub file: Arc<str>,
    /// Not known of what a generator made.
    pub line: Option<usize>,
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

/// What a resource is, and where it was read.
pub(super) struct Named {
    pub id: Id,
    pub source: Option<Source>,
}

impl Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " in {source}"))
    }
}

/// The places of several resources, as the end of a sentence about them; nothing where one of them is not known.
pub(super) fn places<'a>(sources: impl Iterator<Item = Option<&'a Source>>) -> String {
    match sources.map(|source| source.map(Source::to_string)).collect::<Option<Vec<_>>>() {
        Some(places) if !places.is_empty() => format!(": {}", places.join(" and ")),
        _ => String::new(),
    }
}
