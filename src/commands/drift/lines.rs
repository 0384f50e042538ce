//! `drift` for people: a line for each object, and one for each field.

use crate::ops::drift::DriftState;
use crate::ops::drift::Drifted;
use crate::ops::drift::Field;
use crate::ops::drift::Outcome;
use crate::ops::drift::Report;
use crate::text::BAD;
use crate::text::DIM;
use crate::text::GOOD;
use crate::text::Painted;
use crate::text::WAITING;
use crate::text::json;
use crate::text::shorten_hex;
use serde_json::Value;

/// The most of a value that is shown.
const ROOM: usize = 120;

/// The text about these Kustomizations; what could not be compared is reported elsewhere.
pub(super) fn of(reports: &[Report], in_colour: bool) -> Painted {
    let mut text = Painted::new(in_colour);
    for report in reports {
        let Outcome::Compared { objects, unchanged, errors } = &report.outcome else { continue };
        let head = format!(" {} at {}: ", report.kustomization, shorten_hex(&report.revision));
        let (glyph, style) = if objects.is_empty() { ("✔", GOOD) } else { ("✗", BAD) };
        if objects.is_empty() && !errors.is_empty() {
            text.push("◎", WAITING);
        } else {
            text.push(glyph, style);
        }
        text.push_plain(&format!("{head}{}\n", counts(objects, *unchanged)));
        objects.iter().for_each(|one| push(&mut text, one));
    }
    text
}

/// `2 drifted, 1 missing, 11 as in Git`.
pub(super) fn counts(objects: &[Drifted], unchanged: usize) -> String {
    let states = [DriftState::Drifted, DriftState::Missing, DriftState::Foreign];
    let count = |state: DriftState| objects.iter().filter(|one| one.state == state).count();
    let told = states.into_iter().map(|state| (count(state), state.word()));
    let told = told.chain([(unchanged, "as in Git")]).filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "no objects".to_owned() } else { told.join(", ") }
}

fn push(text: &mut Painted, one: &Drifted) {
    let style = if one.state == DriftState::Drifted { WAITING } else { BAD };
    text.push(&format!("► {} {}\n", one.id, one.state.word()), style);
    for field in &one.fields {
        text.push_plain(&format!(
            "    {}: {}, in Git {}",
            field.path,
            shown(&field.cluster),
            shown(&field.git)
        ));
        text.push(&format!("{}\n", by(field).map(|by| format!(" ({by})")).unwrap_or_default()), DIM);
    }
}

/// `kubectl-edit at 2026-01-02T03:04:05Z`.
pub(super) fn by(field: &Field) -> Option<String> {
    let owner = field.owner.as_ref()?;
    let at = if owner.time.is_empty() { String::new() } else { format!(" at {}", owner.time) };
    Some(format!("{}{at}", owner.manager))
}

/// A value in one line; `absent` where there is none.
pub(super) fn shown(value: &Option<Value>) -> String {
    let Some(value) = value else { return "absent".to_owned() };
    let text = json::pretty(value, "").split('\n').collect::<Vec<_>>().join(" ");
    if text.chars().count() <= ROOM { text } else { text.chars().take(ROOM).chain(['…']).collect() }
}
