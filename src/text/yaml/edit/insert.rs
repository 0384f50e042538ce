//! New fields and items.

use super::super::tree::Layout;
use super::block;
use super::fault::Reason;
use super::flow;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::spot::Field;
use super::spot::PlacedNode;
use super::spot::column;
use super::spot::line_end;
use super::step;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;
use serde_json::Map;
use serde_json::Value;

/// Adds the field that a way lacks, with everything that is still missing on it.
pub(super) fn field(
    text: &str,
    hand: Hand,
    reached: &Reached<'_>,
    path: &[Step],
    value: &Value,
) -> Result<Patch, Refusal> {
    let here = &path[..reached.steps];
    let start = reached.spot.place.start;
    let missing = |at: usize| Err((start, Reason::Missing { path: Path(&path[..=at]).to_string() }));
    let Some((Step::Key(name), rest)) = path[reached.steps..].split_first() else {
        return missing(reached.steps);
    };
    let Some(inner) = step::nested(rest, value) else { return missing(path.len() - 1) };
    let whole = || Value::Object(Map::from_iter([(name.clone(), inner.clone())]));
    match &reached.spot.content {
        Content::Mapping(Layout::Block, fields) => {
            Ok(below(text, hand, neighbour(fields, name), column(text, fields[0].key.place.lead), &whole()))
        }
        Content::Mapping(Layout::Flow, fields) if fields.is_empty() && !reached.is_in_flow() => {
            block::replace(text, hand, reached, here, &whole())
        }
        Content::Mapping(Layout::Flow, _) => {
            flow::add(text, hand, reached.spot, Some(name), &inner, Path(path).to_string())
        }
        Content::Scalar { text: present, .. } if is_null(present) => {
            block::replace(text, hand, reached, here, &whole())
        }
        _ => Err((start, other(reached.spot, here, "mapping"))),
    }
}

/// Adds items at the end of a list.
pub(super) fn items(
    text: &str,
    hand: Hand,
    reached: &Reached<'_>,
    path: &[Step],
    new: &[Value],
) -> Result<Patch, Refusal> {
    let list = || Value::Array(new.to_vec());
    let start = reached.spot.place.start;
    if reached.steps < path.len() {
        return field(text, hand, reached, path, &list());
    }
    match &reached.spot.content {
        Content::Sequence(Layout::Block, items) => {
            let column = column(text, items[0].place.lead);
            Ok(below(text, hand, items[items.len() - 1].place.end, column, &list()))
        }
        Content::Sequence(Layout::Flow, items) if items.is_empty() && !reached.is_in_flow() => {
            block::replace(text, hand, reached, path, &list())
        }
        Content::Sequence(Layout::Flow, items) => {
            let between = if items.is_empty() { ", " } else { "" };
            let add = |item| flow::add(text, hand, reached.spot, None, item, Path(path).to_string());
            let patches = new.iter().map(add).collect::<Result<Vec<Patch>, Refusal>>()?;
            let texts: Vec<&str> = patches.iter().map(|patch| patch.text.as_str()).collect();
            let range = patches.first().map_or(start..start, |patch| patch.range.clone());
            Ok(Patch::new(range, texts.join(between)))
        }
        Content::Scalar { text: present, .. } if is_null(present) => {
            block::replace(text, hand, reached, path, &list())
        }
        _ => Err((start, other(reached.spot, path, "list"))),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn other(spot: &PlacedNode, path: &[Step], wanted: &'static str) -> Reason {
    Reason::Other { path: Path(path).to_string(), found: spot.word(), wanted }
}

/// Where the field ends that a new one comes after: in its order where the fields are sorted, otherwise the last one.
fn neighbour(fields: &[Field], name: &str) -> usize {
    let names = || fields.iter().filter_map(|field| field.name.as_deref());
    let before = names().take_while(|other| *other < name).count();
    let at = if fields.len() > 1 && names().is_sorted() && before > 0 { before } else { fields.len() };
    fields[at - 1].value.place.end.max(fields[at - 1].key.place.end)
}

/// A value as lines behind the one in which something ends. A file without a line end at its end stays so.
fn below(text: &str, hand: Hand, end: usize, column: usize, value: &Value) -> Patch {
    let lines = hand.lines(value, column);
    let at = line_end(text, end);
    if at == text.len() && !text.ends_with('\n') {
        return Patch::new(at..at, format!("{}{lines}", hand.line_end));
    }
    Patch::new(at..at, format!("{lines}{}", hand.line_end))
}
