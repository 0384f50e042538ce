//! The types that the schema of a kind asks for, in objects that people have written.

use super::object::list;
use super::written::is_duration;
use crate::text::GoDuration;
use crate::text::with_article;
use serde_json::Value;

/// Makes texts of numbers and bools where the schema says so, as Go's YAML library does. Durations must be texts that are ones.
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
            let place = if path.is_empty() { "the document".to_owned() } else { path.join(".") };
            Err(format!("{place}: {reason}"))
        }
    }
}

/// Fills `path` from the end.
fn wrong(value: &mut Value, schema: &Value, path: &mut Vec<String>) -> Option<String> {
    if schema["x-kubernetes-preserve-unknown-fields"] == true && schema.get("properties").is_none() {
        return None;
    }
    let wanted = schema["type"].as_str().unwrap_or_default();
    let is_time = is_duration(schema);
    let found = match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if let Some(text) = value.as_str().filter(|_| is_time) {
        return text.parse::<GoDuration>().err().map(|wrong| wrong.to_string());
    }
    if wanted == "string" && !is_time && matches!(found, "boolean" | "integer" | "number") {
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
            let inner = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"))?;
            let is_needed = list(schema, "/required").iter().any(|needed| needed == name);
            // Where a duration must be, null is read as an empty one.
            let reason = match value.is_null() && is_needed && is_duration(inner) {
                true => "time: invalid duration \"\"".to_owned(),
                false => wrong(value, inner, path)?,
            };
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
            "every": {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"},
        }, "required": ["every"]});
        let mut good = json!({"name": 1, "count": 1, "port": "x", "any": [1], "unknown": 1, "every": "1h", "labels": {"a": true, "b": 1.5}});
        assert_eq!(fit_types(&mut good, &schema), Ok(()));
        let texts = json!({"name": "1", "count": 1, "port": "x", "any": [1], "unknown": 1, "every": "1h", "labels": {"a": "true", "b": "1.5"}});
        assert_eq!(good, texts);
        for (mut value, wanted) in [
            (json!({"labels": {"a": {}}}), "labels.a: expected a string, found an object"),
            (json!({"list": [{}, {"name": []}]}), "list.1.name: expected a string, found an array"),
            (json!({"count": 1.5}), "count: expected an integer, found a number"),
            (json!({"count": "1"}), "count: expected an integer, found a string"),
            (json!({"every": 5}), "every: expected a string, found an integer"),
            (json!({"every": "x"}), "every: time: invalid duration \"x\""),
            (json!({"every": "1d"}), "every: time: unknown unit \"d\" in duration \"1d\""),
            (json!({"every": null}), "every: time: invalid duration \"\""),
            (json!("foo"), "the document: expected an object, found a string"),
        ] {
            assert_eq!(fit_types(&mut value, &schema), Err(wanted.to_owned()));
        }
    }
}
