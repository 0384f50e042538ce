//! Paths of replacements: fields, indices, `[key=value]` and `*`, separated by dots.

use super::fieldspec;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;
use regex::Regex;

/// One step on the way to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// What is created where a path ends in nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Create {
    Scalar,
    Sequence,
    Mapping,
}

impl Create {
    /// Something of the shape of this node.
    pub(super) fn like(node: &Node) -> Self {
        match node {
            Node::Scalar(_) => Self::Scalar,
            Node::Sequence(_) => Self::Sequence,
            Node::Mapping(_) => Self::Mapping,
        }
    }

    fn node(self) -> Node {
        match self {
            Self::Scalar => Node::plain("", Tag::Unset),
            Self::Sequence => Node::Sequence(Vec::new()),
            Self::Mapping => Node::empty_mapping(),
        }
    }
}

/// The parts of a path; what is between brackets is one part.
pub(super) fn split(path: &str) -> Vec<String> {
    let pieces = fieldspec::split(path, '.');
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece.clone());
            continue;
        }
        let mut bracketed = piece.clone();
        while let Some(more) = pieces.get(at) {
            at += 1;
            bracketed.push('.');
            bracketed.push_str(more);
            if more.ends_with(']') {
                break;
            }
        }
        if bracketed.contains('=') {
            parts.push(bracketed);
        } else {
            parts.push(bracketed.trim_matches(['[', ']']).to_owned());
        }
    }
    parts
}

fn is_selector(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

fn key_value(part: &str) -> anyhow::Result<(&str, &str)> {
    let inner = part.trim_end_matches(']').trim_start_matches('[');
    inner.split_once('=').with_context(|| format!("\"{part}\" is not of the form [key=value]"))
}

/// The one node at a path without patterns.
///
/// # Errors
/// A `*`, a selector that cannot be read, a scalar in the middle.
pub(super) fn lookup<'a>(node: &'a Node, path: &[String]) -> anyhow::Result<Option<&'a Node>> {
    let mut at = node;
    for part in path.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        let next = if let Ok(index) = part.parse::<usize>() {
            items(at, part)?.get(index)
        } else if part == "-" {
            items(at, part)?.last()
        } else if part == "*" {
            anyhow::bail!("\"*\" cannot be used in the path of a source");
        } else if is_selector(part) {
            let (key, value) = key_value(part)?;
            items(at, part)?.iter().find(|item| {
                if key.is_empty() {
                    item.as_text() == value
                } else {
                    item.get(key).is_some_and(|field| field.as_text() == value)
                }
            })
        } else {
            field(at, part)?
        };
        let Some(next) = next else { return Ok(None) };
        at = next;
    }
    Ok(Some(at))
}

fn items<'a>(node: &'a Node, part: &str) -> anyhow::Result<&'a [Node]> {
    match node {
        Node::Sequence(items) => Ok(items),
        node if node.is_null() => Ok(&[]),
        _ => anyhow::bail!("there is no list for \"{part}\""),
    }
}

fn field<'a>(node: &'a Node, part: &str) -> anyhow::Result<Option<&'a Node>> {
    match node {
        Node::Mapping(_) => Ok(node.get(part)),
        node if node.is_null() => Ok(None),
        _ => anyhow::bail!("there is no mapping for \"{part}\""),
    }
}

/// The ways to every node at a path; what is missing is created when `create` says of what shape.
///
/// # Errors
/// A pattern that cannot be read, an index behind the end, another shape than the path needs.
pub(super) fn find(
    node: &mut Node,
    path: &[String],
    create: Option<Create>,
) -> anyhow::Result<Vec<Vec<Step>>> {
    let Some((part, rest)) = path.split_first() else { return Ok(vec![Vec::new()]) };
    anyhow::ensure!(!part.is_empty(), "a part of the path is empty");
    if let Ok(index) = part.parse::<usize>() {
        let length = items(node, part)?.len();
        if length == index
            && let (Some(create), Node::Sequence(items)) = (create, &mut *node)
        {
            items.push(shape_before(rest, create).node());
        }
        let found = items(node, part)?.len();
        anyhow::ensure!(index < found, "there are {found} items, but the index is {index}");
        return below(node, index, rest, create);
    }
    if is_selector(part) {
        return find_selected(node, part, rest, create);
    }
    if part == "*" {
        let mut ways = Vec::new();
        for index in 0..items(node, part)?.len() {
            ways.extend(below(node, index, rest, create)?);
        }
        return Ok(ways);
    }
    if field(node, part)?.is_none() {
        let Some(create) = create else { return Ok(Vec::new()) };
        node.set(part, shape_before(rest, create).node());
    }
    let Some(inner) = node.get_mut(part) else { return Ok(Vec::new()) };
    if matches!(inner, Node::Scalar(_)) && !inner.is_null() && !rest.is_empty() {
        return Ok(Vec::new());
    }
    Ok(prefixed(Step::Field(part.clone()), find(inner, rest, create)?))
}

/// What must be where the rest of a path continues.
fn shape_before(rest: &[String], create: Create) -> Create {
    match rest.first() {
        None => create,
        Some(next) if is_selector(next) || next.parse::<usize>().is_ok() => Create::Sequence,
        Some(_) => Create::Mapping,
    }
}

fn below(
    node: &mut Node,
    index: usize,
    rest: &[String],
    create: Option<Create>,
) -> anyhow::Result<Vec<Vec<Step>>> {
    match node {
        Node::Sequence(items) => Ok(prefixed(Step::Item(index), find(&mut items[index], rest, create)?)),
        _ => Ok(Vec::new()),
    }
}

fn prefixed(step: Step, ways: Vec<Vec<Step>>) -> Vec<Vec<Step>> {
    ways.into_iter().map(|way| std::iter::once(step.clone()).chain(way).collect()).collect()
}

/// `[key=pattern]`: the items whose field fits; `[=pattern]`: the scalars that fit.
fn find_selected(
    node: &mut Node,
    part: &str,
    rest: &[String],
    create: Option<Create>,
) -> anyhow::Result<Vec<Vec<Step>>> {
    let (key, value) = key_value(part)?;
    let pattern = Regex::new(value).with_context(|| format!("the pattern \"{value}\""))?;
    let mut ways = Vec::new();
    for index in 0..items(node, part)?.len() {
        let item = &items(node, part)?[index];
        if key.is_empty() {
            if pattern.is_match(item.as_text()) {
                ways.push(vec![Step::Item(index)]);
            }
        } else if item.get(key).is_some_and(|field| pattern.is_match(field.as_text())) {
            ways.extend(below(node, index, rest, create)?);
        }
    }
    if ways.is_empty()
        && create.is_some()
        && let Node::Sequence(items) = &mut *node
    {
        let value = Node::plain(value, Tag::Unset);
        items.push(if key.is_empty() { value } else { Node::Mapping(vec![(key.to_owned(), value)]) });
        return find_selected(node, part, rest, None).and_then(|found| {
            // The new item may need fields of its own.
            if found.is_empty() && !key.is_empty() {
                below(node, last(node), rest, create)
            } else {
                Ok(found)
            }
        });
    }
    Ok(ways)
}

fn last(node: &Node) -> usize {
    node.items().len().saturating_sub(1)
}

/// The one node at a path without patterns, which is created if it is missing: fields, and items that a selector names.
///
/// # Errors
/// As [`lookup`].
pub(super) fn lookup_or_create<'a>(
    node: &'a mut Node,
    path: &[String],
) -> anyhow::Result<Option<&'a mut Node>> {
    let parts: Vec<&str> = path.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    let mut at = node;
    for (place, part) in parts.iter().enumerate() {
        let made = match parts.get(place + 1) {
            None => Create::Scalar,
            Some(next) if *next == "-" || is_selector(next) || next.parse::<usize>().is_ok() => {
                Create::Sequence
            }
            Some(_) => Create::Mapping,
        };
        let next = if let Ok(index) = part.parse::<usize>() {
            items(at, part)?;
            item_mut(at, index)
        } else if *part == "-" {
            items(at, part)?;
            let last = last(at);
            item_mut(at, last)
        } else if *part == "*" {
            anyhow::bail!("wildcard is not supported");
        } else if is_selector(part) {
            let index = selected_or_created(at, part)?;
            item_mut(at, index)
        } else {
            if at.is_null() {
                return Ok(None);
            }
            if field(at, part)?.is_none() {
                at.set(part, made.node());
            }
            at.get_mut(part)
        };
        let Some(next) = next else { return Ok(None) };
        at = next;
    }
    Ok(Some(at))
}

fn item_mut(node: &mut Node, index: usize) -> Option<&mut Node> {
    match node {
        Node::Sequence(items) => items.get_mut(index),
        _ => None,
    }
}

/// The place of the item with this key and value.
fn selected_or_created(node: &mut Node, part: &str) -> anyhow::Result<usize> {
    let (key, value) = key_value(part)?;
    let is_it = |item: &Node| {
        if key.is_empty() {
            item.as_text() == value
        } else {
            item.get(key).is_some_and(|field| field.as_text() == value)
        }
    };
    if let Some(index) = items(node, part)?.iter().position(is_it) {
        return Ok(index);
    }
    let item = Node::plain(value, Tag::Unset);
    if let Node::Sequence(items) = node {
        items.push(if key.is_empty() { item } else { Node::Mapping(vec![(key.to_owned(), item)]) });
    }
    Ok(last(node))
}

/// The node at the end of a way.
pub(super) fn node_at<'a>(node: &'a mut Node, way: &[Step]) -> Option<&'a mut Node> {
    way.iter().try_fold(node, |node, step| match (node, step) {
        (node @ Node::Mapping(_), Step::Field(name)) => node.get_mut(name),
        (Node::Sequence(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    })
}
