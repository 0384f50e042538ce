//! Another value for a node.

use super::super::emit::to_string_indented;
use super::super::scan::ScalarStyle;
use super::fault::Reason;
use super::flow;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::spot::PlacedNode;
use super::spot::column;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;
use serde_json::Value;

/// Whether a value takes lines of its own below its key.
pub(super) fn takes_lines(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// Puts a value in the place of a node.
pub(super) fn replace(
    text: &str,
    hand: Hand,
    reached: &Reached<'_>,
    path: &[Step],
    value: &Value,
) -> Result<Patch, Refusal> {
    let PlacedNode { place, content } = reached.spot;
    let refuse = |reason| Err((place.start, reason));
    if let Content::Scalar { text: present, .. } = content
        && (present.contains("${") || present.contains("{{"))
    {
        return refuse(Reason::Variable { path: Path(path).to_string(), text: present.clone() });
    }
    let Some(above) = reached.above.last() else {
        return refuse(Reason::Layout { path: Path(path).to_string() });
    };
    if reached.is_in_flow() {
        if reached.spot.is_blank() {
            return refuse(Reason::Layout { path: Path(path).to_string() });
        }
        let written = quoted(value, reached.spot).unwrap_or_else(|| flow::written(value, above, text));
        return Ok(Patch::new(place.start..place.end, written));
    }
    // The entry that holds the node: its column, and whether it begins with a dash.
    let is_item = matches!(above.content, Content::Sequence(..));
    let outer = entry_column(text, above, reached.spot);
    let tail = Tail::of(text, reached.spot, is_item);
    // A block that keeps its newlines ends with its last line.
    let line_end = if text[..tail.end].ends_with('\n') { hand.line_end } else { "" };
    if takes_lines(value) {
        let inner = match value {
            _ if is_item => outer + 2,
            Value::Array(_) => outer + hand.indentation.sequences,
            _ => outer + hand.indentation.mappings,
        };
        let lines = hand.lines(value, inner);
        let lines = if is_item {
            format!(" {}", tail.behind_first_line(lines.trim_start(), hand.line_end))
        } else {
            format!("{}{}{lines}", tail.comment, hand.line_end)
        };
        return Ok(Patch::new(place.lead + 1..tail.end, lines + line_end));
    }
    let scalar = scalar(value, reached.spot, outer + 2).replace('\n', hand.line_end);
    let scalar = tail.behind_first_line(&scalar, hand.line_end);
    let is_apart = (reached.spot.is_block() && !is_item) || text[place.lead..place.start].contains('\n');
    if is_apart || reached.spot.is_blank() {
        return Ok(Patch::new(place.lead + 1..tail.end, format!(" {scalar}{line_end}")));
    }
    Ok(Patch::new(place.start..tail.end, format!("{scalar}{line_end}")))
}

/// The column of the entry of a collection that a node belongs to.
fn entry_column(text: &str, above: &PlacedNode, spot: &PlacedNode) -> usize {
    match &above.content {
        Content::Mapping(_, fields) => {
            let field = fields.iter().find(|field| std::ptr::eq(&raw const field.value, spot));
            field.map_or(0, |field| column(text, field.key.place.lead))
        }
        _ => column(text, spot.place.lead),
    }
}

/// The comment on the line where a value begins, which stays there, and where what is replaced ends.
struct Tail<'t> {
    /// With the blanks before it; empty when there is none.
    comment: &'t str,
    end: usize,
}

impl<'t> Tail<'t> {
    fn of(text: &'t str, spot: &PlacedNode, is_item: bool) -> Self {
        let end = spot.place.end.max(spot.place.lead + 1);
        let rest = |at: usize| text[at..].split('\n').next().unwrap_or_default().trim_end();
        let is_comment = |rest: &str| rest.trim_start().starts_with('#');
        if spot.is_block() {
            // The comment behind its last line goes with it.
            let last = if text[..end].ends_with('\n') { "" } else { rest(end) };
            let comment = Some(rest(spot.place.lead + 1)).filter(|rest| is_comment(rest) && !is_item);
            return Self { comment: comment.unwrap_or_default(), end: end + last.len() };
        }
        let is_over = text[..end].ends_with('\n');
        match Some(rest(end)).filter(|rest| !is_over && is_comment(rest)) {
            Some(comment) => Self { comment, end: end + comment.len() },
            None => Self { comment: "", end },
        }
    }

    fn behind_first_line(&self, lines: &str, line_end: &str) -> String {
        match lines.split_once(line_end) {
            Some((first, further)) => [first, self.comment, line_end, further].concat(),
            None => [lines, self.comment].concat(),
        }
    }
}

/// A text in the quotes that there were, if that takes no more than them.
fn quoted(value: &Value, present: &PlacedNode) -> Option<String> {
    let (Value::String(new), Content::Scalar { style, .. }) = (value, &present.content) else { return None };
    if new.chars().any(|c| c.is_control() || c == '\\' || c == '"' || c == '\'') {
        return None;
    }
    match style {
        ScalarStyle::Double => Some(format!("\"{new}\"")),
        ScalarStyle::Single => Some(format!("'{new}'")),
        _ => None,
    }
}

/// A scalar, or an empty collection, on one line; a text keeps the quotes that there were.
fn scalar(value: &Value, present: &PlacedNode, column: usize) -> String {
    if let Some(quoted) = quoted(value, present) {
        return quoted;
    }
    let written = to_string_indented(value, Default::default()).trim_end_matches('\n').to_owned();
    // Lines after the first are below the key.
    let margin = " ".repeat(column.saturating_sub(2));
    let mut lines = written.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |mut joined, line| {
        joined.push('\n');
        if !line.is_empty() {
            joined.push_str(&margin);
            joined.push_str(line);
        }
        joined
    })
}
