//! Entries about images, found by the name that they are for.

use super::file::Image;
use super::image_name::renamed;
use anyhow::Context;
use regex::Regex;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

/// The entries of a list in their order. Their names are patterns, but nearly always plain apart from the dots of a host.
#[derive(Debug, Default)]
pub struct ImageEntries<'a> {
    all: Vec<Cow<'a, Image>>,
    /// Those of names with special characters, and those that met an image with such; made when they are needed.
    compiled: Vec<OnceCell<Regex>>,
    /// By the part of the name behind its last dot, with which every match ends.
    by_end: HashMap<String, Vec<usize>>,
    /// Those of names with special characters.
    special: Vec<usize>,
}

impl<'a> ImageEntries<'a> {
    pub fn new(all: Vec<Cow<'a, Image>>) -> Self {
        let mut entries = Self { compiled: vec![OnceCell::new(); all.len()], ..Self::default() };
        for (number, image) in all.iter().enumerate() {
            if is_plain(&image.name) {
                let end = image.name.rsplit('.').next().unwrap_or(&image.name);
                entries.by_end.entry(end.to_owned()).or_default().push(number);
            } else {
                entries.special.push(number);
            }
        }
        entries.all = all;
        entries
    }

    /// The first name that is not a pattern, by its number.
    pub(super) fn bad_pattern(&self) -> Option<(usize, anyhow::Error)> {
        self.special.iter().find_map(|at| Some((*at, self.pattern(*at).err()?)))
    }

    /// The first entry from this one on that is about an image.
    ///
    /// # Errors
    /// A name that is not a pattern.
    pub fn next(&self, image: &str, from: usize) -> anyhow::Result<Option<usize>> {
        let mut candidates: Vec<usize> = self.special.clone();
        for name in names(image) {
            let ends = name.char_indices().map(|(at, _)| &name[at..]).chain([""]);
            candidates.extend(ends.filter_map(|end| self.by_end.get(end)).flatten());
        }
        candidates.retain(|number| *number >= from);
        candidates.sort_unstable();
        candidates.dedup();
        for number in candidates {
            if self.is_about(number, image)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// What an entry makes of an image; `None` if it is about another one.
    ///
    /// # Errors
    /// A name that is not a pattern.
    pub fn changed(&self, at: usize, image: &str) -> anyhow::Result<Option<String>> {
        Ok(self.is_about(at, image)?.then(|| renamed(image, &self.all[at])))
    }

    fn is_about(&self, at: usize, image: &str) -> anyhow::Result<bool> {
        let name = &self.all[at].name;
        if is_plain(name) && image.is_ascii() {
            return Ok(fits(name, image));
        }
        Ok(self.pattern(at)?.is_match(image))
    }

    fn pattern(&self, at: usize) -> anyhow::Result<&Regex> {
        if let Some(known) = self.compiled[at].get() {
            return Ok(known);
        }
        let made = pattern(&self.all[at].name)?;
        Ok(self.compiled[at].get_or_init(|| made))
    }
}

fn pattern(name: &str) -> anyhow::Result<Regex> {
    let pattern = format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$");
    Regex::new(&pattern).with_context(|| format!("the image \"{name}\""))
}

/// Whether a name has no special characters but dots.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte))
}

/// The same as the pattern of a plain name, without compiling it.
fn fits(name: &str, image: &str) -> bool {
    let is_same = |(wanted, byte): (u8, u8)| wanted == byte || (wanted == b'.' && byte != b'\n');
    if image.len() < name.len() || !name.bytes().zip(image.bytes()).all(is_same) {
        return false;
    }
    let part = |c: char| c.is_ascii_alphanumeric() || "_.{}-".contains(c);
    let mut rest = &image[name.len()..];
    for mark in [":", "@sha256:"] {
        rest = rest.strip_prefix(mark).map_or(rest, |behind| behind.trim_start_matches(part));
    }
    rest.is_empty()
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
    fn entries_are_found_as_if_each_pattern_were_tried() {
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
            "nginx@sha1:00",
            "nginx:{1}-b",
            "nginx:1+2",
            "ghcr.io/acme/shop:1.0",
            "ghcrXio/acme/shop",
            "h:5000/a:1",
            "x",
            "a\u{e4}:1",
            "a\n:1",
            "nginx:1:2",
            "",
            ":1",
        ];
        let image = |name: &&str| Cow::Owned(Image { name: (*name).to_owned(), ..Image::default() });
        let entries = ImageEntries::new(names.iter().map(image).collect());
        let mut hits = 0;
        for image in images {
            let is_about = |name: &&str| pattern(name).unwrap().is_match(image);
            let wanted: Vec<usize> = (0..names.len()).filter(|at| is_about(&names[*at])).collect();
            let mut found = Vec::new();
            while let Some(next) =
                entries.next(image, found.last().map_or(0, |last: &usize| last + 1)).unwrap()
            {
                found.push(next);
            }
            assert_eq!(found, wanted, "{image}");
            hits += wanted.len();
        }
        assert!(hits > images.len(), "{hits}");
    }
}
