//! The entries about images that are applied one after the other, found by the name that they are for.

use crate::render::kustomize::Image;
use crate::render::kustomize::changed_image;
use std::borrow::Cow;
use std::collections::HashMap;

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

/// The entries of a kustomization in their order. Their names are patterns, but nearly always plain apart from the dots of a host.
#[derive(Debug, Default)]
pub(super) struct Rules<'a> {
    pub(super) all: Vec<Rule<'a>>,
    /// By the part of the name behind its last dot, with which every match ends.
    by_end: HashMap<String, Vec<usize>>,
    /// Those with other special characters.
    patterns: Vec<usize>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(all: Vec<Rule<'a>>) -> Self {
        let mut rules = Self::default();
        for (number, rule) in all.iter().enumerate() {
            let name = &rule.image.name;
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
            if name.bytes().all(is_plain) {
                let end = name.rsplit('.').next().unwrap_or(name);
                rules.by_end.entry(end.to_owned()).or_default().push(number);
            } else {
                rules.patterns.push(number);
            }
        }
        rules.all = all;
        rules
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
            let Some((number, changed)) = self.next(present, from)? else { return Ok(changes) };
            changes.push((self.all[number].at, changed));
            from = number + 1;
        }
    }

    /// The first entry from this one on that changes an image.
    fn next(&self, image: &str, from: usize) -> anyhow::Result<Option<(usize, String)>> {
        let mut candidates: Vec<usize> = self.patterns.clone();
        for name in names(image) {
            let ends = name.char_indices().map(|(at, _)| &name[at..]).chain([""]);
            candidates.extend(ends.filter_map(|end| self.by_end.get(end)).flatten());
        }
        candidates.retain(|number| *number >= from);
        candidates.sort_unstable();
        candidates.dedup();
        for number in candidates {
            if let Some(changed) = changed_image(image, &self.all[number].image)? {
                return Ok(Some((number, changed)));
            }
        }
        Ok(None)
    }
}

/// The names that an entry for an image may have: the image with or without its tag and its digest.
fn names(image: &str) -> [&str; 4] {
    let untagged = |text: &'_ str| text.rfind(':').unwrap_or(text.len());
    let tagged = &image[..image.rfind('@').unwrap_or(image.len())];
    [image, &image[..untagged(image)], tagged, &tagged[..untagged(tagged)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_as_if_each_were_tried() {
        let names = [
            "nginx",
            "ghcr.io/acme/shop",
            "ghcr.io",
            "ngin.",
            "shop",
            "n[a-z]*",
            "h:5000/a",
            "nginx:1",
            ".",
            "mirror/nginx",
            "ghcr.io/acme/shop:1.0",
            "",
            "a.",
            "nginx",
        ];
        let images = [
            "nginx",
            "nginx:1.25",
            "nginx:1@sha256:00",
            "nginx@sha256:00",
            "ghcr.io/acme/shop:1.0",
            "ghcrXio/acme/shop",
            "h:5000/a:1",
            "x",
            "a\u{e4}:1",
            "nginx:1:2",
            "",
            ":1",
        ];
        let rule = |(number, name): (usize, &&str)| {
            let new_name = if number % 3 == 0 { "mirror/nginx".to_owned() } else { String::new() };
            let new_tag = number.to_string();
            let image = Image { name: (*name).to_owned(), new_name, new_tag, ..Image::default() };
            Rule { image: Cow::Owned(image), at: At::Spec(number) }
        };
        let rules = Rules::new(names.iter().enumerate().map(rule).collect());
        let mut hits = 0;
        for image in images {
            let mut wanted: Vec<(At, String)> = Vec::new();
            for rule in &rules.all {
                let present = wanted.last().map_or(image, |(_, last)| last.as_str());
                if let Some(changed) = changed_image(present, &rule.image).unwrap() {
                    wanted.push((rule.at, changed));
                }
            }
            assert_eq!(rules.apply(image).unwrap(), wanted, "{image}");
            hits += wanted.len();
        }
        assert!(hits > images.len(), "{hits}");
    }
}
