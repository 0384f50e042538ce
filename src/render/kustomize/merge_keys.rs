//! Which lists of the built-in kinds a strategic merge patch merges, and by which keys.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A type of the Kubernetes API, as far as it leads to such a list.
pub(super) type Schema = HashMap<String, Field>;

#[derive(Debug, Deserialize)]
pub(super) struct Field {
    /// The type of the field, or of the items of the list.
    #[serde(default)]
    of: String,
    /// The keys of a list that is merged; none for lists of scalars.
    pub by: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Table {
    types: HashMap<String, String>,
    definitions: HashMap<String, Schema>,
}

fn table() -> Option<&'static Table> {
    static TABLE: OnceLock<Option<Table>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            serde_json::from_str(include_str!("../../../templates/kustomize/merge-keys.json")).ok()
        })
        .as_ref()
}

/// The type of an object; `None` for custom resources.
pub(super) fn of_object(api_version: &str, kind: &str) -> Option<&'static Schema> {
    let table = table()?;
    table.definitions.get(table.types.get(&format!("{api_version} {kind}"))?)
}

impl Field {
    pub(super) fn schema(&self) -> Option<&'static Schema> {
        table()?.definitions.get(&self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = table().unwrap();
        for definition in table.types.values() {
            assert!(table.definitions.contains_key(definition), "{definition}");
        }
        for field in table.definitions.values().flat_map(HashMap::values) {
            assert!(field.of.is_empty() || table.definitions.contains_key(&field.of), "{}", field.of);
        }
        let spec = of_object("v1", "Pod").unwrap()["spec"].schema().unwrap();
        let ports = &spec["containers"].schema().unwrap()["ports"];
        assert_eq!(ports.by.as_deref(), Some(&["containerPort".to_owned(), "protocol".to_owned()][..]));
        assert!(of_object("source.toolkit.fluxcd.io/v1", "GitRepository").is_none());
    }
}
