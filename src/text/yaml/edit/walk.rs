//! The way through a document to the node that is edited, and what is refused on it.

use super::fault::Reason;
use super::spot::Content;
use super::spot::Field;
use super::spot::PlacedNode;
use super::step::Path;
use super::step::Step;

/// The node at the end of a way, or where the way ends.
pub(super) struct Reached<'a> {
    pub spot: &'a PlacedNode,
    /// The collections that it is in, from the root.
    pub above: Vec<&'a PlacedNode>,
    /// How many steps were gone.
    pub steps: usize,
}

/// A refusal, and the byte where the reason is.
pub(super) type Refusal = (usize, Reason);

impl<'a> Reached<'a> {
    /// Goes as far as there are nodes.
    ///
    /// # Errors
    /// An anchor, an alias, a tag, a merge or a repeated key on the way.
    pub(super) fn go(root: &'a PlacedNode, path: &[Step], text: &str) -> Result<Self, Refusal> {
        let mut reached = Self { spot: root, above: Vec::new(), steps: 0 };
        check(root, &path[..0], text)?;
        for (number, step) in path.iter().enumerate() {
            let next = match (step, &reached.spot.content) {
                (Step::Key(key), Content::Mapping(_, fields)) => field(fields, key, &path[..=number])?,
                (Step::Item(item), Content::Sequence(_, items)) => items.get(*item),
                _ => None,
            };
            let Some(next) = next else { return Ok(reached) };
            check(next, &path[..=number], text)?;
            reached.above.push(reached.spot);
            (reached.spot, reached.steps) = (next, number + 1);
        }
        Ok(reached)
    }

    /// Whether the node is inside of `[]` or `{}`.
    pub(super) fn is_in_flow(&self) -> bool {
        self.above.last().is_some_and(|above| above.is_flow())
    }
}

/// The value of a field, which must be written once and not be merged.
pub(super) fn field<'a>(
    fields: &'a [Field],
    key: &str,
    path: &[Step],
) -> Result<Option<&'a PlacedNode>, Refusal> {
    let shown = || Path(path).to_string();
    if let Some(merge) = fields.iter().find(|field| field.name.is_none()) {
        return Err((
            merge.key.place.start,
            Reason::Merged { path: Path(&path[..path.len() - 1]).to_string() },
        ));
    }
    let mut found = fields.iter().filter(|field| field.name.as_deref() == Some(key));
    let first = found.next();
    match found.next() {
        Some(second) => Err((second.key.place.start, Reason::Repeated { path: shown() })),
        None => Ok(first.map(|field| &field.value)),
    }
}

fn check(spot: &PlacedNode, path: &[Step], text: &str) -> Result<(), Refusal> {
    let start = spot.place.start;
    let shown = || Path(path).to_string();
    if matches!(spot.content, Content::Alias) {
        return Err((start, Reason::Alias { path: shown() }));
    }
    if text[start..spot.place.end].starts_with(['&', '!']) {
        let word = text[start..].split_whitespace().next().unwrap_or_default().to_owned();
        return Err((start, Reason::Marked { path: shown(), word }));
    }
    Ok(())
}
