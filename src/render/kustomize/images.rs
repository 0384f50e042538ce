//! Names, tags and digests of images.

use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::file::Image;
use super::set::Set;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;
use regex::Regex;

/// Changes the image wherever a container names it, in every kind but definitions.
///
/// # Errors
/// A name that is not a pattern; a place that holds something else than an image.
pub(super) fn set(set: &mut Set, image: &Image, specs: &[FieldSpec]) -> anyhow::Result<()> {
    let pattern = pattern(image)?;
    for resource in set.iter_mut() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        let named = resource.named();
        let mut change = |node: &mut Node| replace(node, image, &pattern);
        visit_containers(&mut resource.node, &mut change).with_context(|| named.to_string())?;
        for spec in specs {
            spec.apply(&mut resource.node, Make::Nothing, &mut change).with_context(|| named.to_string())?;
        }
    }
    Ok(())
}

/// What an entry makes of an image; `None` if it is about another one.
///
/// # Errors
/// A name that is not a pattern.
pub fn changed(present: &str, image: &Image) -> anyhow::Result<Option<String>> {
    if !may_begin(present, &image.name) {
        return Ok(None);
    }
    Ok(pattern(image)?.is_match(present).then(|| renamed(present, image)))
}

/// Whether a text may begin with what a name matches; a pattern is compiled only then.
fn may_begin(text: &str, name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    let begins = || name.bytes().zip(text.bytes()).all(|(wanted, byte)| wanted == byte || wanted == b'.');
    !name.bytes().all(is_plain) || (name.len() <= text.len() && begins())
}

fn pattern(image: &Image) -> anyhow::Result<Regex> {
    let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name);
    Regex::new(&pattern).with_context(|| format!("the image \"{}\"", image.name))
}

fn visit_containers(
    node: &mut Node,
    change: &mut dyn FnMut(&mut Node) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match node {
        Node::Scalar(_) => Ok(()),
        Node::Sequence(items) => items.iter_mut().try_for_each(|item| visit_containers(item, change)),
        Node::Mapping(fields) => {
            for (key, value) in fields {
                visit_containers(value, change)?;
                let Node::Sequence(items) = value else { continue };
                if ["containers", "initContainers"].contains(&key.as_str()) {
                    for item in items.iter_mut().filter(|item| !item.is_null()) {
                        anyhow::ensure!(
                            matches!(item, Node::Mapping(_)),
                            "an item of {key} is not a mapping"
                        );
                        if let Some(image) = item.get_mut("image") {
                            change(image)?;
                        }
                    }
                }
            }
            Ok(())
        }
    }
}

fn replace(node: &mut Node, image: &Image, pattern: &Regex) -> anyhow::Result<()> {
    let Node::Scalar(scalar) = node else { anyhow::bail!("an image is not a scalar") };
    if pattern.is_match(&scalar.text) {
        let text = renamed(&scalar.text, image);
        scalar.put(&text, Tag::Unset);
    }
    Ok(())
}

fn renamed(present: &str, image: &Image) -> String {
    let (name, mut tag, mut digest) = parts(present);
    let name = if image.new_name.is_empty() { name } else { &image.new_name };
    let suffixed = format!("{tag}{}", image.tag_suffix);
    match (image.new_tag.as_str(), image.digest.as_str()) {
        ("", "") if image.tag_suffix.is_empty() => {}
        ("", "") => (tag, digest) = (&suffixed, ""),
        ("", new) => (tag, digest) = ("", new),
        (new_tag, new) => (tag, digest) = (new_tag, new),
    }
    let mut text = name.to_owned();
    for (mark, part) in [(':', tag), ('@', digest)] {
        if !part.is_empty() {
            text.push(mark);
            text.push_str(part);
        }
    }
    text
}

/// Name, tag and digest; a colon before the first slash belongs to the name.
pub fn parts(image: &str) -> (&str, &str, &str) {
    let start = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let place = |mark: char| image[start..].find(mark).map(|at| at + start);
    match (place(':'), place('@')) {
        (None, None) => (image, "", ""),
        (colon, Some(at)) if colon.is_none_or(|colon| at < colon) => (&image[..at], "", &image[at + 1..]),
        (Some(colon), Some(at)) => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
        (None, Some(at)) => (&image[..at], "", &image[at + 1..]),
    }
}
