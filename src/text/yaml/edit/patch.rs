//! The one range of a text that an edit replaces, and the lines that are put there.

use super::super::emit::Indentation;
use super::super::emit::to_string_indented;
use super::spot::PlacedNode;
use serde_json::Value;
use std::ops::Range;

/// A range in bytes, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    pub range: Range<usize>,
    pub text: String,
}

impl Patch {
    pub(super) fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    pub(super) fn delete(range: Range<usize>) -> Self {
        Self::new(range, "")
    }

    /// The same, where a line end at the beginning of the range stays; `None` if there is none.
    pub(super) fn without_first_line_end(&self, text: &str) -> Option<Self> {
        let replaced = &text[self.range.clone()];
        let rest = replaced.strip_prefix("\r\n").or_else(|| replaced.strip_prefix('\n'))?;
        Some(Self::new(self.range.end - rest.len()..self.range.end, self.text.clone()))
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let Range { start, end } = self.range;
        [&text[..start], &self.text, &text[end..]].concat()
    }
}

/// How a file is written: what new lines look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand {
    pub indentation: Indentation,
    pub line_end: &'static str,
}

impl Hand {
    pub(super) fn of(text: &str, root: &PlacedNode) -> Self {
        let (mut mappings, mut sequences) = (Vec::new(), Vec::new());
        root.indentations(text, &mut mappings, &mut sequences);
        let usual = Indentation::default();
        let indentation = Indentation {
            mappings: most_frequent(&mappings).filter(|step| *step > 0).unwrap_or(usual.mappings),
            sequences: most_frequent(&sequences).unwrap_or(usual.sequences),
        };
        Self { indentation, line_end: line_end_of(text) }
    }

    /// A value as lines that begin at this column, without the last line end.
    pub(super) fn lines(&self, value: &Value, column: usize) -> String {
        let written = to_string_indented(value, self.indentation);
        let margin = " ".repeat(column);
        let lines = written.trim_end_matches('\n').split('\n');
        let indented =
            lines.map(|line| if line.is_empty() { String::new() } else { format!("{margin}{line}") });
        let mut joined = indented.collect::<Vec<_>>().join(self.line_end);
        // Empty lines at the end belong to the value of a block that keeps them.
        let kept = written.len() - written.trim_end_matches('\n').len();
        (1..kept).for_each(|_| joined.push_str(self.line_end));
        joined
    }
}

/// How the first line of a text ends.
pub(super) fn line_end_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn most_frequent(found: &[usize]) -> Option<usize> {
    let count = |step: usize| found.iter().filter(|other| **other == step).count();
    let mut best: Option<(usize, usize)> = None;
    for step in (0..=8).filter(|step| found.contains(step)) {
        if best.is_none_or(|(_, most)| count(step) > most) {
            best = Some((step, count(step)));
        }
    }
    best.map(|(step, _)| step)
}
