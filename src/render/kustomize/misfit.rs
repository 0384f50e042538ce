//! Why a value does not fit the field that it is read into.

use crate::text::yaml::Lines;
use crate::text::yaml::Step;
use std::fmt;
use std::fmt::Display;

/// A value that does not fit its field.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) struct Misfit {
    /// The way to it from the value that was read.
    pub path: Vec<Step>,
    /// How many of these steps are named; a field that is not known is named by the reason.
    named: usize,
    reason: String,
}

impl Misfit {
    pub(super) fn new(path: Vec<Step>, reason: String) -> Self {
        Self { named: path.len(), path, reason }
    }

    /// A field that is not one of those at this path.
    pub(super) fn unknown(mut path: Vec<Step>, field: &str) -> Self {
        let named = path.len();
        path.push(Step::field(field));
        Self { path, named, reason: format!("unknown field \"{field}\"") }
    }

    /// The same in an item of a list.
    pub(super) fn of_item(mut self, at: usize) -> Self {
        self.path.insert(0, Step::Item(at));
        self.named += 1;
        self
    }

    /// The reason behind its line, where that is known.
    pub(super) fn told(&self, lines: &Lines) -> String {
        lines.at(&self.path).map_or_else(|| self.to_string(), |line| format!("line {line}: {self}"))
    }

    /// The reason behind the file and the line.
    pub(super) fn of_file(&self, file: &str, text: &str) -> anyhow::Error {
        let line = Lines::of(text).at(&self.path).map(|line| format!(", line {line}"));
        anyhow::anyhow!("\"{file}\"{}: {self}", line.unwrap_or_default())
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = &self.path[..self.named.min(self.path.len())];
        for (at, step) in named.iter().enumerate() {
            match step {
                Step::Field(name) | Step::Text(name) if at == 0 => write!(f, "{name}")?,
                Step::Field(name) | Step::Text(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        let colon = if named.is_empty() { "" } else { ": " };
        write!(f, "{colon}{}", self.reason)
    }
}

impl serde::de::Error for Misfit {
    fn custom<T: Display>(reason: T) -> Self {
        Self::new(Vec::new(), reason.to_string())
    }
}
