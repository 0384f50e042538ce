//! The resources of a build so far; no two have the same identity.

use super::id::Id;
use super::resource::Behavior;
use super::resource::ORIGIN;
use super::resource::Resource;
use crate::text::yaml::Node;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub(super) struct Set(pub Vec<Resource>);

impl Set {
    /// Adds a resource.
    ///
    /// # Errors
    /// One with the same identity is there.
    pub(super) fn append(&mut self, resource: Resource) -> anyhow::Result<()> {
        let id = resource.id();
        anyhow::ensure!(!self.0.iter().any(|other| other.id().is_same(&id)), "there are two of {id}");
        self.0.push(resource);
        Ok(())
    }

    /// Adds resources in their order.
    ///
    /// # Errors
    /// One whose identity is taken.
    pub(super) fn append_all(&mut self, resources: impl IntoIterator<Item = Resource>) -> anyhow::Result<()> {
        resources.into_iter().try_for_each(|resource| self.append(resource))
    }

    /// The places of the resources that have or had this identity.
    pub(super) fn places_of(&self, id: &Id) -> Vec<usize> {
        let is_it = |resource: &Resource| {
            !resource.node.is_empty() && resource.all_ids().iter().any(|own| own.is_same(id))
        };
        (0..self.0.len()).filter(|at| is_it(&self.0[*at])).collect()
    }

    /// The one resource that has or had this identity.
    ///
    /// # Errors
    /// None, or several.
    pub(super) fn place_of(&self, id: &Id) -> anyhow::Result<usize> {
        match self.places_of(id).as_slice() {
            [at] => Ok(*at),
            [] => anyhow::bail!("there is no {id}"),
            _ => anyhow::bail!("several resources are or were {id}"),
        }
    }

    /// Forgets what patches took away.
    pub(super) fn drop_empty(&mut self) {
        self.0.retain(|resource| !resource.node.is_empty());
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
                let old = self.0[*at].clone();
                match generated.behavior {
                    Behavior::Create => {
                        anyhow::bail!("{id} exists already; its behavior must be merge or replace")
                    }
                    Behavior::Replace => take_metadata(&mut generated, &old),
                    Behavior::Merge => {
                        take_metadata(&mut generated, &old);
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
                self.0[*at] = generated;
                Ok(())
            }
            _ => anyhow::bail!("several resources are or were {id}"),
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
