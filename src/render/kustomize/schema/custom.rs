//! An OpenAPI document that a kustomization names with `openapi: {path: …}`.

use super::table::ANY;
use super::table::Field;
use super::table::Schema;
use super::table::Table;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::sync::Arc;

/// What the names of such definitions begin with.
pub(super) const MARK: char = '#';
const TYPES: &str = "x-kubernetes-group-version-kind";

/// Reads a document, JSON or YAML.
///
/// # Errors
/// Anything else.
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Table> {
    let root = yaml::document(text, file)?;
    anyhow::ensure!(root.is_object(), "invalid schema file: \"{file}\" is not an OpenAPI document");
    let mut table = Table::default();
    for (name, schema) in root["definitions"].as_object().into_iter().flatten() {
        let marked = format!("{MARK}/definitions/{name}");
        add(&mut table, &marked, schema);
        for of in schema[TYPES].as_array().into_iter().flatten() {
            let name =
                type_name(of).with_context(|| format!("invalid schema file: {TYPES} in \"{file}\""))?;
            table.types.insert(name, marked.clone());
        }
    }
    let mut namespaced = Vec::new();
    for (path, methods) in root["paths"].as_object().into_iter().flatten() {
        let Some(name) = type_name(&methods["get"][TYPES]) else { continue };
        if path.contains("namespaces/{namespace}") {
            namespaced.push(name);
        } else {
            table.cluster_scoped.insert(name);
        }
    }
    namespaced.iter().for_each(|name| {
        table.cluster_scoped.remove(name);
    });
    Ok(table)
}

/// `apiVersion kind`.
fn type_name(of: &Value) -> Option<String> {
    let (version, kind) = (of["version"].as_str()?, of["kind"].as_str()?);
    match of["group"].as_str() {
        Some(group) if !group.is_empty() => Some(format!("{group}/{version} {kind}")),
        _ => Some(format!("{version} {kind}")),
    }
}

/// Adds a type and those written out within it, which get names of their own.
fn add(table: &mut Table, name: &str, schema: &Value) {
    let mut fields = Schema::new();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let any = schema["additionalProperties"].as_object().map(|_| (ANY, &schema["additionalProperties"]));
    for (field, of) in properties.map(|(field, of)| (field.as_str(), of)).chain(any) {
        fields.insert(field.to_owned(), self::field(table, &format!("{name}/{field}"), of));
    }
    table.definitions.insert(name.to_owned(), Arc::new(fields));
}

fn field(table: &mut Table, name: &str, schema: &Value) -> Field {
    if let Some(reference) = schema["$ref"].as_str() {
        return Field { of: reference.to_owned(), by: None };
    }
    let items = schema["items"].as_object().filter(|_| schema["type"] == "array");
    let of = match items {
        Some(_) => field(table, &format!("{name}/{ANY}"), &schema["items"]).of,
        None => {
            add(table, name, schema);
            name.to_owned()
        }
    };
    let strategies = schema["x-kubernetes-patch-strategy"].as_str().unwrap_or_default();
    let merges = strategies.split(',').any(|strategy| strategy == "merge");
    let texts = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let by = merges.then(|| {
        texts(&schema["x-kubernetes-list-map-keys"]).unwrap_or_else(|| {
            schema["x-kubernetes-patch-merge-key"].as_str().map(str::to_owned).into_iter().collect()
        })
    });
    Field { of, by }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_their_group_version_and_kind() {
        let text = r##"{"definitions": {
            "Lamp": {
                "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Lamp"}],
                "properties": {"spec": {"$ref": "#/definitions/Spec"}}
            },
            "Spec": {"properties": {
                "bulbs": {"type": "array", "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name",
                    "items": {"properties": {"parts": {"additionalProperties": {"type": "string"}}}}}
            }}},
            "paths": {"/apis/lamps": {"get": {"x-kubernetes-group-version-kind": {"version": "v1", "kind": "Room"}}}}}"##;
        let table = read(text, "schema.json").unwrap();
        assert_eq!(table.of_type("example.com/v1 Lamp").unwrap()["spec"].of, "#/definitions/Spec");
        let bulbs = &table.definition("#/definitions/Spec").unwrap()["bulbs"];
        assert_eq!(bulbs.by.as_deref(), Some(&["name".to_owned()][..]));
        assert!(table.definition(&bulbs.of).unwrap().contains_key("parts"));
        assert!(table.is_cluster_scoped("v1 Room") && !table.is_cluster_scoped("example.com/v1 Lamp"));
        assert!(read("[]", "schema.json").is_err());
    }
}
