//! `drift -o markdown`: a table for each Kustomization, for an issue or a chat.

use super::lines::by;
use super::lines::counts;
use super::lines::shown;
use crate::ops::drift::Drifted;
use crate::ops::drift::Outcome;
use crate::ops::drift::Report;
use crate::present::markdown::cell;
use crate::present::markdown::code;
use crate::present::markdown::fenced;
use crate::text::shorten_hex;
use std::fmt::Write;

/// The text about these Kustomizations.
pub(super) fn of(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let _ = write!(text, "### {}\n\n", code(&report.kustomization.to_string()));
        match &report.outcome {
            Outcome::Skipped(reason) => {
                let _ = write!(text, "Not compared: {reason}.\n\n");
            }
            Outcome::Failed(_) => {}
            Outcome::Compared { objects, unchanged, .. } => {
                let revision = code(&shorten_hex(&report.revision));
                let _ = write!(text, "At {revision}: {}\n\n", counts(objects, *unchanged));
                table(objects, &mut text);
            }
        }
        report.errors().iter().for_each(|error| text.push_str(&fenced("", &format!("{error:#}\n"))));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn table(objects: &[Drifted], text: &mut String) {
    if objects.is_empty() {
        return;
    }
    text.push_str("| object | field | in the cluster | in Git | by |\n|---|---|---|---|---|\n");
    for one in objects {
        let id = cell(&one.id.to_string());
        if one.fields.is_empty() {
            let _ = writeln!(text, "| {id} | {} | | | |", one.state.word());
        }
        for field in &one.fields {
            let by = by(field).map(|by| cell(&by)).unwrap_or_default();
            let [cluster, git] = [&field.cluster, &field.git].map(|value| cell(&shown(value)));
            let _ = writeln!(text, "| {id} | {} | {cluster} | {git} | {by} |", cell(&field.path));
        }
    }
    text.push('\n');
}
