//! One edit of a sequence of numbers, which stand for characters or for lines.

/// What happens to a part of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Keep,
    Insert,
    Delete,
}

/// One edit. Insertions and deletions may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) action: Action,
    pub(super) part: Vec<u32>,
}

impl Edit {
    pub(super) fn new(action: Action, part: &[u32]) -> Self {
        Self { action, part: part.to_vec() }
    }
}

pub(super) fn common_prefix(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

pub(super) fn common_suffix(a: &[u32], b: &[u32]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}
