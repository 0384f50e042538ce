//! Marks of scalars that are one.

/// Which scalars of a document are one, and how often one was changed. Scalars are compared without it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Twin {
    /// Zero when there is no other.
    group: u32,
    changes: u32,
}

impl PartialEq for Twin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Twin {}

impl Twin {
    /// One of a group, which has a number above zero.
    pub fn of(group: u32) -> Self {
        Self { group, changes: 0 }
    }

    /// The number of the group, when there is one.
    pub fn group(self) -> Option<u32> {
        (self.group > 0).then_some(self.group)
    }

    pub(super) fn changes(self) -> u32 {
        self.changes
    }

    pub(super) fn count_change(&mut self) {
        self.changes += 1;
    }
}
