//! What is written inside of `[]` and `{}`.

use super::super::emit::to_string_indented;
use super::super::scan::ScalarStyle;
use super::fault::Reason;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::spot::PlacedNode;
use super::spot::line_start;
use super::walk::Refusal;
use serde_json::Value;

/// A value for a flow collection; as JSON where its neighbours are written so.
pub(super) fn written(value: &Value, above: &PlacedNode, text: &str) -> String {
    if is_json(above) || text[above.place.start..].starts_with("[\"") {
        return value.to_string();
    }
    plain(value)
}

fn is_json(above: &PlacedNode) -> bool {
    let Content::Mapping(_, fields) = &above.content else { return false };
    let style = fields.first().map(|field| &field.key.content);
    matches!(style, Some(Content::Scalar { style: ScalarStyle::Double, .. }))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| pair(key, value));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        scalar => {
            let written = to_string_indented(scalar, Default::default()).trim_end().to_owned();
            let is_unsafe =
                written.contains([',', '[', ']', '{', '}', '\n', '?']) && !written.starts_with(['\'', '"']);
            match scalar {
                Value::String(_) if is_unsafe || written.contains('\n') => scalar.to_string(),
                _ => written,
            }
        }
    }
}

fn pair(key: &str, value: &Value) -> String {
    format!("{}: {}", plain(&Value::String(key.to_owned())), plain(value))
}

/// Adds a field, or without a name an item, behind the last entry of a flow collection.
pub(super) fn add(
    text: &str,
    hand: Hand,
    collection: &PlacedNode,
    name: Option<&str>,
    value: &Value,
    path: String,
) -> Result<Patch, Refusal> {
    let entry = match name {
        Some(name) if is_json(collection) => format!("{}: {value}", Value::from(name)),
        Some(name) => pair(name, value),
        None => written(value, collection, text),
    };
    let last = match &collection.content {
        Content::Sequence(_, items) => items.last().map(|last| last.place),
        Content::Mapping(_, fields) => fields.last().map(|last| {
            let mut place = last.value.place;
            place.start = last.key.place.start;
            place
        }),
        _ => None,
    };
    let place = collection.place;
    let Some(last) = last else {
        return match text[place.start + 1..place.end - 1].trim() {
            "" => Ok(Patch::new(place.start + 1..place.end - 1, entry)),
            _ => Err((place.start, Reason::Layout { path })),
        };
    };
    let margin = &text[line_start(text, last.start)..last.start];
    let is_alone = margin.trim().is_empty() && text[place.start..last.start].contains('\n');
    if !is_alone {
        return Ok(Patch::new(last.end..last.end, format!(", {entry}")));
    }
    let rest = text[last.end..].lines().next().unwrap_or_default();
    if rest.contains('#') {
        return Err((last.end, Reason::Layout { path }));
    }
    Ok(Patch::new(last.end..last.end, format!(",{}{margin}{entry}", hand.line_end)))
}
