//! Who owns a field of an object, as the API server keeps it in `metadata.managedFields`.

use serde_json::Value;

/// A client that set a field, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// In RFC 3339; may be empty.
    pub time: String,
}

/// The owner of the field at a JSON pointer: of several the one that was there last, `usual` only if there is no other.
pub fn owner(managed: &Value, object: &Value, pointer: &str, usual: &str) -> Option<Owner> {
    let entries = managed.as_array().map_or(&[][..], Vec::as_slice);
    let owning = entries.iter().filter(|entry| owns(&entry["fieldsV1"], object, pointer));
    let read = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        Owner { manager: text("manager"), operation: text("operation"), time: text("time") }
    };
    owning.map(read).max_by_key(|owner| (owner.manager != usual, owner.time.clone()))
}

/// Whether a set of fields has the field, or everything above it as a whole.
fn owns(fields: &Value, object: &Value, pointer: &str) -> bool {
    let (mut at, mut live) = (fields, Some(object));
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let mut depth = 0;
    for part in parts {
        let Some(set) = at.as_object() else { return false };
        // A field without parts of its own is owned as a whole.
        if set.keys().all(|key| key == ".") {
            return depth > 0;
        }
        let next = match live {
            Some(Value::Array(items)) => {
                let item = part.parse::<usize>().ok().and_then(|index| items.get(index));
                live = item;
                item.and_then(|item| set.iter().find(|(key, _)| is_item(key, item)).map(|(_, next)| next))
            }
            _ => {
                live = live.and_then(|live| live.get(&part));
                set.get(&format!("f:{part}"))
            }
        };
        let Some(next) = next else { return false };
        at = next;
        depth += 1;
    }
    depth > 0
}

/// Whether an entry of a set of fields means this item of a list: `k:` has its keys, `v:` its value.
fn is_item(entry: &str, item: &Value) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    if let Some(keys) = entry.strip_prefix("k:").and_then(read) {
        return keys
            .as_object()
            .is_some_and(|keys| keys.iter().all(|(key, value)| item.get(key) == Some(value)));
    }
    entry.strip_prefix("v:").and_then(read).is_some_and(|value| value == *item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_has_the_owner_that_set_it_last_also_inside_of_lists() {
        let object = json!({"spec": {"replicas": 5, "containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}],
            "selector": {"app": "web"}, "finalizers": ["p"]}});
        let entry = |manager: &str, time: &str, fields: Value| json!({"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:spec": fields}});
        let managed = json!([
            entry(
                "kustomize-controller",
                "2026-01-01T00:00:00Z",
                json!({"f:replicas": {}, "f:selector": {},
                "f:containers": {"k:{\"name\":\"b\"}": {".": {}, "f:image": {}, "f:name": {}}}})
            ),
            entry(
                "kubectl-edit",
                "2026-01-02T00:00:00Z",
                json!({"f:replicas": {}, "f:finalizers": {"v:\"p\"": {}}})
            ),
            entry("hpa", "2026-01-01T12:00:00Z", json!({"f:replicas": {}})),
        ]);
        let of = |pointer: &str| {
            owner(&managed, &object, pointer, "kustomize-controller").map(|found| found.manager)
        };
        assert_eq!(of("/spec/replicas").as_deref(), Some("kubectl-edit"));
        assert_eq!(of("/spec/containers/1/image").as_deref(), Some("kustomize-controller"));
        assert_eq!(of("/spec/containers/0/image"), None);
        assert_eq!(of("/spec/selector/app").as_deref(), Some("kustomize-controller"));
        assert_eq!(of("/spec/finalizers/0").as_deref(), Some("kubectl-edit"));
        assert_eq!(of("/spec/none"), None);
        assert_eq!(of("/metadata/labels/a"), None);
        assert_eq!(owner(&Value::Null, &object, "/spec/replicas", ""), None);
    }
}
