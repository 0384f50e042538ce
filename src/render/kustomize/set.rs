//! The resources of a build so far; no two have the same identity.

use super::id::Id;
use super::index::Index;
use super::resource::Behavior;
use super::resource::ORIGIN;
use super::resource::Resource;
use super::source;
use crate::text::yaml::Node;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::slice::IterMut;

/// Resources in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    list: Vec<Resource>,
    /// Made when it is asked, and forgotten when any resource may have changed.
    index: Option<Index>,
    /// Whether some may have been removed.
    may_have_empty: bool,
    /// Whether scalars that are one may differ.
    may_have_unsettled: bool,
}

impl Deref for Set {
    type Target = [Resource];

    fn deref(&self) -> &[Resource] {
        &self.list
    }
}

impl Set {
    /// The resources, out of the set.
    pub(super) fn take(&mut self) -> Vec<Resource> {
        self.index = None;
        std::mem::take(&mut self.list)
    }

    /// Every resource, to be changed.
    pub(super) fn iter_mut(&mut self) -> IterMut<'_, Resource> {
        self.index = None;
        self.may_have_empty = true;
        self.may_have_unsettled = true;
        self.list.iter_mut()
    }

    /// Changes one resource.
    ///
    /// # Errors
    /// Those of `change`.
    pub(super) fn change<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut Resource) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let resource = &mut self.list[at];
        if let Some(index) = &mut self.index {
            index.remove(at, resource);
        }
        let changed = change(resource);
        resource.settle_twins();
        if let Some(index) = &mut self.index {
            index.add(at, resource);
        }
        self.may_have_empty |= resource.node.is_empty();
        changed
    }

    /// Adds a resource.
    ///
    /// # Errors
    /// One with the same identity is there.
    pub(super) fn append(&mut self, resource: Resource) -> anyhow::Result<()> {
        let (id, at) = (resource.id(), self.list.len());
        if self.index().count(&id) != 0 {
            let known = self.list.iter().filter(|known| known.id() == id);
            let both = std::iter::once(&resource).chain(known).map(|resource| resource.source.as_ref());
            let places = source::places(both);
            anyhow::bail!("may not add resource with an already registered id: {id}{places}");
        }
        self.index().add(at, &resource);
        self.may_have_empty |= resource.node.is_empty();
        self.list.push(resource);
        Ok(())
    }

    /// Adds resources in their order.
    ///
    /// # Errors
    /// One whose identity is taken.
    pub(super) fn append_all(&mut self, resources: impl IntoIterator<Item = Resource>) -> anyhow::Result<()> {
        resources.into_iter().try_for_each(|resource| self.append(resource))
    }

    fn index(&mut self) -> &mut Index {
        self.index.get_or_insert_with(|| Index::of(&self.list))
    }

    /// How many resources have this identity now.
    pub(super) fn count(&mut self, id: &Id) -> usize {
        self.index().count(id)
    }

    /// # Errors
    /// Two resources have one identity.
    pub(super) fn check_identities(&mut self) -> anyhow::Result<()> {
        if self.index().has_twins() {
            let resources = self.take();
            self.append_all(resources)?;
        }
        Ok(())
    }

    /// The places of the resources that have or had this identity.
    pub(super) fn places_of(&mut self, id: &Id) -> Vec<usize> {
        self.index().places_of(id).to_vec()
    }

    /// The one resource that has or had this identity.
    ///
    /// # Errors
    /// None, or several.
    pub(super) fn place_of(&mut self, id: &Id) -> anyhow::Result<usize> {
        match self.places_of(id).as_slice() {
            [at] => Ok(*at),
            [] => anyhow::bail!("there is no {id}"),
            _ => anyhow::bail!("several resources are or were {id}{}", self.sources_of(id)),
        }
    }

    /// Where the resources were read that have or had this identity, as the end of a sentence about them.
    pub(super) fn sources_of(&mut self, id: &Id) -> String {
        let places = self.places_of(id);
        source::places(places.iter().map(|at| self.list[*at].source.as_ref()))
    }

    /// The places of those that have or had this name; all places without a name.
    pub(super) fn places_named(&mut self, name: Option<&str>) -> Vec<usize> {
        match name {
            Some(name) => self.index().places_named(name).to_vec(),
            None => (0..self.list.len()).collect(),
        }
    }

    /// Keeps those that are wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&Resource) -> bool) {
        if !self.list.iter().all(&is_wanted) {
            self.index = None;
            self.list.retain(is_wanted);
        }
    }

    /// After a transformer: what it changed in one place is changed in the others as well, and what it removed is forgotten.
    pub(super) fn tidy(&mut self) {
        if std::mem::take(&mut self.may_have_unsettled) {
            self.index = None;
            self.list.iter_mut().for_each(Resource::settle_twins);
        }
        if std::mem::take(&mut self.may_have_empty) {
            self.retain(|resource| !resource.node.is_empty());
        }
    }

    /// Takes in a generated resource, as its behavior says.
    ///
    /// # Errors
    /// One to create that is there already; one to merge or replace that is not.
    pub(super) fn absorb(&mut self, mut generated: Resource) -> anyhow::Result<()> {
        let id = generated.id();
        match self.places_of(&id).as_slice() {
            [] => {
                anyhow::ensure!(
                    generated.behavior == Behavior::Create,
                    "{id} does not exist; it cannot be merged or replaced"
                );
                self.append(generated)
            }
            [at] => {
                let old = &self.list[*at];
                match generated.behavior {
                    Behavior::Create => {
                        let place = source::places(std::iter::once(old.source.as_ref()));
                        anyhow::bail!("{id} exists already; its behavior must be merge or replace{place}")
                    }
                    Behavior::Replace => take_metadata(&mut generated, old),
                    Behavior::Merge => {
                        take_metadata(&mut generated, old);
                        merge_data(&mut generated.node, &old.node, "data");
                        merge_data(&mut generated.node, &old.node, "binaryData");
                        let origin = old.annotations().remove(ORIGIN);
                        if let Some(origin) = origin {
                            let mut annotations = generated.annotations();
                            annotations.insert(ORIGIN.to_owned(), origin);
                            generated.set_annotations(&annotations);
                        }
                    }
                }
                self.change(*at, |resource| {
                    *resource = generated;
                    Ok(())
                })
            }
            _ => anyhow::bail!("several resources are or were {id}{}", self.sources_of(&id)),
        }
    }
}

/// Name, namespace, labels, annotations and history of the older one; its own labels and annotations win.
fn take_metadata(new: &mut Resource, old: &Resource) {
    let merged = |old: BTreeMap<String, String>, new: BTreeMap<String, String>| {
        let mut all = old;
        all.extend(new);
        all
    };
    new.set_labels(&merged(old.labels(), new.labels()));
    new.set_annotations(&merged(old.annotations(), new.annotations()));
    new.set_name(old.name());
    new.set_namespace(old.namespace());
    new.previous.clone_from(&old.previous);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
    new.variables.clone_from(&old.variables);
    new.needs_hash &= old.needs_hash;
    new.behavior = old.behavior;
}

fn merge_data(new: &mut Node, old: &Node, field: &str) {
    let mut merged = BTreeMap::new();
    for node in [Some(old), Some(&*new)].into_iter().flatten() {
        if let Some(Node::Mapping(fields)) = node.get(field) {
            merged.extend(fields.iter().map(|(key, value)| (key.clone(), value.as_text().to_owned())));
        }
    }
    new.remove(field);
    if !merged.is_empty() {
        let fields = merged.into_iter().map(|(key, value)| (key, Node::text(value)));
        new.set(field, Node::Mapping(fields.collect()));
    }
}
