//! Where the nodes of a document are in its text. Everything is counted in characters from zero, as the scanner counts.

use super::scan::Mark;
use super::scan::Token;
use super::scan::TokenKind;

/// The place of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The `-`, `?` or `:` before the node. A key without `?` has its own beginning.
    pub lead: usize,
    /// The first character, which may be that of an anchor or a tag.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
}

/// The places of a document's nodes, in the order in which they begin.
#[derive(Debug, Default)]
pub(super) struct Places {
    is_noting: bool,
    pub nodes: Vec<Place>,
    /// Where the document begins: its first directive, its `---`, or the beginning of the text.
    pub document: usize,
    lead: usize,
    end: usize,
}

impl Places {
    pub(super) fn noting() -> Self {
        Self { is_noting: true, ..Self::default() }
    }

    /// A token was taken.
    pub(super) fn pass(&mut self, token: &Token) {
        if matches!(token.kind, TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value) {
            self.lead = token.start.index;
        }
        if token.end.index > token.start.index {
            self.end = token.end.index;
        }
    }

    /// A node begins. Returns its number.
    pub(super) fn open(&mut self, start: Mark) -> usize {
        if self.is_noting {
            let start = start.index;
            self.nodes.push(Place { lead: self.lead, start, end: start });
        }
        self.nodes.len().saturating_sub(1)
    }

    /// A node has ended.
    pub(super) fn close(&mut self, number: usize) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.end = self.end.max(node.start);
        }
    }

    /// A node that was left empty.
    pub(super) fn empty(&mut self) {
        if self.is_noting {
            self.nodes.push(Place { lead: self.lead, start: self.end, end: self.end });
        }
    }
}
