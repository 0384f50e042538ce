//! How a text changed: as a certificate, in blanks only, line by line, or as a whole.

use super::blocks::push_blocks;
use super::certificate::summary;
use super::edit::Action;
use super::edits::edits;
use super::lines::line_edits;
use super::paint::BOLD;
use super::paint::Paint;
use super::palette::ADDED;
use super::palette::REMOVED;
use super::palette::SAME_AS_ADDED;
use super::palette::SAME_AS_REMOVED;
use super::writer::Writer;
use super::writer::all_prefixed;
use super::writer::count;
use super::writer::prefixed;
use crate::text::neutralised;

/// Changes of no more single characters than this, counted on both sides, are shown within the text.
const FEW: usize = 4;

/// How a text changed.
pub(super) fn string_change(writer: &Writer, from: &str, to: &str) -> String {
    let paint = writer.paint;
    let trimmed = |text: &'_ str| text.trim_matches([' ', '\n']).to_owned();
    if let (Some(from), Some(to)) = (summary(from), summary(to)) {
        let mut out = writer.title("± certificate change");
        push_certificates(writer, &mut out, &from, &to);
        return out;
    }
    if trimmed(from) == trimmed(to) {
        let mut out = writer.title("± whitespace only change");
        let blocks = [
            paint.lines(REMOVED.style(), &prefixed("- ", &visible(paint, from))),
            paint.lines(ADDED.style(), &prefixed("+ ", &visible(paint, to))),
        ];
        push_blocks(&mut out, writer.width, 0, &blocks);
        return out;
    }
    if from.contains('\n') || to.contains('\n') {
        return line_changes(writer, from, to);
    }
    let mut out = writer.title("± value change");
    // Without colours the parts look alike, but a sequence in the text may be cut.
    let shows_parts = paint != Paint::Plain || from.contains('\u{1b}') || to.contains('\u{1b}');
    if shows_parts && differ_little(from, to) {
        push_characters(paint, &mut out, from, to);
    } else {
        out.push_str(&paint.lines(REMOVED.style(), &prefixed("- ", from)));
        out.push_str(&paint.lines(ADDED.style(), &prefixed("+ ", to)));
    }
    out
}

fn push_certificates(writer: &Writer, out: &mut String, from: &str, to: &str) {
    let paint = writer.paint;
    let tame = |text: &str| match paint {
        Paint::Plain => text.to_owned(),
        _ => neutralised(text).into_owned(),
    };
    let (from, to) = (tame(from), tame(to));
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('\n').collect(), to.split('\n').collect());
    let [removed, added] = [REMOVED, ADDED].map(|colour| colour.style());
    let blocks = if from.len() == to.len() {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (from, to) in from.iter().zip(&to) {
            let [from_style, to_style] =
                if from == to { [SAME_AS_REMOVED, SAME_AS_ADDED] } else { [REMOVED, ADDED] };
            left.push(paint.lines(from_style.style(), from));
            right.push(paint.lines(to_style.style(), to));
        }
        [
            prefixed(&paint.lines(removed, "- "), &left.join("\n")),
            prefixed(&paint.lines(added, "+ "), &right.join("\n")),
        ]
    } else {
        [
            paint.lines(removed, &prefixed("- ", &from.join("\n"))),
            paint.lines(added, &prefixed("+ ", &to.join("\n"))),
        ]
    };
    push_blocks(out, writer.width, 0, &blocks);
}

/// The text with its blanks and line ends made visible.
fn visible(paint: Paint, text: &str) -> String {
    let text = text.replace('\n', &paint.lines(BOLD, "↵\n"));
    text.replace(' ', &paint.lines(BOLD, "·"))
}

fn line_changes(writer: &Writer, from: &str, to: &str) -> String {
    let (mut inserts, mut deletions) = (0, 0);
    let mut changes = String::new();
    for (action, lines) in line_edits(from, to) {
        let (sign, style) = match action {
            Action::Keep => continue,
            Action::Insert => {
                inserts += 1;
                ("+ ", ADDED.style())
            }
            Action::Delete => {
                deletions += 1;
                ("- ", REMOVED.style())
            }
        };
        changes.push_str(&writer.paint.lines(style, &all_prefixed(sign, &lines.concat())));
    }
    let (inserts, deletions) =
        (count(inserts, "insert", "inserts"), count(deletions, "deletion", "deletions"));
    let title = writer.title(&format!("± value change in multiline text ({inserts}, {deletions})"));
    format!("{title}{changes}\n")
}

/// Whether at most [`FEW`] characters were inserted and deleted.
///
/// dyff computes the distance of all texts, in a time that is the product of their lengths. Only the question whether it is small is asked, and that
/// is answered by looking at so many diagonals.
fn differ_little(from: &str, to: &str) -> bool {
    let [from, to] = [from, to].map(|text| text.chars().collect::<Vec<_>>());
    if from.len().abs_diff(to.len()) > FEW {
        return false;
    }
    // How far each diagonal comes with so many edits; that at `FEW + 1` begins in the corner.
    let mut reached = [None::<usize>; 2 * FEW + 3];
    let target = FEW + 1 + from.len().saturating_sub(to.len()) - to.len().saturating_sub(from.len());
    for edits in 0..=FEW {
        let before = reached;
        for diagonal in FEW + 1 - edits..=FEW + 1 + edits {
            let start = match edits {
                0 => Some(0),
                _ => before[diagonal + 1].max(before[diagonal - 1].map(|x| x + 1)).max(before[diagonal]),
            };
            let Some(mut x) = start else { continue };
            // The row is the column less the diagonal.
            while let Some(y) = (x + FEW + 1).checked_sub(diagonal)
                && x < from.len()
                && from.get(x) == to.get(y)
            {
                x += 1;
            }
            reached[diagonal] = Some(x);
        }
        if reached[target].is_some_and(|x| x >= from.len()) {
            return true;
        }
    }
    false
}

/// The change with the characters that are not the same emphasised.
fn push_characters(paint: Paint, out: &mut String, from: &str, to: &str) {
    let [from, to] = [from, to].map(|text| text.chars().map(u32::from).collect::<Vec<_>>());
    let parts = edits(&from, &to);
    let sides = [
        ("- ", Action::Delete, REMOVED.style(), SAME_AS_REMOVED.style()),
        ("+ ", Action::Insert, ADDED.style(), SAME_AS_ADDED.style()),
    ];
    for (sign, action, style, same) in sides {
        out.push_str(&paint.lines(style, sign));
        for edit in &parts {
            let text: String = edit.part.iter().filter_map(|letter| char::from_u32(*letter)).collect();
            if edit.action == Action::Keep {
                out.push_str(&paint.lines(same, &text));
            } else if edit.action == action {
                out.push_str(&paint.lines(BOLD, &paint.lines(style, &text)));
            }
        }
        out.push('\n');
    }
}
