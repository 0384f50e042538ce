//! `diff kustomization -o markdown`: the differences as a comment for a pull request. What a manifest holds is shown as code, in fences
//! and spans that it cannot close.

use super::document::content;
use super::document::each;
use super::document::word;
use crate::api::ObjectId;
use crate::ops::diff::Change;
use crate::ops::diff::Compared;
use crate::ops::diff::Differences;
use crate::present::markdown::code;
use crate::present::markdown::fenced;
use crate::render::report;
use crate::text::yaml;
use std::fmt::Write;

/// What a comment on GitHub holds is 65,536 characters; the rest is for what its author adds.
const LONGEST: usize = 60_000;
/// Lines around a change.
const CONTEXT: usize = 3;

/// The text about these Kustomizations.
pub(super) fn of(found: &[Differences]) -> String {
    let mut text = String::new();
    let mut left_out = 0;
    for differences in each(found) {
        let _ = write!(
            text,
            "### {}\n\n{}\n\n",
            code(&differences.kustomization.to_string()),
            counts(differences)
        );
        let blocks = differences
            .objects
            .iter()
            .filter_map(block)
            .chain(differences.deleted.iter().map(|id| line("deleted", id)))
            .chain(differences.errors.iter().map(|error| fenced("", &format!("{error:#}\n"))));
        for block in blocks {
            if text.len() + block.len() > LONGEST {
                left_out += 1;
            } else {
                text.push_str(&block);
            }
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "{left_out} more are left out: a comment cannot hold them.");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// `1 created, 2 drifted, 14 unchanged`.
fn counts(differences: &Differences) -> String {
    let count =
        |wanted: Option<&str>| differences.objects.iter().filter(|one| word(&one.change) == wanted).count();
    let numbers = [
        ("created", count(Some("created"))),
        ("drifted", count(Some("drifted"))),
        ("deleted", differences.deleted.len()),
        ("skipped", count(Some("skipped"))),
        ("failed", differences.errors.len()),
        ("unchanged", count(None)),
    ];
    let told =
        numbers.iter().filter(|(_, number)| *number > 0).map(|(word, number)| format!("{number} {word}"));
    let told: Vec<String> = told.collect();
    if told.is_empty() { "no objects".to_owned() } else { told.join(", ") }
}

fn block(one: &Compared) -> Option<String> {
    let change = word(&one.change)?;
    match &one.change {
        Change::Drifted(drift) => {
            let (before, after) =
                (yaml::to_string(&content(&drift.live)), yaml::to_string(&content(&drift.merged)));
            Some(folded(change, &one.id, &report::unified(&before, &after, CONTEXT)))
        }
        Change::Created(object) => {
            let lines = yaml::to_string(&content(object));
            let added: String = lines.lines().map(|line| format!("+{line}\n")).collect();
            Some(folded(change, &one.id, &added))
        }
        _ => Some(line(change, &one.id)),
    }
}

fn line(change: &str, id: &ObjectId) -> String {
    format!("{change}: {}\n\n", code(&id.to_string()))
}

fn folded(change: &str, id: &ObjectId, diff: &str) -> String {
    let id = escaped(&id.to_string());
    format!(
        "<details><summary>{change}: <code>{id}</code></summary>\n\n{}</details>\n\n",
        fenced("diff", diff)
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
