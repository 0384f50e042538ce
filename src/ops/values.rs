//! Values of a chart from files, laid over each other as Flux does it.

use crate::text;
use crate::text::layered;
use crate::text::layered::Layered;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::path::Path;

/// The values of the first document of each file: maps are merged, everything else is replaced by what a later file says.
///
/// # Errors
/// A file that cannot be read, is not YAML, or holds something else than a map.
pub fn from_files(paths: &[String]) -> anyhow::Result<Value> {
    let mut merged = Layered::empty_map();
    for path in paths {
        let bytes =
            text::read(Path::new(path)).with_context(|| format!("reading values from {path} failed"))?;
        let document = yaml::text(bytes, path).and_then(|content| yaml::document(&content, path));
        let document = document.map_err(|bad| {
            anyhow::anyhow!("converting values to JSON from {path} failed: yaml: {}", bad.reason)
        })?;
        let found = match Layered::read(&document) {
            Layered::Map(fields) => {
                merged = layered::merge(&merged, &fields);
                continue;
            }
            Layered::Leaf(Value::Null) => continue,
            Layered::List(_) => "array",
            Layered::Leaf(Value::Bool(_)) => "bool",
            Layered::Leaf(Value::Number(_)) => "number",
            Layered::Leaf(_) => "string",
        };
        anyhow::bail!(
            "unmarshaling values from {path} failed: \
             json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        );
    }
    Ok(Layered::Map(merged).to_value())
}
