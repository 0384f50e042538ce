//! A value that is put into fields, alone or as a part of a path.

use super::super::decode;
use super::super::decode::Rules;
use super::super::fieldspec;
use super::super::layer::Layer;
use super::super::misfit::Misfit;
use super::super::namespace::Move;
use super::super::path;
use super::super::selector::Selector;
use super::super::set::Set;
use super::settings::ValueAdd;
use super::settings::ValueTarget;
use crate::text::yaml::Tag;
use anyhow::Context;

/// Puts the value, which is by default the name of the folder, into every field that a target names.
///
/// # Errors
/// A target without a field, one that holds no scalar.
pub(super) fn add(layer: &Layer<'_>, set: &mut Set, read: ValueAdd) -> anyhow::Result<()> {
    let stated = read.value.trim();
    let value = if stated.is_empty() { layer.folder_name() } else { stated.to_owned() };
    let mut targets = read.targets;
    if !read.target_file_path.is_empty() {
        let text = layer.text(&read.target_file_path)?;
        let rules = Rules { ignores_unknown: true, takes_scalars: true };
        let root = decode::document(&text, &read.target_file_path)?;
        let file: ValueAdd = decode::from_value(root, rules)
            .map_err(|misfit: Misfit| misfit.of_file(&layer.shown_path(&read.target_file_path), &text))
            .with_context(|| format!("\"{}\" holds no targets", read.target_file_path))?;
        targets.extend(file.targets);
    }
    anyhow::ensure!(!targets.is_empty(), "must specify at least one target");
    for target in &targets {
        anyhow::ensure!(!target.field_path.is_empty(), "fieldPath cannot be empty");
        let position = target.file_path_position;
        anyhow::ensure!(position >= 0, "value of FilePathPosition ({position}) cannot be negative");
    }
    targets.iter().try_for_each(|target| put(set, &value, target))
}

fn put(set: &mut Set, value: &str, target: &ValueTarget) -> anyhow::Result<()> {
    let selector = target.selector.as_ref().map(Selector::new).transpose()?;
    let parts = split(&target.field_path);
    for resource in set.iter_mut() {
        if selector.as_ref().is_some_and(|selector| !selector.selects(resource)) {
            continue;
        }
        let named = resource.named();
        if target.field_path == "metadata/namespace" {
            let to = Move { namespace: value, ..Move::default() };
            to.apply(resource).with_context(|| named.to_string())?;
            continue;
        }
        let node = path::lookup_or_create(&mut resource.node, &parts).with_context(|| named.to_string())?;
        let Some(node) = node else { continue };
        let text = match usize::try_from(target.file_path_position) {
            Ok(position) if position > 0 => inserted(node.as_text(), position - 1, value),
            _ => value.to_owned(),
        };
        fieldspec::set_scalar(node, &text, Tag::Unset).with_context(|| named.to_string())?;
    }
    Ok(())
}

/// The parts between slashes; an escaped one does not end a part.
fn split(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in path.split('/') {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push('/');
                last.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// The path with one more part at this place, or at its end.
fn inserted(path: &str, position: usize, part: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    let root = if is_absolute { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_put_into_a_path() {
        for (path, position, wanted) in [
            ("", 0, "X"),
            ("/", 3, "/X"),
            ("a", 0, "X/a"),
            ("/a", 0, "/X/a"),
            ("a/b/c", 2, "a/b/X/c"),
            ("/a/b/c", 2, "/a/b/X/c"),
            ("a/b", 99, "a/b/X"),
        ] {
            assert_eq!(inserted(path, position, "X"), wanted, "{path} {position}");
        }
        assert_eq!(split(r"a/b\/c"), ["a", "b/c"]);
    }
}
