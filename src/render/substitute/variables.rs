//! The variables of a post-build substitution, composed in layers.

use std::collections::BTreeMap;

/// Values by name. A later layer replaces what an earlier one has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Sets a variable. Newlines are removed, as the controller removes them.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.replace('\n', ""));
    }

    /// All of them, by name.
    pub fn into_inner(self) -> BTreeMap<String, String> {
        self.0
    }
}
