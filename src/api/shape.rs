//! The types that the schema of a kind asks for, in objects that people have written.

use crate::text::with_article;
use serde_json::Value;

/// Makes texts of numbers and bools where the schema says so, as Go's YAML library does.
///
/// # Errors
/// Where a value is of another type than its schema says, and what is wrong there. A null is of every type, and unknown fields are ignored,
/// as by Go's decoders.
pub fn fit_types(value: &mut Value, schema: &Value) -> Result<(), String> {
    let mut path = Vec::new();
    match wrong(value, schema, &mut path) {
        None => Ok(()),
        Some(reason) => {
            path.reverse();
            Err(format!("{}: {reason}", path.join(".")))
        }
    }
}

/// Fills `path` from the end.
fn wrong(value: &mut Value, schema: &Value, path: &mut Vec<String>) -> Option<String> {
    if schema["x-kubernetes-preserve-unknown-fields"] == true && schema.get("properties").is_none() {
        return None;
    }
    let wanted = schema["type"].as_str().unwrap_or_default();
    let found = match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if wanted == "string" && matches!(found, "boolean" | "integer" | "number") {
        *value = Value::String(value.to_string());
        return None;
    }
    let is_either = schema["x-kubernetes-int-or-string"] == true && matches!(found, "integer" | "string");
    let fits =
        wanted.is_empty() || wanted == found || (wanted == "number" && found == "integer") || is_either;
    if !fits {
        return Some(format!("expected {}, found {}", with_article(wanted), with_article(found)));
    }
    match value {
        Value::Object(fields) => fields.iter_mut().find_map(|(name, value)| {
            let schema = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"))?;
            let reason = wrong(value, schema, path)?;
            path.push(name.clone());
            Some(reason)
        }),
        Value::Array(items) => items.iter_mut().enumerate().find_map(|(at, item)| {
            let reason = wrong(item, &schema["items"], path)?;
            path.push(at.to_string());
            Some(reason)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_become_texts_and_another_type_is_named_with_its_path() {
        let text = json!({"type": "string"});
        let schema = json!({"type": "object", "properties": {
            "name": text, "count": {"type": "integer"}, "port": {"x-kubernetes-int-or-string": true},
            "labels": {"type": "object", "additionalProperties": text},
            "list": {"type": "array", "items": {"type": "object", "properties": {"name": text}}},
            "any": {"x-kubernetes-preserve-unknown-fields": true},
        }});
        let mut good = json!({"name": 1, "count": 1, "port": "x", "any": [1], "unknown": 1, "labels": {"a": true, "b": 1.5}});
        assert_eq!(fit_types(&mut good, &schema), Ok(()));
        let texts = json!({"name": "1", "count": 1, "port": "x", "any": [1], "unknown": 1, "labels": {"a": "true", "b": "1.5"}});
        assert_eq!(good, texts);
        for (mut value, wanted) in [
            (json!({"labels": {"a": {}}}), "labels.a: expected a string, found an object"),
            (json!({"list": [{}, {"name": []}]}), "list.1.name: expected a string, found an array"),
            (json!({"count": 1.5}), "count: expected an integer, found a number"),
            (json!({"count": "1"}), "count: expected an integer, found a string"),
        ] {
            assert_eq!(fit_types(&mut value, &schema), Err(wanted.to_owned()));
        }
    }
}
