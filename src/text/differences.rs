//! Two documents compared value by value.

use serde_json::Map;
use serde_json::Value;

/// A field that differs. `None` if the field does not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// JSON pointer.
    pub path: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The fields in which two documents differ, in the order of their keys. Lists are compared item by item.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(Some(before), Some(after), String::new(), &mut found);
    found
}

fn compare(before: Option<&Value>, after: Option<&Value>, path: String, found: &mut Vec<Difference>) {
    match (before, after) {
        // First, so that no path is written for what is equal.
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for key in keys(before, after) {
                let inside = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                compare(before.get(key), after.get(key), inside, found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                compare(before.get(index), after.get(index), format!("{path}/{index}"), found);
            }
        }
        (before, after) => {
            found.push(Difference { path, before: before.cloned(), after: after.cloned() });
        }
    }
}

fn keys<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> Vec<&'a String> {
    let mut keys: Vec<&String> =
        before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))).collect();
    keys.sort();
    keys
}

/// Whether every field of `part` has the same value in `whole`.
pub fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|present| contains(present, value)))
        }
        (whole, part) => whole == part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_field_that_differs_is_named_by_its_path() {
        let before = json!({"a": {"b/c": 1, "same": [1, {"x": null}]}, "gone": {}, "list": [1, 2]});
        let after = json!({"a": {"b/c": 2, "same": [1, {"x": null}]}, "list": [1, 3, 4], "new": null});
        let found = differences(&before, &after);
        let paths: Vec<&str> = found.iter().map(|difference| difference.path.as_str()).collect();
        assert_eq!(paths, ["/a/b~1c", "/gone", "/list/1", "/list/2", "/new"]);
        assert_eq!((&found[1].before, &found[1].after), (&Some(json!({})), &None));
        assert_eq!((&found[4].before, &found[4].after), (&None, &Some(Value::Null)));
        assert!(differences(&before, &before).is_empty());
    }

    #[test]
    fn a_document_contains_another_when_it_has_all_of_its_fields() {
        let whole = json!({"a": {"b": 1, "c": [1, 2]}});
        assert!(contains(&whole, &json!({"a": {"c": [1, 2]}})));
        assert!(!contains(&whole, &json!({"a": {"c": [1]}})));
        assert!(!contains(&whole, &json!({"d": null})));
    }
}
