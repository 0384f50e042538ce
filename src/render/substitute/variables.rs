//! The variables of a post-build substitution, composed in layers.

use serde_json::Value;
use std::collections::BTreeMap;

/// Values by name. A later layer replaces what an earlier one has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Adds the data of a ConfigMap or Secret.
    pub fn add(&mut self, data: &BTreeMap<String, Vec<u8>>) {
        for (key, value) in data {
            self.set(key, &String::from_utf8_lossy(value));
        }
    }

    /// Adds those that a Kustomization has itself.
    pub fn add_own(&mut self, kustomization: &Value) {
        let own = kustomization.pointer("/spec/postBuild/substitute").and_then(Value::as_object);
        for (key, value) in own.into_iter().flatten() {
            self.set(key, value.as_str().unwrap_or_default());
        }
    }

    /// Sets a variable. Newlines are removed, as the controller removes them.
    fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.replace('\n', ""));
    }

    /// All of them, by name.
    pub fn into_inner(self) -> BTreeMap<String, String> {
        self.0
    }
}
