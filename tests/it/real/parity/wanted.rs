//! The differences that are wanted: `tests/it/data/parity.yaml`. Each has a reason and its line in `docs/compatibility.md`; whatever differs
//! beyond them is a fault.

use super::pair::Answers;
use super::pair::Part;
use super::pair::Said;
use regex::Regex;
use std::collections::BTreeSet;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What the whole command line is like, as a regular expression.
    line: String,
    parts: Vec<Part>,
    /// What their stdout and stderr together must contain, as a regular expression; then ours.
    #[serde(default)]
    theirs: String,
    #[serde(default)]
    ours: String,
    reason: String,
    /// The beginning of the row in `docs/compatibility.md`.
    row: String,
}

struct Patterns {
    line: Regex,
    theirs: Regex,
    ours: Regex,
}

impl Patterns {
    fn fit(&self, answers: &Answers) -> bool {
        let said = |said: &Said| format!("{}{}", said.out, said.err);
        self.line.is_match(&answers.line)
            && self.theirs.is_match(&said(&answers.flux))
            && self.ours.is_match(&said(&answers.fluxr))
    }
}

pub(super) struct Wanted {
    entries: Vec<(Entry, Patterns)>,
    used: BTreeSet<usize>,
}

impl Wanted {
    pub(super) fn read() -> Self {
        let text = include_str!("../../data/parity.yaml");
        let entries: Vec<Entry> = serde_saphyr::from_str(text).unwrap();
        let entries = entries.into_iter().map(|entry| {
            let pattern = |text: String| Regex::new(&text).unwrap();
            let patterns = Patterns {
                line: pattern(format!("^(?:{})$", entry.line)),
                theirs: pattern(format!("(?s){}", entry.theirs)),
                ours: pattern(format!("(?s){}", entry.ours)),
            };
            (entry, patterns)
        });
        Self { entries: entries.collect(), used: BTreeSet::new() }
    }

    /// Whether all that differs is wanted.
    pub(super) fn allows(&mut self, answers: &Answers) -> bool {
        let differing = answers.differ_in();
        let fitting: Vec<usize> =
            (0..self.entries.len()).filter(|&at| self.entries[at].1.fit(answers)).collect();
        let allowed = |part: &Part| fitting.iter().any(|&at| self.entries[at].0.parts.contains(part));
        let all = differing.iter().all(allowed);
        if all {
            self.used.extend(fitting);
        }
        all
    }

    /// Entries that no line needed, or that the documentation does not know.
    pub(super) fn faults(&self, answers: &[Answers]) -> Vec<String> {
        let documented = include_str!("../../../../docs/compatibility.md");
        let mut faults = Vec::new();
        for (at, (entry, patterns)) in self.entries.iter().enumerate() {
            let concerns = answers.iter().any(|one| patterns.fit(one));
            if concerns && !self.used.contains(&at) {
                faults.push(format!("no line differs any more as {:?} allows: {}", entry.line, entry.reason));
            }
            if !documented.contains(&format!("\n| {}", entry.row)) {
                faults.push(format!("docs/compatibility.md has no row {:?}", entry.row));
            }
        }
        faults
    }
}
