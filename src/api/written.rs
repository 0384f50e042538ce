//! How Go writes a spec: what is empty is left out (`omitempty`), durations are spelled in full. The schema of a kind says which fields there
//! are and which of them are optional; the few that Go's types hold in another way are listed with their kind.

use crate::text::GoDuration;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// How Go's types write a field, where that does not follow from the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// It is optional, and written when it is there, empty or not: a pointer.
    Kept,
    /// It is optional, and written when it is not there, with this value.
    Written(&'static str),
    /// It is required, but left out if it is empty.
    LeftOut,
}

/// The fields of a kind, by their path in the spec, that do not follow from the schema.
pub type Exceptions = [(&'static str, Empty)];

/// Makes of a spec what Go makes of it. Fields that the schema does not know stay as they are.
pub fn write_as_go(exceptions: &Exceptions, schema: &Value, spec: &mut Value) {
    write(exceptions, schema, spec, "");
}

fn write(exceptions: &Exceptions, schema: &Value, value: &mut Value, path: &str) {
    match value {
        Value::Object(fields) => match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => write_fields(exceptions, schema, properties, fields, path),
            None => {
                let entries = fields.values_mut().zip(std::iter::repeat(&schema["additionalProperties"]));
                entries.for_each(|(entry, schema)| write(exceptions, schema, entry, path));
            }
        },
        Value::Array(items) => {
            items.iter_mut().for_each(|item| write(exceptions, &schema["items"], item, path))
        }
        Value::String(text) if is_duration(schema) => {
            if let Ok(duration) = text.parse::<GoDuration>() {
                *text = duration.to_string();
            }
        }
        _ => {}
    }
}

fn write_fields(
    exceptions: &Exceptions,
    schema: &Value,
    properties: &Map<String, Value>,
    fields: &mut Map<String, Value>,
    path: &str,
) {
    let required = schema["required"].as_array();
    for (name, schema) in properties {
        let path = format!("{path}/{name}");
        let exception = exceptions.iter().find(|(field, _)| *field == path).map(|(_, how)| *how);
        let is_required = required.is_some_and(|required| required.iter().any(|field| field == name));
        if let (Some(Empty::Written(value)), None) = (exception, fields.get(name)) {
            fields.insert(name.clone(), json!(value));
        }
        let Some(value) = fields.get_mut(name) else { continue };
        write(exceptions, schema, value, &path);
        let may_go = match exception {
            None => !is_required,
            Some(how) => how == Empty::LeftOut,
        };
        if may_go && is_empty(schema, value) {
            fields.remove(name);
        }
    }
}

/// What `omitempty` leaves out. Objects with fields of their own are pointers in Go, maps are not.
fn is_empty(schema: &Value, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty() && schema.get("additionalProperties").is_some(),
    }
}

/// Durations are recognised by their pattern.
pub(super) fn is_duration(schema: &Value) -> bool {
    schema["pattern"].as_str().is_some_and(|pattern| pattern.starts_with(r"^([0-9]+(\.[0-9]+)?(ms|s|m"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Definition;
    use crate::api::helm::helm_release;
    use crate::api::image::image_policy;
    use crate::api::kustomize::kustomization;
    use crate::api::source::git_repository;
    use crate::api::source::helm_repository;

    #[track_caller]
    fn check(exceptions: &Exceptions, definition: fn() -> Definition, mut spec: Value, wanted: Value) {
        let definition = definition().build();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        write_as_go(exceptions, schema, &mut spec);
        assert_eq!(spec, wanted);
    }

    #[test]
    fn what_is_empty_and_optional_is_left_out() {
        let spec = json!({
            "interval": "60s", "prune": false, "path": "", "dependsOn": [], "force": false, "components": [""],
            "sourceRef": {"kind": "GitRepository", "name": "", "namespace": ""},
            "commonMetadata": {"labels": {}, "annotations": {"a": ""}},
            "postBuild": {"substitute": {}, "substituteFrom": []}, "timeout": null, "nobodyKnows": "",
        });
        let wanted = json!({
            "interval": "1m0s", "prune": false, "components": [""],
            "sourceRef": {"kind": "GitRepository", "name": ""},
            "commonMetadata": {"annotations": {"a": ""}}, "postBuild": {}, "nobodyKnows": "",
        });
        check(kustomization::KUSTOMIZATION.written, kustomization::definition, spec, wanted);
    }

    #[test]
    fn what_go_holds_by_a_pointer_is_kept_when_it_is_empty() {
        let spec =
            json!({"interval": "1m0s", "url": "https://h/r", "ignore": "", "ref": {}, "suspend": false});
        let wanted = json!({"interval": "1m0s", "url": "https://h/r", "ignore": "", "ref": {}});
        check(git_repository::GIT_REPOSITORY.written, git_repository::definition, spec, wanted);
        let spec = json!({
            "interval": "1h", "maxHistory": 0, "persistentClient": false, "values": {"a": "", "timeout": "60s"},
            "test": {"enable": false, "filters": [], "timeout": "90s"}, "install": {"serverSideApply": false},
            "uninstall": {"keepHistory": false}, "valuesFrom": [{"kind": "Secret", "name": "x", "optional": false}],
        });
        let wanted = json!({
            "interval": "1h0m0s", "maxHistory": 0, "persistentClient": false, "values": {"a": "", "timeout": "60s"},
            "test": {"filters": [], "timeout": "1m30s"}, "install": {"serverSideApply": false},
            "uninstall": {}, "valuesFrom": [{"kind": "Secret", "name": "x"}],
        });
        check(helm_release::HELM_RELEASE.written, helm_release::definition, spec, wanted);
    }

    #[test]
    fn what_go_holds_by_value_is_written_when_it_is_not_there() {
        check(
            helm_repository::HELM_REPOSITORY.written,
            helm_repository::definition,
            json!({"url": "oci://h/r"}),
            json!({"url": "oci://h/r", "interval": "0s"}),
        );
        let policy =
            |filter: Value| json!({"imageRepositoryRef": {"name": "a"}, "policy": {}, "filterTags": filter});
        let wanted = policy(json!({"pattern": "^v", "extract": ""}));
        check(
            image_policy::IMAGE_POLICY.written,
            image_policy::definition,
            policy(json!({"pattern": "^v"})),
            wanted,
        );
    }
}
