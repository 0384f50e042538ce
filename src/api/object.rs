//! Reading objects as an API server sends them. Everything reads tolerantly: what is absent is empty, and a field of an unexpected type
//! counts as absent.

use jiff::Timestamp;
use serde_json::Value;

/// The text at a JSON pointer, or an empty one.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    text_if_set(object, pointer).unwrap_or_default()
}

/// The text at a JSON pointer; an empty one counts.
pub fn text_if_set<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer)?.as_str()
}

/// The whole number at a JSON pointer.
pub fn number(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer)?.as_i64()
}

/// The entries of the list at a JSON pointer.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The moment at a JSON pointer, which is written as in RFC 3339.
pub fn moment(object: &Value, pointer: &str) -> Option<Timestamp> {
    text(object, pointer).parse().ok()
}

/// `kind`.
pub fn kind(object: &Value) -> &str {
    text(object, "/kind")
}

/// `metadata.name`.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// `metadata.namespace`; empty for an object that belongs to no namespace.
pub fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// The value of an annotation.
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/annotations")?.get(key)?.as_str()
}

/// The value of a label.
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}

/// Takes the status out of an object, and what the API server keeps about it in its metadata.
pub fn drop_bookkeeping(object: &mut Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"] {
            metadata.remove(field);
        }
    }
}

/// Whether the API server waits for finalizers before it removes the object.
pub fn is_being_deleted(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

/// All conditions of the status.
pub fn conditions(object: &Value) -> &[Value] {
    list(object, "/status/conditions")
}

/// The condition of the given type.
pub fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    conditions(object).iter().find(|condition| condition["type"] == name)
}

/// The condition of the given type, if it has that status.
pub fn condition_with<'a>(object: &'a Value, name: &str, status: &str) -> Option<&'a Value> {
    condition(object, name).filter(|condition| condition["status"] == status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_absent_or_of_another_type_is_empty() {
        for object in [json!(null), json!([]), json!({"metadata": "x", "status": {"conditions": {}}})] {
            assert_eq!((name(&object), namespace(&object), kind(&object)), ("", "", ""));
            assert_eq!((annotation(&object, "a"), label(&object, "a")), (None, None));
            assert_eq!((number(&object, "/spec/replicas"), moment(&object, "/status/at")), (None, None));
            assert_eq!((conditions(&object).len(), is_being_deleted(&object)), (0, false));
        }
    }

    #[test]
    fn a_condition_is_found_by_its_type_and_status() {
        let ready = json!({"type": "Ready", "status": "True"});
        let object = json!({"status": {"conditions": [null, {"type": "Stalled", "status": "False"}, ready]}});
        assert_eq!(condition(&object, "Ready"), Some(&ready));
        assert_eq!(condition_with(&object, "Ready", "True"), Some(&ready));
        assert_eq!(condition_with(&object, "Stalled", "True"), None);
        assert_eq!(condition(&object, "Reconciling"), None);
    }

    #[test]
    fn labels_and_annotations_are_found_whatever_is_in_their_keys() {
        let object = json!({"metadata": {"labels": {"a/b~c": "1"}, "annotations": {"d/e": "2"}}});
        assert_eq!((label(&object, "a/b~c"), annotation(&object, "d/e")), (Some("1"), Some("2")));
    }
}
