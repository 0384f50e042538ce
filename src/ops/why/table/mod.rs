//! The failures that are known, the more telling ones first.

mod applied;
mod built;
mod helm;
mod images;
mod pods;
mod references;
mod sources;

use super::recogniser::On;
use super::recogniser::Recogniser;

const SHOW: &str = "{program} export {noun} {name} -n {ns}";
const DESCRIBE: &str = "kubectl -n {ns} describe {kind} {name}";

/// A row in one line.
const fn row(
    code: &'static str,
    on: On,
    words: &'static [&'static str],
    says: &'static str,
    next: &'static str,
) -> Recogniser {
    Recogniser { code, on, reasons: &[], words, says, next }
}

/// A row that is recognised by the reason.
const fn reason(
    code: &'static str,
    on: On,
    reasons: &'static [&'static str],
    says: &'static str,
    next: &'static str,
) -> Recogniser {
    Recogniser { code, on, reasons, words: &[], says, next }
}

/// All rows, topic by topic; the first that fits one of an object's facts counts.
pub fn recognisers() -> impl Iterator<Item = &'static Recogniser> {
    let topics =
        [references::ROWS, images::ROWS, sources::ROWS, built::ROWS, applied::ROWS, helm::ROWS, pods::ROWS];
    topics.into_iter().flatten()
}

#[cfg(test)]
mod tests;
