//! Nodes that may be in several places at once: a change in one is seen in all.

use crate::text::yaml::Form;
use crate::text::yaml::Node;
use crate::text::yaml::Scalar;
use crate::text::yaml::Tag;
use crate::text::yaml::Twin;
use std::collections::HashMap;

pub(super) type Id = usize;

#[derive(Clone)]
pub(super) enum Cell {
    Scalar(Scalar),
    Sequence(Vec<Id>),
    Mapping(Vec<(String, Id)>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar,
    Sequence,
    Mapping,
}

#[derive(Default)]
pub(super) struct Arena {
    pub cells: Vec<Cell>,
    /// Nulls of the resource that stay.
    pub kept: Vec<Id>,
    /// The scalars that are in several places of the resource.
    twins: HashMap<u32, Id>,
}

/// The keys of a merged list; none for a list of scalars.
pub(super) type Keys<'a> = &'a [String];

impl Arena {
    pub(super) fn add(&mut self, node: &Node) -> Id {
        let cell = match node {
            Node::Scalar(scalar) => {
                let next = self.cells.len();
                if let Some(group) = scalar.twin.group() {
                    let id = *self.twins.entry(group).or_insert(next);
                    if id != next {
                        return id;
                    }
                }
                Cell::Scalar(scalar.clone())
            }
            Node::Sequence(items) => Cell::Sequence(items.iter().map(|item| self.add(item)).collect()),
            Node::Mapping(fields) => {
                Cell::Mapping(fields.iter().map(|(key, node)| (key.clone(), self.add(node))).collect())
            }
        };
        self.push(cell)
    }

    pub(super) fn push(&mut self, cell: Cell) -> Id {
        self.cells.push(cell);
        self.cells.len() - 1
    }

    pub(super) fn node(&self, id: Id) -> Node {
        match &self.cells[id] {
            Cell::Scalar(scalar) => Node::Scalar(scalar.clone()),
            Cell::Sequence(items) => Node::Sequence(items.iter().map(|item| self.node(*item)).collect()),
            Cell::Mapping(fields) => {
                Node::Mapping(fields.iter().map(|(key, id)| (key.clone(), self.node(*id))).collect())
            }
        }
    }

    pub(super) fn shape(&self, id: Id) -> Shape {
        match self.cells[id] {
            Cell::Scalar(_) => Shape::Scalar,
            Cell::Sequence(_) => Shape::Sequence,
            Cell::Mapping(_) => Shape::Mapping,
        }
    }

    pub(super) fn is_null(&self, id: Id) -> bool {
        matches!(&self.cells[id], Cell::Scalar(scalar) if scalar.is_null())
    }

    pub(super) fn is_missing(&self, id: Option<Id>) -> bool {
        id.is_none_or(|id| self.is_null(id))
    }

    pub(super) fn is_empty_mapping(&self, id: Id) -> bool {
        matches!(&self.cells[id], Cell::Mapping(fields) if fields.is_empty())
    }

    pub(super) fn field(&self, id: Id, name: &str) -> Option<Id> {
        match &self.cells[id] {
            Cell::Mapping(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, id)| *id),
            _ => None,
        }
    }

    pub(super) fn items(&self, id: Id) -> Vec<Id> {
        match &self.cells[id] {
            Cell::Sequence(items) => items.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn text(&self, id: Id) -> &str {
        match &self.cells[id] {
            Cell::Scalar(scalar) => &scalar.text,
            _ => "",
        }
    }

    pub(super) fn remove_field(&mut self, id: Id, name: &str) {
        if let Cell::Mapping(fields) = &mut self.cells[id] {
            fields.retain(|(key, _)| key != name);
        }
    }

    pub(super) fn set_field(&mut self, id: Id, name: &str, value: Id) {
        match self.field(id, name) {
            Some(present) if present != value => {
                let mut cell = self.cells[value].clone();
                if let Cell::Scalar(scalar) = &mut cell {
                    // The new value is written as the old one was; a string stays one.
                    if scalar.is_quoted() {
                        scalar.tag = Tag::Text;
                    }
                    (scalar.form, scalar.twin) = match &self.cells[present] {
                        Cell::Scalar(old) => (old.form, old.twin),
                        _ => (Form::Plain, Twin::default()),
                    };
                }
                self.cells[present] = cell;
            }
            Some(_) => {}
            None => {
                if let Cell::Mapping(fields) = &mut self.cells[id] {
                    fields.push((name.to_owned(), value));
                }
            }
        }
    }

    /// The first item with these values.
    pub(super) fn element(&self, list: Id, keys: Keys<'_>, values: &[String]) -> Option<Id> {
        if self.shape(list) != Shape::Sequence {
            return None;
        }
        if keys.first().is_none_or(String::is_empty) {
            let value = values.first().map_or("", String::as_str);
            return self.items(list).into_iter().find(|item| self.text(*item) == value);
        }
        if keys.len() != values.len() {
            return None;
        }
        self.items(list).into_iter().find(|item| {
            let has = |(key, value): (&String, &String)| {
                self.field(*item, key).is_some_and(|field| self.text(field) == value)
            };
            self.shape(*item) == Shape::Mapping && keys.iter().zip(values).all(has)
        })
    }

    /// Replaces the items with these values, or adds one; without an item they are removed.
    pub(super) fn set_element(
        &mut self,
        list: Id,
        element: Option<Id>,
        keys: Keys<'_>,
        values: &[String],
    ) -> anyhow::Result<()> {
        let sets_mapping = keys.first().is_some_and(|key| !key.is_empty())
            && values.first().is_some_and(|value| !value.is_empty());
        let mut kept = Vec::new();
        let mut is_found = false;
        for item in self.items(list) {
            if self.is_null(item) || self.is_empty_mapping(item) {
                continue;
            }
            if self.shape(item) != Shape::Mapping && sets_mapping {
                kept.push(item);
                continue;
            }
            if !self.has_values(item, keys, values)? {
                if !values.is_empty() {
                    kept.push(item);
                }
                continue;
            }
            is_found = true;
            kept.extend(element);
        }
        if let Some(element) = element.filter(|element| !is_found && !self.is_null(*element)) {
            kept.push(element);
        }
        self.cells[list] = Cell::Sequence(kept);
        Ok(())
    }

    fn has_values(&self, item: Id, keys: Keys<'_>, values: &[String]) -> anyhow::Result<bool> {
        let mut is_so = false;
        for (at, key) in keys.iter().enumerate() {
            if let Some(value) = values.get(at) {
                is_so = if key.is_empty() {
                    anyhow::ensure!(
                        self.shape(item) == Shape::Scalar,
                        "a list of scalars holds something else"
                    );
                    self.text(item) == value
                } else {
                    anyhow::ensure!(
                        self.shape(item) == Shape::Mapping,
                        "a list of mappings holds something else"
                    );
                    self.field(item, key).is_some_and(|field| value.is_empty() || self.text(field) == value)
                };
            }
            if !is_so {
                return Ok(false);
            }
        }
        Ok(is_so)
    }
}
