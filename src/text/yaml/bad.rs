//! Why a text is not YAML, with the place where it is not.

use super::scan::Dialect;
use super::scan::Problem;

/// A document that is not YAML, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: not valid YAML: {told}")]
pub struct BadYaml {
    /// The file, or what stands for it.
    pub origin: String,
    /// In the words of Go's libraries, which count lines each in its own way.
    pub reason: String,
    /// The same with the line and the column in the file, where they are known.
    told: String,
}

impl BadYaml {
    /// Nothing is known about the place.
    pub(super) fn new(origin: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { origin: origin.to_owned(), told: reason.clone(), reason }
    }

    /// Characters or tokens that make no document; it begins after so many lines of the file.
    pub(super) fn syntax(origin: &str, problem: &Problem, dialect: Dialect, before: usize) -> Self {
        let (reason, told) = (problem.reason(dialect), problem.told(before));
        Self { origin: origin.to_owned(), reason, told }
    }

    /// A document that breaks a rule beyond its syntax.
    pub(super) fn rule(origin: &str, broken: Broken, before: usize) -> Self {
        let Broken { reason, line } = broken;
        let told = match line {
            Some(line) => format!("line {}: {reason}", line + before),
            None => reason.clone(),
        };
        Self { origin: origin.to_owned(), reason, told }
    }

    /// Bytes that make no text, in a line and a column that are counted from one.
    pub(super) fn bytes(origin: &str, reason: &str, (line, column): (usize, usize)) -> Self {
        let told = format!("line {line}, column {column}: {reason}");
        Self { origin: origin.to_owned(), reason: reason.to_owned(), told }
    }
}

/// A broken rule, with the line of its document, counted from one.
#[derive(Debug)]
pub(super) struct Broken {
    pub reason: String,
    pub line: Option<usize>,
}

impl From<String> for Broken {
    fn from(reason: String) -> Self {
        Self { reason, line: None }
    }
}

impl Broken {
    /// Says the line of something that knows none itself.
    pub(super) fn or_in(self, line: Option<usize>) -> Self {
        Self { line: self.line.or(line), ..self }
    }
}
