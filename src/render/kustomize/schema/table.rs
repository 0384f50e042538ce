//! Types as far as patches need them, and the table of the built-in ones.

use serde::Deserialize;
use serde::Deserializer;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;

/// The fields of a type.
pub(in crate::render::kustomize) type Schema = HashMap<String, Field>;

/// The name of the entry for all fields that a type does not list.
pub(super) const ANY: &str = "*";

#[derive(Debug, Default, Deserialize)]
pub(in crate::render::kustomize) struct Field {
    /// The type of the field, or of the items of the list.
    #[serde(default)]
    pub(super) of: String,
    /// The keys of a list that is merged; none for lists of scalars.
    pub by: Option<Vec<String>>,
}

/// Types by their names, and the names of the types of objects, by `apiVersion kind`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Table {
    pub(super) types: HashMap<String, String>,
    #[serde(deserialize_with = "shared")]
    pub(super) definitions: HashMap<String, Arc<Schema>>,
    /// Types of objects that have no namespace.
    #[serde(default)]
    pub(super) cluster_scoped: BTreeSet<String>,
}

impl Table {
    pub(super) fn of_type(&self, name: &str) -> Option<Arc<Schema>> {
        self.definition(self.types.get(name)?)
    }

    pub(super) fn definition(&self, name: &str) -> Option<Arc<Schema>> {
        self.definitions.get(name).cloned()
    }

    pub(super) fn is_cluster_scoped(&self, name: &str) -> bool {
        self.cluster_scoped.contains(name)
    }
}

fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HashMap<String, Arc<Schema>>, D::Error> {
    let read: HashMap<String, Schema> = HashMap::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(name, schema)| (name, Arc::new(schema))).collect())
}

/// The types of Kubernetes 1.21, which are those that kustomize knows.
pub(super) fn built_in() -> Option<&'static Table> {
    static TABLE: OnceLock<Option<Table>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            serde_json::from_str(include_str!("../../../../templates/kustomize/merge-keys.json")).ok()
        })
        .as_ref()
}

/// A field of a type.
pub(in crate::render::kustomize) fn field<'a>(schema: &'a Schema, name: &str) -> Option<&'a Field> {
    schema.get(name).or_else(|| schema.get(ANY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = built_in().unwrap();
        for definition in table.types.values() {
            assert!(table.definitions.contains_key(definition), "{definition}");
        }
        for field in table.definitions.values().flat_map(|schema| schema.values()) {
            assert!(field.of.is_empty() || table.definitions.contains_key(&field.of), "{}", field.of);
        }
        let spec = table.of_type("v1 Pod").unwrap()["spec"].schema().unwrap();
        let ports = &spec["containers"].schema().unwrap()["ports"];
        assert_eq!(ports.by.as_deref(), Some(&["containerPort".to_owned(), "protocol".to_owned()][..]));
        assert!(table.of_type("source.toolkit.fluxcd.io/v1 GitRepository").is_none());
    }
}
