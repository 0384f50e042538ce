//! Texts compared line by line, and the form that `diff -u` has for it.

use super::edit::Action;
use super::edits::edits;
use std::collections::HashMap;
use std::fmt::Write;

/// The edits that make one text of the other, each with its lines.
pub(super) fn line_edits<'t>(from: &'t str, to: &'t str) -> Vec<(Action, Vec<&'t str>)> {
    let mut lines = vec![""];
    let mut numbers = HashMap::new();
    let [from, to] = [from, to].map(|text| {
        let number = |line| {
            *numbers.entry(line).or_insert_with(|| {
                lines.push(line);
                lines.len() - 1
            }) as u32
        };
        text.split_inclusive('\n').map(number).collect::<Vec<_>>()
    });
    let of = |part: Vec<u32>| part.into_iter().map(|number| lines[number as usize]).collect();
    edits(&from, &to).into_iter().map(|edit| (edit.action, of(edit.part))).collect()
}

/// What `diff -u` writes about two texts, without the names of files; `context` lines around each change.
#[must_use]
pub fn unified(from: &str, to: &str, context: usize) -> String {
    let mut all: Vec<(char, &str)> = Vec::new();
    for (action, lines) in line_edits(from, to) {
        let sign = match action {
            Action::Keep => ' ',
            Action::Insert => '+',
            Action::Delete => '-',
        };
        all.extend(lines.into_iter().map(|line| (sign, line.strip_suffix('\n').unwrap_or(line))));
    }
    let changes: Vec<usize> = (0..all.len()).filter(|at| all[*at].0 != ' ').collect();
    let mut text = String::new();
    let mut rest = changes.as_slice();
    // How many lines of either text come before `at`.
    let (mut at, mut before) = (0, [0, 0]);
    while let Some(first) = rest.first() {
        let near = rest.windows(2).take_while(|pair| pair[1] - pair[0] <= 2 * context + 1).count();
        let hunk = first.saturating_sub(context)..(rest[near] + context + 1).min(all.len());
        let count =
            |range: &[(char, &str)], without: char| range.iter().filter(|(sign, _)| *sign != without).count();
        let skipped = &all[at..hunk.start];
        let inside = &all[hunk.clone()];
        before = [before[0] + count(skipped, '+'), before[1] + count(skipped, '-')];
        let lengths = [count(inside, '+'), count(inside, '-')];
        // An empty range is named by the line before it.
        let [old, new] = [0, 1].map(|side| before[side] + usize::from(lengths[side] > 0));
        // Writing to a text cannot fail.
        let _ = writeln!(text, "@@ -{old},{} +{new},{} @@", lengths[0], lengths[1]);
        inside.iter().for_each(|(sign, line)| {
            let _ = writeln!(text, "{sign}{line}");
        });
        before = [before[0] + lengths[0], before[1] + lengths[1]];
        at = hunk.end;
        rest = &rest[near + 1..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn changes_that_are_far_apart_have_a_hunk_each() {
        let from: String = (1..=12).map(|number| format!("{number}\n")).collect();
        let to = from.replace("2\n3\n", "2\nthree\n").replace("11\n", "");
        assert_eq!(
            unified(&from, &to, 1),
            "@@ -2,3 +2,3 @@\n 2\n-3\n+three\n 4\n@@ -10,3 +10,2 @@\n 10\n-11\n 12\n"
        );
        assert_eq!(unified("", "a\n", 3), "@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(unified("a\n", "a\n", 3), "");
    }
}
