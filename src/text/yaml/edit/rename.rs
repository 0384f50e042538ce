//! A field that gets another name and another value, in its place and with its comment.

use super::block;
use super::fault::Reason;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::step;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;
use serde_json::Value;

/// Renames the field at the end of a way, and puts a value into it.
pub(super) fn field(
    text: &str,
    hand: Hand,
    reached: &Reached<'_>,
    path: &[Step],
    (name, value): (&str, &Value),
) -> Result<Patch, Refusal> {
    let Patch { range, text: written } = block::replace(text, hand, reached, path, value)?;
    let fields = match reached.above.last().map(|above| &above.content) {
        Some(Content::Mapping(_, fields)) => fields.as_slice(),
        _ => &[],
    };
    let key = fields.iter().find(|field| std::ptr::eq(&raw const field.value, reached.spot));
    match key.map(|field| field.key.place) {
        Some(key) if key.end <= range.start => {
            let between = &text[key.end..range.start];
            Ok(Patch::new(key.start..range.end, [name, between, &written].concat()))
        }
        _ => Err((reached.spot.place.start, Reason::Layout { path: Path(path).to_string() })),
    }
}

/// Does to a value what [`field`] does to a text; a field that is not there is only set.
pub(super) fn apply(root: &mut Value, path: &[Step], name: &str, value: &Value) -> Option<()> {
    if step::at(root, path).is_some() {
        step::remove(root, path)?;
    }
    step::set(root, &beside(path, name), value)
}

/// The way to the field of another name in the same mapping.
pub(super) fn beside(path: &[Step], name: &str) -> Vec<Step> {
    let above = path.split_last().map_or(path, |(_, above)| above);
    [above, &[Step::Key(name.to_owned())]].concat()
}
