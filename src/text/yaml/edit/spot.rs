//! A document with the places of its nodes in the text, in bytes.

use super::super::place::Place;
use super::super::place::Places;
use super::super::read;
use super::super::scan::ScalarStyle;
use super::super::tree::Layout;
use super::super::tree::Tree;
use serde_json::Value;

/// A node and where it is.
#[derive(Debug, Clone)]
pub(super) struct PlacedNode {
    pub place: Place,
    pub content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Scalar { text: String, style: ScalarStyle },
    Alias,
    Sequence(Layout, Vec<PlacedNode>),
    Mapping(Layout, Vec<Field>),
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The name as readers take it; `None` for a merge key, and for what is not a name.
    pub name: Option<String>,
    pub key: PlacedNode,
    pub value: PlacedNode,
}

impl PlacedNode {
    /// A document with its places; `bytes` tells where a character begins.
    pub(super) fn of(tree: &Tree, places: &Places, bytes: &Offsets) -> Self {
        let mut places = places.nodes.iter().map(|place| Place {
            lead: bytes.at(place.lead),
            start: bytes.at(place.start),
            end: bytes.at(place.end),
        });
        Self::next(tree, &mut places)
    }

    fn next(tree: &Tree, places: &mut dyn Iterator<Item = Place>) -> Self {
        let place = places.next().unwrap_or_default();
        let mut inner = |tree: &Tree| stacker::maybe_grow(64 << 10, 1 << 20, || Self::next(tree, places));
        let content = match tree {
            Tree::Scalar(leaf) => Content::Scalar { text: leaf.text.clone(), style: leaf.style },
            Tree::Alias(_) => Content::Alias,
            Tree::Sequence(layout, items) => Content::Sequence(*layout, items.iter().map(inner).collect()),
            Tree::Mapping(layout, fields) => {
                let field = |(key, value): &(Tree, Tree)| {
                    let name = if read::is_merge(key) { None } else { read::name(key.clone()).ok() };
                    Field { name, key: inner(key), value: inner(value) }
                };
                Content::Mapping(*layout, fields.iter().map(field).collect())
            }
        };
        Self { place, content }
    }

    pub(super) fn is_flow(&self) -> bool {
        matches!(self.content, Content::Sequence(Layout::Flow, _) | Content::Mapping(Layout::Flow, _))
    }

    /// A collection that has entries and is written over lines.
    pub(super) fn is_block(&self) -> bool {
        matches!(self.content, Content::Sequence(Layout::Block, _) | Content::Mapping(Layout::Block, _))
    }

    /// Nothing was written here.
    pub(super) fn is_blank(&self) -> bool {
        self.place.start == self.place.end
    }

    pub(super) fn word(&self) -> &'static str {
        match self.content {
            Content::Scalar { .. } => "scalar",
            Content::Alias => "reference to an anchor",
            Content::Sequence(..) => "list",
            Content::Mapping(..) => "mapping",
        }
    }

    /// How often each kind of indentation below a key occurs: of mappings, and of sequences.
    pub(super) fn indentations(&self, text: &str, mappings: &mut Vec<usize>, sequences: &mut Vec<usize>) {
        match &self.content {
            Content::Sequence(_, items) => {
                items.iter().for_each(|item| item.indentations(text, mappings, sequences));
            }
            Content::Mapping(Layout::Block, fields) => {
                for field in fields {
                    let outer = column(text, field.key.place.lead);
                    match &field.value.content {
                        Content::Mapping(Layout::Block, inner) => {
                            let inner = inner.first().map(|inner| column(text, inner.key.place.lead));
                            mappings.extend(inner.and_then(|inner| inner.checked_sub(outer)));
                        }
                        Content::Sequence(Layout::Block, items) => {
                            let inner = items.first().map(|item| column(text, item.place.lead));
                            sequences.extend(inner.and_then(|inner| inner.checked_sub(outer)));
                        }
                        _ => {}
                    }
                    field.value.indentations(text, mappings, sequences);
                }
            }
            _ => {}
        }
    }
}

/// How many characters are before this byte in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[line_start(text, at)..at].chars().filter(|c| *c != '\u{feff}').count()
}

/// Where the line of this byte begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line after what ends here begins; what ends with a line ends there.
pub(super) fn line_end(text: &str, end: usize) -> usize {
    if end > 0 && text.as_bytes()[end - 1] == b'\n' {
        return end;
    }
    text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1)
}

/// From characters to bytes.
pub(super) struct Offsets {
    /// The bytes of a byte order mark.
    skipped: usize,
    /// Where each character begins, and the end; empty when every character is one byte.
    starts: Vec<usize>,
}

impl Offsets {
    pub(super) fn of(text: &str) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let skipped = text.len() - rest.len();
        let mut starts = Vec::new();
        if !rest.is_ascii() {
            starts.extend(rest.char_indices().map(|(at, _)| at));
            starts.push(rest.len());
        }
        Self { skipped, starts }
    }

    pub(super) fn at(&self, character: usize) -> usize {
        self.skipped + if self.starts.is_empty() { character } else { self.byte(character) }
    }

    fn byte(&self, character: usize) -> usize {
        self.starts.get(character).or(self.starts.last()).copied().unwrap_or_default()
    }
}

/// A document of a file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Where its `---` is, or the beginning of the text.
    pub begin: usize,
    pub root: PlacedNode,
    pub value: Value,
}
