//! Patches of a kustomization: strategic merge and JSON 6902, with the objects they are meant for.

use crate::text::yaml;
use anyhow::Context;
use regex::Regex;
use serde_json::Map;
use serde_json::Value;

/// Lists of the core types whose items are merged by a key, not replaced. (The `patchMergeKey` of the Kubernetes API.)
const MERGE_KEYS: [(&str, &str); 13] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("env", "name"),
    ("volumes", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("imagePullSecrets", "name"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
    ("secrets", "name"),
    ("conditions", "type"),
    ("ownerReferences", "uid"),
];

/// Applies one patch to the objects it is meant for.
///
/// # Errors
/// A patch that is no YAML, that fits no object where it names one, or whose paths are not there.
pub(super) fn apply(objects: &mut Vec<Value>, text: &str, target: Option<&Value>) -> anyhow::Result<()> {
    for document in yaml::documents(text, "a patch")? {
        if document.is_array() {
            let target = target.context("a JSON patch needs a target")?;
            let operations: json_patch::Patch = serde_json::from_value(document)?;
            for object in objects.iter_mut() {
                if selects(target, object)? {
                    json_patch::patch(object, &operations).with_context(|| name_of(object))?;
                }
            }
        } else if document.is_object() {
            merge_into(objects, &document, target)?;
        }
    }
    Ok(())
}

fn merge_into(objects: &mut Vec<Value>, patch: &Value, target: Option<&Value>) -> anyhow::Result<()> {
    let mut fitted = false;
    let mut kept = Vec::with_capacity(objects.len());
    for mut object in objects.drain(..) {
        let fits = match target {
            Some(target) => selects(target, &object)?,
            None => is_same_object(patch, &object),
        };
        fitted |= fits;
        if fits && patch["$patch"] == "delete" {
            continue;
        }
        if fits {
            let is_core = is_core_type(&object);
            let (kind, metadata) = (object["kind"].clone(), object["metadata"]["name"].clone());
            merge(&mut object, patch, is_core);
            // With a target the patch's own name is a placeholder.
            object["kind"] = kind;
            object["metadata"]["name"] = metadata;
        }
        kept.push(object);
    }
    *objects = kept;
    anyhow::ensure!(fitted || target.is_some(), "no object fits the patch of {}", name_of(patch));
    Ok(())
}

fn name_of(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{} \"{}\"", text(&object["kind"]), text(&object["metadata"]["name"]))
}

fn is_same_object(patch: &Value, object: &Value) -> bool {
    let namespace = &patch["metadata"]["namespace"];
    patch["apiVersion"] == object["apiVersion"]
        && patch["kind"] == object["kind"]
        && patch["metadata"]["name"] == object["metadata"]["name"]
        && (namespace.is_null() || *namespace == object["metadata"]["namespace"])
}

/// Only the built-in types have lists with merge keys; lists of custom resources are replaced.
fn is_core_type(object: &Value) -> bool {
    let group =
        object["apiVersion"].as_str().unwrap_or_default().split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io")
}

fn merge(object: &mut Value, patch: &Value, is_core: bool) {
    let Some(changes) = patch.as_object() else {
        *object = patch.clone();
        return;
    };
    if changes.get("$patch").is_some_and(|directive| directive == "replace") {
        *object = Value::Object(without_directives(changes));
        return;
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(fields) = object.as_object_mut() else { return };
    for (key, change) in changes {
        if key.starts_with('$') {
            continue;
        }
        if change.is_null() || change.get("$patch").is_some_and(|directive| directive == "delete") {
            fields.remove(key);
            continue;
        }
        let merge_key = is_core.then(|| merge_key_of(key, change)).flatten();
        match (fields.get_mut(key), change, merge_key) {
            (Some(Value::Array(present)), Value::Array(items), Some(by)) => {
                merge_list(present, items, by, is_core)
            }
            (Some(present), Value::Object(_), _) => merge(present, change, is_core),
            _ => {
                let mut fresh = Value::Null;
                merge(&mut fresh, change, is_core);
                fields.insert(key.clone(), fresh);
            }
        }
    }
}

/// Ports are merged by their number, which is called differently in containers and in Services.
fn merge_key_of(list: &str, items: &Value) -> Option<&'static str> {
    if list == "ports" {
        let first = items.get(0)?;
        return Some(if first.get("containerPort").is_some() { "containerPort" } else { "port" });
    }
    MERGE_KEYS.iter().find(|(name, _)| *name == list).map(|(_, key)| *key)
}

fn merge_list(present: &mut Vec<Value>, items: &[Value], by: &str, is_core: bool) {
    if items.iter().any(|item| item["$patch"] == "replace") {
        *present = items.iter().filter(|item| item.get("$patch").is_none()).cloned().collect();
        return;
    }
    let mut new = Vec::new();
    for item in items {
        let at = present.iter().position(|one| one.get(by).is_some() && one.get(by) == item.get(by));
        match at {
            Some(at) if item["$patch"] == "delete" => {
                present.remove(at);
            }
            Some(at) => merge(&mut present[at], item, is_core),
            None if item["$patch"] == "delete" => {}
            None => new.push(item.clone()),
        }
    }
    // New items stand before those that were there, as kustomize puts them.
    new.append(present);
    *present = new;
}

fn without_directives(fields: &Map<String, Value>) -> Map<String, Value> {
    fields
        .iter()
        .filter(|(key, _)| !key.starts_with('$'))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Whether a target means this object; names and kinds are regular expressions for the whole text.
fn selects(target: &Value, object: &Value) -> anyhow::Result<bool> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, version) = match text(&object["apiVersion"]).split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), text(&object["apiVersion"])),
    };
    let metadata = &object["metadata"];
    let facts = [
        ("group", group),
        ("version", version),
        ("kind", text(&object["kind"])),
        ("name", text(&metadata["name"])),
        ("namespace", text(&metadata["namespace"])),
    ];
    for (field, fact) in facts {
        let Some(wanted) = target[field].as_str().filter(|wanted| !wanted.is_empty()) else { continue };
        let pattern =
            Regex::new(&format!("^(?:{wanted})$")).with_context(|| format!("{field} of a target"))?;
        if !pattern.is_match(&fact) {
            return Ok(false);
        }
    }
    let holds = |selector: &Value, pairs: &Value| {
        selector.as_str().unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).all(
            |part| match part.split_once("!=") {
                Some((key, value)) => pairs[key.trim()].as_str() != Some(value.trim()),
                None => match part.split_once('=') {
                    Some((key, value)) => {
                        pairs[key.trim()].as_str() == Some(value.trim_start_matches('=').trim())
                    }
                    None => match part.strip_prefix('!') {
                        Some(key) => pairs[key.trim()].is_null(),
                        None => !pairs[part].is_null(),
                    },
                },
            },
        )
    };
    Ok(holds(&target["labelSelector"], &metadata["labels"])
        && holds(&target["annotationSelector"], &metadata["annotations"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_deletes_replaces_and_keeps_the_rest() {
        let mut objects = vec![json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "labels": {"a": "1", "b": "2"}},
            "spec": {"ports": [{"port": 80, "name": "http"}], "selector": {"x": "y"}},
        })];
        let patch = "apiVersion: v1\nkind: Service\nmetadata: {name: s, labels: {a: null}}\nspec:\n  ports: [{port: 80, targetPort: 1}, {port: 81}]\n  selector: {$patch: replace, z: w}\n";
        apply(&mut objects, patch, None).unwrap();
        assert_eq!(objects[0]["metadata"]["labels"], json!({"b": "2"}));
        assert_eq!(
            objects[0]["spec"]["ports"],
            json!([{"port": 81}, {"port": 80, "name": "http", "targetPort": 1}])
        );
        assert_eq!(objects[0]["spec"]["selector"], json!({"z": "w"}));
    }

    #[test]
    fn a_patch_can_take_an_object_away_and_one_that_fits_nothing_is_an_error() {
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "labels": {"a": "b"}}});
        let mut objects = vec![object.clone()];
        let stranger = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";
        assert!(apply(&mut objects, stranger, None).unwrap_err().to_string().contains("\"other\""));
        let target = json!({"kind": "ConfigMap", "labelSelector": "a=b"});
        apply(&mut objects, "$patch: delete\nkind: ConfigMap\nmetadata: {name: any}\n", Some(&target))
            .unwrap();
        assert!(objects.is_empty());
        let other = json!({"labelSelector": "a!=b"});
        assert!(!selects(&other, &object).unwrap());
    }
}
