//! A document as its leaves by path, so that two documents can be compared line by line.

use serde_json::Value;
use std::collections::BTreeMap;

/// The leaves of a document, but for descriptions and the stamp of the generator.
#[must_use]
pub fn leaves(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(document, String::new(), &mut found);
    found
        .into_iter()
        .filter(|(path, _)| !path.ends_with("controller-gen.kubebuilder.io/version"))
        .map(|(path, value)| {
            let short = path
                .replace(".spec.versions[0].schema.openAPIV3Schema.properties", "")
                .replace(".properties.", ".")
                .replace(".items.", "[].");
            (short, value)
        })
        .collect()
}

fn collect(value: &Value, path: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) if map.is_empty() => {
            found.insert(path, "{}".to_owned());
        }
        Value::Object(map) => {
            for (key, inner) in map.iter().filter(|(key, inner)| *key != "description" || !inner.is_string())
            {
                collect(inner, format!("{path}.{key}"), found);
            }
        }
        // The order of these lists has no meaning.
        Value::Array(items) if path.ends_with("required") || path.ends_with("enum") => {
            let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
            texts.sort();
            found.insert(path, texts.join(","));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{path}[{index}]"), found);
            }
        }
        scalar => {
            found.insert(path, scalar.to_string());
        }
    }
}
