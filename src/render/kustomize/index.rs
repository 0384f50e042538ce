//! Where the resources of a set are, by what they are and were called: a set of many is looked through once, not once for each.

use super::id::Id;
use super::resource::Resource;
use std::collections::HashMap;

/// The identities of a list of resources.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// How many are called so now.
    now: HashMap<String, usize>,
    /// Places of those that are or were called so, in their order. Removed resources are left out.
    ever: HashMap<String, Vec<usize>>,
    /// Places by the names that resources have or had.
    named: HashMap<String, Vec<usize>>,
    /// Identities that more than one has.
    shared: usize,
}

impl Index {
    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut index = Self::default();
        resources.iter().enumerate().for_each(|(at, resource)| index.add(at, resource));
        index
    }

    /// Takes in the resource at this place.
    pub(super) fn add(&mut self, at: usize, resource: &Resource) {
        let id = resource.id();
        let count = self.now.entry(id.key()).or_default();
        *count += 1;
        self.shared += usize::from(*count == 2);
        for id in ids(resource) {
            insert(self.ever.entry(id.key()).or_default(), at);
            insert(self.named.entry(id.name).or_default(), at);
        }
    }

    /// Forgets the resource at this place, before it changes.
    pub(super) fn remove(&mut self, at: usize, resource: &Resource) {
        let key = resource.id().key();
        if let Some(count) = self.now.get_mut(&key) {
            *count -= 1;
            self.shared -= usize::from(*count == 1);
            if *count == 0 {
                self.now.remove(&key);
            }
        }
        for id in ids(resource) {
            let (ever, named) = (self.ever.get_mut(&id.key()), self.named.get_mut(&id.name));
            for places in [ever, named].into_iter().flatten() {
                if let Ok(found) = places.binary_search(&at) {
                    places.remove(found);
                }
            }
        }
    }

    /// How many resources have this identity.
    pub(super) fn count(&self, id: &Id) -> usize {
        self.now.get(&id.key()).copied().unwrap_or_default()
    }

    /// Whether two resources have one identity.
    pub(super) fn has_twins(&self) -> bool {
        self.shared > 0
    }

    /// The places of the resources that have or had this name.
    pub(super) fn places_named(&self, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The places of the resources that have or had this identity.
    pub(super) fn places_of(&self, id: &Id) -> &[usize] {
        self.ever.get(&id.key()).map_or(&[], Vec::as_slice)
    }
}

/// What a resource is and was called; a removed one is nothing.
fn ids(resource: &Resource) -> Vec<Id> {
    if resource.node.is_empty() { Vec::new() } else { resource.all_ids() }
}

/// Adds a place to a list in order.
fn insert(places: &mut Vec<usize>, at: usize) {
    if let Err(before) = places.binary_search(&at) {
        places.insert(before, at);
    }
}
