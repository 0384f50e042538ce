//! Strategic merge patches, step for step as kustomize's walker merges them: what looks odd here is what it does.
//!
//! The walker shares nodes between the patch, the resource and its result. So that sharing has the same effects, the nodes live in an arena.

use super::super::schema;
use super::super::schema::Schema;
use super::arena::Arena;
use super::arena::Cell;
use super::arena::Id;
use super::arena::Keys;
use super::arena::Shape;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use std::sync::Arc;

/// The resource after the patch; `None` if the patch deletes it. One that the whole patch is to replace stays as it is.
///
/// # Errors
/// A patch with another shape than the resource; an unknown `$patch`.
pub(super) fn merge(resource: &Node, patch: &Node) -> anyhow::Result<Option<Node>> {
    let mut arena = Arena::default();
    let (resource, patch) = (arena.add(resource), arena.add(patch));
    let merged = arena.walk(Some(resource), Some(patch), None, None)?;
    Ok(merged.map(|_| arena.node(resource)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Arena {
    /// Merges the patch into the resource: `None` clears the field.
    fn walk(
        &mut self,
        resource: Option<Id>,
        patch: Option<Id>,
        schema: Option<Arc<Schema>>,
        merged_by: Option<Keys<'_>>,
    ) -> anyhow::Result<Option<Id>> {
        let present: Vec<Id> =
            [resource, patch].into_iter().flatten().filter(|id| !self.is_null(*id)).collect();
        let schema = schema.or_else(|| present.iter().find_map(|id| self.schema_of(*id)));
        let Some(shape) = present.first().map(|id| self.shape(*id)) else {
            return self.walk_mapping(resource, patch, schema);
        };
        let fits = present.iter().all(|id| self.shape(*id) == shape);
        anyhow::ensure!(fits, "the patch and the resource have values of different shapes in one place");
        match (shape, merged_by) {
            (Shape::Mapping, _) => self.walk_mapping(resource, patch, schema),
            (Shape::Sequence, Some(keys)) => self.walk_list(resource, patch, schema, keys),
            (Shape::Sequence, None) | (Shape::Scalar, _) => Ok(patch.or(resource)),
        }
    }

    /// An object within an object has a type of its own.
    fn schema_of(&self, id: Id) -> Option<Arc<Schema>> {
        let text = |name| self.field(id, name).map(|id| self.text(id));
        schema::of_object(text("apiVersion")?, text("kind")?)
    }

    fn walk_mapping(
        &mut self,
        resource: Option<Id>,
        patch: Option<Id>,
        schema: Option<Arc<Schema>>,
    ) -> anyhow::Result<Option<Id>> {
        let Some(into) = self.mapping_to_fill(resource, patch)? else { return Ok(None) };
        if self.shape(into) != Shape::Mapping {
            return Ok(Some(into));
        }
        let mut names: Vec<String> = Vec::new();
        for id in [Some(into), patch].into_iter().flatten() {
            if let Cell::Mapping(fields) = &self.cells[id] {
                names.extend(fields.iter().map(|(key, _)| key.clone()));
            }
        }
        names.sort();
        names.dedup();
        anyhow::ensure!(!names.iter().any(String::is_empty), "an object with an empty key cannot be merged");
        for name in names {
            let field = schema.as_deref().and_then(|schema| schema::field(schema, &name));
            let (inner, keys) =
                (field.and_then(|field| field.schema()), field.and_then(|field| field.by.as_deref()));
            let before = self.field(into, &name);
            let change = patch.and_then(|patch| self.field(patch, &name));
            match self.walk(before, change, inner, keys)? {
                Some(value) if !self.is_null(value) || self.kept.contains(&value) => {
                    self.set_field(into, &name, value);
                }
                _ => self.remove_field(into, &name),
            }
        }
        Ok(Some(into))
    }

    /// Which mapping the fields go into.
    fn mapping_to_fill(&mut self, resource: Option<Id>, patch: Option<Id>) -> anyhow::Result<Option<Id>> {
        if self.is_missing(resource) {
            if let Some(patch) = patch {
                let directive = self.directive(patch);
                return Ok(if matches!(directive, Ok(Directive::Delete)) { None } else { Some(patch) });
            }
            // A null that is written out stays, an empty field goes.
            let written = resource.filter(|id| !self.text(*id).is_empty());
            self.kept.extend(written);
            return Ok(written);
        }
        let Some(patch) = patch else { return Ok(resource) };
        if self.is_null(patch) {
            return Ok(None);
        }
        Ok(match self.directive(patch)? {
            Directive::Delete => None,
            Directive::Replace => Some(patch),
            Directive::Merge => resource,
        })
    }

    /// What `$patch` says; it is removed.
    fn directive(&mut self, id: Id) -> anyhow::Result<Directive> {
        let word = match self.shape(id) {
            Shape::Scalar => anyhow::bail!("a scalar cannot be merged"),
            Shape::Mapping => {
                let Some(word) = self.field(id, "$patch") else { return Ok(Directive::Merge) };
                self.text(word).to_owned()
            }
            Shape::Sequence => {
                let only = self.items(id).into_iter().find(|item| self.field(*item, "$patch").is_some());
                let only = only
                    .filter(|item| matches!(&self.cells[*item], Cell::Mapping(fields) if fields.len() == 1));
                let Some(word) = only.and_then(|item| self.field(item, "$patch")) else {
                    return Ok(Directive::Merge);
                };
                self.text(word).to_owned()
            }
        };
        let directive = match word.as_str() {
            "delete" => Directive::Delete,
            "replace" => Directive::Replace,
            "merge" => Directive::Merge,
            other => anyhow::bail!("unknown $patch \"{other}\""),
        };
        if self.shape(id) == Shape::Mapping {
            self.remove_field(id, "$patch");
        } else {
            self.set_element(id, None, &["$patch".to_owned()], &[word])?;
        }
        Ok(directive)
    }

    fn walk_list(
        &mut self,
        resource: Option<Id>,
        patch: Option<Id>,
        schema: Option<Arc<Schema>>,
        keys: Keys<'_>,
    ) -> anyhow::Result<Option<Id>> {
        let into = if self.is_missing(resource) {
            patch
        } else {
            match patch {
                None => resource,
                Some(patch) if self.is_null(patch) => None,
                Some(patch) => match self.directive(patch)? {
                    Directive::Delete => None,
                    Directive::Replace => Some(patch),
                    Directive::Merge => resource,
                },
            }
        };
        let Some(into) = into else { return Ok(None) };
        let scalar_key = [String::new()];
        let (keys, mut values) = if keys.is_empty() {
            (&scalar_key[..], self.scalars_of(&[patch, Some(into)]))
        } else {
            (keys, self.values_of(&[patch, Some(into)], keys))
        };
        if keys.len() > 1 {
            join_values(&mut values);
        }
        self.merge_items(into, patch, schema, keys, &values)
    }

    /// The values of the keys of every item, those of the patch first, each once.
    fn values_of(&self, lists: &[Option<Id>], keys: Keys<'_>) -> Vec<Vec<String>> {
        let mut found: Vec<Vec<String>> = Vec::new();
        for list in lists.iter().flatten() {
            for item in self.items(*list) {
                let value = |key: &String| match self.field(item, key) {
                    Some(id) if !self.is_null(id) => self.text(id).to_owned(),
                    _ => String::new(),
                };
                let values: Vec<String> = keys.iter().map(value).collect();
                if !found.contains(&values) {
                    found.push(values);
                }
            }
        }
        found
    }

    fn scalars_of(&self, lists: &[Option<Id>]) -> Vec<Vec<String>> {
        let mut found: Vec<Vec<String>> = Vec::new();
        for item in lists.iter().flatten().flat_map(|list| self.items(*list)) {
            let value = vec![self.text(item).to_owned()];
            if !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }

    fn merge_items(
        &mut self,
        into: Id,
        patch: Option<Id>,
        schema: Option<Arc<Schema>>,
        keys: Keys<'_>,
        all_values: &[Vec<String>],
    ) -> anyhow::Result<Option<Id>> {
        let added = self.push(Cell::Sequence(Vec::new()));
        let mut used_keys = Vec::new();
        for values in all_values {
            let (own_keys, own_values) = used(all_values, values, keys);
            let (match_keys, match_values) = used(std::slice::from_ref(&own_values), &own_values, &own_keys);
            let before = self.element(into, &match_keys, &match_values);
            let change = patch.and_then(|patch| self.element(patch, &match_keys, &match_values));
            let merged = self.walk(before, change, schema.clone(), None)?;
            used_keys.clone_from(&own_keys);
            let Some(merged) = merged.filter(|id| !self.is_null(*id) && !self.is_empty_mapping(*id)) else {
                self.set_element(into, None, &own_keys, &own_values)?;
                continue;
            };
            for (key, value) in own_keys.iter().zip(&own_values) {
                let is_mapping = self.shape(merged) == Shape::Mapping;
                if is_mapping && self.field(merged, key).is_none() && !value.is_empty() {
                    let node = Node::plain(value.clone(), Tag::Unset);
                    let value = self.add(&node);
                    self.set_field(merged, key, value);
                }
            }
            self.set_element(added, Some(merged), &own_keys, &own_values)?;
        }
        if all_values.is_empty() {
            return Ok(Some(into));
        }
        self.append_items(added, into, &used_keys)?;
        Ok(Some(added))
    }

    /// Puts the items of one list behind those of another; one with the same keys takes the other's place.
    fn append_items(&mut self, list: Id, more: Id, keys: Keys<'_>) -> anyhow::Result<()> {
        for item in self.items(more) {
            if keys.first().is_none_or(String::is_empty) {
                let value = self.text(item).to_owned();
                self.set_element(list, Some(item), &[String::new()], &[value])?;
                continue;
            }
            let mut values = Vec::new();
            for key in keys {
                match self.field(item, key) {
                    Some(value) => values.push(self.text(value).to_owned()),
                    None => {
                        if let Cell::Sequence(items) = &mut self.cells[list] {
                            items.push(item);
                        }
                    }
                }
            }
            if keys.len() > 1 {
                self.set_element(list, None, keys, &values)?;
            }
            self.set_element(list, Some(item), keys, &values)?;
        }
        Ok(())
    }
}

/// The keys that any item uses, with the values of one.
fn used(all: &[Vec<String>], values: &[String], keys: Keys<'_>) -> (Vec<String>, Vec<String>) {
    let is_used = |at: usize| all.iter().any(|values| values.get(at).is_some_and(|value| !value.is_empty()));
    if !(0..keys.len()).any(is_used) {
        return (keys.to_vec(), values.to_vec());
    }
    let pick = |list: &[String]| -> Vec<String> {
        (0..keys.len()).filter(|at| is_used(*at)).filter_map(|at| list.get(at).cloned()).collect()
    };
    (pick(keys), pick(values))
}

/// Items that differ only in a key that one of them leaves out are the same.
fn join_values(all: &mut [Vec<String>]) {
    for one in 0..all.len() {
        for other in 0..all.len() {
            if let Some(joined) = joined(&all[one], &all[other]) {
                all[one].clone_from(&joined);
                all[other] = joined;
            }
        }
    }
}

fn joined(a: &[String], b: &[String]) -> Option<Vec<String>> {
    let mut has_common = false;
    let mut values = Vec::new();
    for (a, b) in a.iter().zip(b) {
        if a == b {
            has_common = true;
        } else if !a.is_empty() && !b.is_empty() {
            return None;
        }
        values.push(if a.is_empty() { b.clone() } else { a.clone() });
    }
    has_common.then_some(values)
}
