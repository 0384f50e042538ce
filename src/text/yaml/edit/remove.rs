//! What an entry takes with it when it goes.

use super::super::tree::Layout;
use super::block;
use super::fault::Reason;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::spot::PlacedNode;
use super::spot::line_end;
use super::spot::line_start;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;
use serde_json::Map;
use serde_json::Value;

/// Takes the entry at the end of a way out of its collection; what has no entry left is written as `{}` or `[]`.
pub(super) fn entry(text: &str, hand: Hand, reached: &Reached<'_>, path: &[Step]) -> Result<Patch, Refusal> {
    let shown = || Path(path).to_string();
    let Some(above) = reached.above.last().filter(|_| reached.steps == path.len()) else {
        let missing = Path(&path[..(reached.steps + 1).min(path.len())]).to_string();
        return Err((reached.spot.place.start, Reason::Missing { path: missing }));
    };
    let entries = entries(above);
    let Some(at) = entries.iter().position(|entry| std::ptr::eq(entry.value, reached.spot)) else {
        return Err((reached.spot.place.start, Reason::Missing { path: shown() }));
    };
    if entries.len() == 1 && !above.is_flow() {
        let above_it = &reached.above[..reached.above.len() - 1];
        let collection = Reached { spot: above, above: above_it.to_vec(), steps: reached.steps - 1 };
        let empty = match above.content {
            Content::Sequence(..) => Value::Array(Vec::new()),
            _ => Value::Object(Map::new()),
        };
        return block::replace(text, hand, &collection, &path[..path.len() - 1], &empty);
    }
    let (this, next) = (&entries[at], entries.get(at + 1));
    if above.is_flow() {
        let range = match (next, at.checked_sub(1)) {
            (Some(next), _) => this.start..next.start,
            (None, Some(before)) => entries[before].end..this.end,
            (None, None) => this.start..this.end,
        };
        if text[range.clone()].contains('#') {
            return Err((this.start, Reason::Layout { path: shown() }));
        }
        return Ok(Patch::delete(range));
    }
    let begin = line_start(text, this.start);
    if text[begin..this.start].trim().is_empty() {
        return Ok(Patch::delete(lines(text, begin, line_end(text, this.end))));
    }
    // It shares its first line with a dash: the next entry moves there.
    match next {
        Some(next) if !text[this.end..next.start].contains('#') => Ok(Patch::delete(this.start..next.start)),
        _ => Err((this.start, Reason::Layout { path: shown() })),
    }
}

/// Whole lines; the last ones of a file without a line end at its end take the line end before them.
fn lines(text: &str, begin: usize, end: usize) -> std::ops::Range<usize> {
    let is_last = end == text.len() && !text.ends_with('\n');
    if !is_last {
        return begin..end;
    }
    let before = text[..begin].strip_suffix('\n').map_or(begin, str::len);
    let before = text[..before].strip_suffix('\r').map_or(before, str::len);
    before..end
}

/// An entry of a collection with the bytes where it begins and ends.
struct Entry<'a> {
    value: &'a PlacedNode,
    start: usize,
    end: usize,
}

fn entries(collection: &PlacedNode) -> Vec<Entry<'_>> {
    match &collection.content {
        Content::Sequence(layout, items) => {
            let start = |item: &PlacedNode| match layout {
                Layout::Block => item.place.lead,
                Layout::Flow => item.place.start,
            };
            items.iter().map(|item| Entry { value: item, start: start(item), end: item.place.end }).collect()
        }
        Content::Mapping(layout, fields) => fields
            .iter()
            .map(|field| {
                let key = field.key.place;
                let start = if *layout == Layout::Block { key.lead } else { key.start };
                Entry { value: &field.value, start, end: field.value.place.end.max(key.end) }
            })
            .collect(),
        _ => Vec::new(),
    }
}
