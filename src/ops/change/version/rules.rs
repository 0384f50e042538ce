//! The entries about images that are applied one after the other.

use crate::render::kustomize::Image;
use crate::render::kustomize::ImageEntries;
use std::borrow::Cow;

/// Where an entry about an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// In the spec of the Flux Kustomization.
    Spec(usize),
    /// In a kustomization, by its place, and that of the entry.
    File(usize, usize),
}

/// An entry that is applied.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a> {
    pub(super) image: Cow<'a, Image>,
    pub(super) at: At,
}

/// The entries of a kustomization in their order.
#[derive(Debug, Default)]
pub(super) struct Rules<'a> {
    pub(super) all: Vec<Rule<'a>>,
    entries: ImageEntries<'a>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(all: Vec<Rule<'a>>) -> Self {
        Self { entries: ImageEntries::new(all.iter().map(|rule| rule.image.clone()).collect()), all }
    }

    /// Applies all entries to an image, and tells which of them changed it, with the result of each.
    ///
    /// # Errors
    /// A name that is not a pattern.
    pub(super) fn apply(&self, image: &str) -> anyhow::Result<Vec<(At, String)>> {
        let mut changes: Vec<(At, String)> = Vec::new();
        let mut from = 0;
        loop {
            let present = changes.last().map_or(image, |(_, last)| last.as_str());
            let Some(number) = self.entries.next(present, from)? else { return Ok(changes) };
            let changed = self.entries.changed(number, present)?;
            changes.extend(changed.map(|changed| (self.all[number].at, changed)));
            from = number + 1;
        }
    }
}
