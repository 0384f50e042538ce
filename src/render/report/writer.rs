//! What all parts of a report are written with.

use super::paint::Paint;
use super::paint::length;
use super::palette::CHANGED;

/// Numbers that are written as words.
const NUMBERS: [&str; 13] =
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// The terminal that a report is for.
pub(super) struct Writer {
    pub(super) width: usize,
    pub(super) paint: Paint,
}

impl Writer {
    /// A line about a change.
    pub(super) fn title(&self, text: &str) -> String {
        self.paint.lines(CHANGED.style(), &format!("{text}\n"))
    }
}

/// A number of things: `one insert`, `no inserts`, `13 inserts`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    NUMBERS.get(number).map_or_else(|| format!("{number} {noun}"), |word| format!("{word} {noun}"))
}

/// A text behind a prefix; its further lines are indented by as much.
pub(super) fn prefixed(prefix: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (index, line) in text.split('\n').enumerate() {
        if index == 0 {
            out.push_str(prefix);
        } else {
            out.push_str(&" ".repeat(length(prefix)));
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A text with a prefix before each of its lines.
pub(super) fn all_prefixed(prefix: &str, text: &str) -> String {
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    lines.map(|line| format!("{prefix}{line}\n")).collect()
}
