//! `diff kustomization`: the differences for people, in the shape that they know from the Flux CLI.

use crate::ops::diff::Below;
use crate::ops::diff::Change;
use crate::ops::diff::Differences;
use crate::render::report;
use crate::render::report::Paint;
use crate::text::BAD;
use crate::text::GOOD;
use crate::text::Painted;
use crate::text::WAITING;
use anstyle::Style;

/// How the text is laid out.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// In columns.
    pub width: usize,
    pub is_terminal: bool,
    pub paint: Paint,
}

/// The text about these Kustomizations; each of several begins with a line with its name.
pub(super) fn of(found: &[Differences], layout: Layout) -> Painted {
    let mut text = Painted::new(layout.paint != Paint::Plain);
    for differences in found {
        if found.len() > 1 && differences.is_change() {
            text.push_plain(&format!("📁 {} changed\n", differences.kustomization));
        }
        push(&mut text, differences, layout);
    }
    text
}

fn push(text: &mut Painted, differences: &Differences, layout: Layout) {
    for one in &differences.objects {
        let line = |word: &str| format!("► {} {word}\n", one.id);
        match &one.change {
            Change::Unchanged => {}
            Change::Skipped => text.push(&line("skipped"), WAITING),
            Change::Created(_) => text.push(&line("created"), GOOD),
            Change::Drifted(drift) => {
                text.push(&line("drifted"), Style::new());
                let found = report::compare(&drift.live, &drift.merged);
                let report = report::human(&found, layout.width, layout.paint);
                if layout.is_terminal && layout.paint == Paint::Plain {
                    text.push_plain(&report);
                } else {
                    text.append(&Painted::trusted(report));
                }
            }
        }
        match &one.below {
            Some(Below::Remote) => {
                let line = format!("⚠️ {} skipped: diff not supported for remote clusters\n", one.id);
                text.push(&line, WAITING);
            }
            Some(Below::Compared(below)) if below.is_change() => {
                text.push_plain(&format!("📁 {} changed\n", one.id));
                push(text, below, layout);
            }
            _ => {}
        }
    }
    for id in &differences.deleted {
        text.push(&format!("► {id} deleted\n"), BAD);
    }
}
