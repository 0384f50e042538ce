//! A place in resources of some kinds: what transformers change.

use super::id;
use super::id::Gvk;
use super::order;
use crate::text::yaml::Node;
use crate::text::yaml::Scalar;
use crate::text::yaml::Tag;
use crate::text::yaml::Twin;
use serde::Deserialize;
use std::borrow::Cow;

/// Which kinds, and the path to the field; `create` makes what is missing on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct FieldSpec {
    pub group: Cow<'static, str>,
    pub version: Cow<'static, str>,
    pub kind: Cow<'static, str>,
    pub path: Cow<'static, str>,
    pub create: bool,
}

/// What is created at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Make {
    Nothing,
    Scalar,
    Mapping,
}

type Change<'a> = &'a mut dyn FnMut(&mut Node) -> anyhow::Result<()>;

impl FieldSpec {
    pub(super) fn new(
        group: &'static str,
        version: &'static str,
        kind: impl Into<Cow<'static, str>>,
        path: impl Into<Cow<'static, str>>,
        create: bool,
    ) -> Self {
        Self { group: group.into(), version: version.into(), kind: kind.into(), path: path.into(), create }
    }

    pub(super) fn gvk(&self) -> Gvk {
        Gvk { group: self.group.to_string(), version: self.version.to_string(), kind: self.kind.to_string() }
    }

    /// Calls `change` with every node at the path of an object of this kind.
    ///
    /// # Errors
    /// A scalar in the middle of the path; what `change` says.
    pub(super) fn apply(&self, object: &mut Node, make: Make, change: Change<'_>) -> anyhow::Result<()> {
        let (group, version) = id::split(object.text_at(&["apiVersion"]));
        let is_meant = self.selects(group, version, object.text_at(&["kind"]));
        if is_meant { self.apply_anyway(object, make, change) } else { Ok(()) }
    }

    /// Whether objects of this type are meant.
    pub(super) fn selects_type(&self, gvk: &Gvk) -> bool {
        self.selects(&gvk.group, &gvk.version, &gvk.kind)
    }

    fn selects(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        fits(&self.kind, kind) && fits(&self.group, group) && fits(&self.version, version)
    }

    /// The same without a look at the kind.
    ///
    /// # Errors
    /// As [`FieldSpec::apply`].
    pub(super) fn apply_anyway(
        &self,
        object: &mut Node,
        make: Make,
        change: Change<'_>,
    ) -> anyhow::Result<()> {
        let parts = split(&self.path, '/');
        let make = if self.create { make } else { Make::Nothing };
        walk(object, &parts, make, change)
            .map_err(|error| error.context(format!("the field \"{}\"", self.path)))
    }
}

fn walk(node: &mut Node, path: &[String], make: Make, change: Change<'_>) -> anyhow::Result<()> {
    let Some((first, rest)) = path.split_first() else { return change(node) };
    if node.is_null() {
        return Ok(());
    }
    match node {
        Node::Sequence(items) => items.iter_mut().try_for_each(|item| walk(item, path, make, change)),
        Node::Scalar(_) => anyhow::bail!("a mapping or a sequence was expected"),
        Node::Mapping(_) => {
            let (name, is_sequence) = match first.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (first.as_str(), false),
            };
            anyhow::ensure!(!name.is_empty(), "a field without a name");
            let fresh = match (is_sequence, make, rest.is_empty()) {
                (true, ..) => Some(Node::Sequence(Vec::new())),
                (false, Make::Nothing, _) => None,
                (false, Make::Scalar, true) => Some(Node::plain("", Tag::Unset)),
                (false, ..) => Some(Node::empty_mapping()),
            };
            let is_made = fresh.is_some() && !is_sequence;
            match (node.get_mut(name), fresh) {
                // The text of a null, `null` or `~`, becomes that of the scalar.
                (Some(Node::Scalar(null)), Some(Node::Scalar(fresh))) if null.is_null() => {
                    null.tag = fresh.tag
                }
                (Some(field), Some(fresh)) if field.is_null() => *field = fresh,
                (None, Some(fresh)) if is_made => node.set(name, fresh),
                _ => {}
            }
            node.get_mut(name).map_or(Ok(()), |field| walk(field, rest, make, change))
        }
    }
}

/// The parts of a path; `\/` is not a separator. A leading separator is ignored.
pub(super) fn split(path: &str, separator: char) -> Vec<String> {
    let mut pieces = path.split(separator).peekable();
    if path.contains(separator) && pieces.peek() == Some(&"") {
        pieces.next();
    }
    let mut parts: Vec<String> = Vec::new();
    for piece in pieces {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push(separator);
                last.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// Sets an entry of a mapping to a string. One that is added becomes one with what else is added for this twin.
///
/// # Errors
/// The node is something else.
pub(super) fn set_entry(node: &mut Node, key: &str, value: &str, twin: Twin) -> anyhow::Result<()> {
    match node {
        Node::Mapping(_) => {
            // A key is written as it is, and has to be read again as a string.
            let is_text =
                matches!(Node::plain(key, Tag::Implicit), Node::Scalar(scalar) if scalar.is_string());
            match node.get_mut(key) {
                Some(Node::Scalar(present)) => present.put(value, Tag::Text),
                Some(present) => *present = Node::text(value),
                None => {
                    anyhow::ensure!(is_text, "the key \"{key}\" is not a string");
                    let Node::Scalar(scalar) = Node::text(value) else { return Ok(()) };
                    node.set(key, Node::Scalar(Scalar { twin, ..scalar }));
                }
            }
            Ok(())
        }
        node if node.is_null() => Ok(()),
        _ => anyhow::bail!("a mapping was expected"),
    }
}

/// Puts a scalar in the place of a scalar.
///
/// # Errors
/// The node is not a scalar.
pub(super) fn set_scalar(node: &mut Node, text: &str, tag: Tag) -> anyhow::Result<()> {
    let Node::Scalar(scalar) = node else { anyhow::bail!("a scalar was expected") };
    scalar.put(text, tag);
    Ok(())
}

/// Puts fields in kustomize's order.
pub(super) fn sort(specs: &mut [FieldSpec]) {
    specs.sort_by_cached_key(|spec| order::type_order(&spec.gvk()));
}

/// Adds specs that are not there yet.
///
/// # Errors
/// One that is there with another `create`.
pub(super) fn merge(specs: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> anyhow::Result<()> {
    for spec in more {
        let is_it =
            |own: &&FieldSpec| own.path == spec.path && spec.selects(&own.group, &own.version, &own.kind);
        match specs.iter().find(is_it) {
            Some(own) => anyhow::ensure!(own.create == spec.create, "conflicting fields \"{}\"", spec.path),
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}
