//! What a patch makes of one field of an object. Nothing else of the object is patched here.

use super::patches::PatchText;
use super::patches::Said;
use super::patches::pointer;
use super::patches::tokens;
use crate::text::yaml::edit::Step;
use serde_json::Map;
use serde_json::Value;

impl PatchText {
    /// What a part of an object is merged over, if a field has this value: nothing where the patch takes the place of what is there.
    pub fn merges_over(&self, field: &[&str], value: Value) -> Value {
        let mut along = (0..=field.len()).map(|length| pointer(&field[..length]) + "/$patch");
        let mut directive = along.find_map(|way| self.content.pointer(&way)?.as_str());
        directive = directive.filter(|word| ["replace", "delete"].contains(word));
        if self.content.is_array() || directive.is_some() { Value::Null } else { value }
    }

    /// What a field with this value is before the operation that says what it is.
    pub fn applied_before(&self, said: &Said, field: &[&str], value: Value) -> Value {
        let before = if let Some(Step::Item(at)) = said.path.first() { *at } else { 0 };
        let operations = self.content.as_array().into_iter().flatten().take(before);
        operations.fold(value, |value, one| operated(one, field, value))
    }

    /// What a field with this value is after the patch. What an operation copies or moves is not followed.
    pub fn applied(&self, field: &[&str], value: Value) -> Value {
        if let Some(operations) = self.content.as_array() {
            return operations.iter().fold(value, |value, one| operated(one, field, value));
        }
        let under = self.merges_over(field, value);
        match self.content.pointer(&pointer(field)) {
            Some(Value::Object(part)) => merged(under, part),
            Some(set) => set.clone(),
            None => under,
        }
    }
}

/// A mapping with what a part of an object says; a null removes a field.
fn merged(under: Value, part: &Map<String, Value>) -> Value {
    let mut fields = if let Value::Object(fields) = under { fields } else { Map::new() };
    for (name, value) in part.iter().filter(|(name, _)| *name != "$patch") {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields.into()
}

/// What a field with this value, or one of its parts, is after an operation.
fn operated(operation: &Value, field: &[&str], mut value: Value) -> Value {
    let new = match operation["op"].as_str() {
        Some("add" | "replace") => operation.get("value"),
        Some("remove") => None,
        _ => return value,
    };
    let tokens = tokens(operation).unwrap_or_default();
    let common = tokens.iter().zip(field).take_while(|(token, part)| token.as_str() == **part).count();
    match (&tokens[common..], &field[common..]) {
        ([], rest) if common > 0 => {
            new.and_then(|new| new.pointer(&pointer(rest))).cloned().unwrap_or_default()
        }
        ([part], []) => {
            if let Some(fields) = value.as_object_mut() {
                match new {
                    Some(new) => drop(fields.insert(part.clone(), new.clone())),
                    None => drop(fields.remove(part)),
                }
            }
            value
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::super::patches::Patches;
    use serde_json::Value;
    use serde_json::json;

    #[test]
    fn what_a_patch_makes_of_a_field_is_known() {
        let field = ["spec", "ref"];
        let base = json!({"semver": "1.x"});
        let applied = |patch: Value| {
            let spec = json!({"patches": [{"patch": patch.to_string(), "target": {"kind": "A"}}]});
            Patches::of_spec(&spec).all()[0].applied(&field, base.clone())
        };
        let part = |value: Value| json!({"kind": "A", "spec": {"ref": value}});
        let operation =
            |op: &str, path: &str, value: Value| json!([{"op": op, "path": path, "value": value}]);
        for (patch, wanted) in [
            (part(json!({"tag": "v1"})), json!({"semver": "1.x", "tag": "v1"})),
            (part(json!({"tag": "v1", "semver": null})), json!({"tag": "v1"})),
            (part(json!({"$patch": "replace", "tag": "v1"})), json!({"tag": "v1"})),
            (part(json!(null)), json!(null)),
            (json!({"kind": "A", "spec": {"$patch": "replace", "url": "u"}}), json!(null)),
            (json!({"kind": "A", "spec": {"url": "u"}}), base.clone()),
            (operation("add", "/spec/ref/tag", json!("v1")), json!({"semver": "1.x", "tag": "v1"})),
            (operation("remove", "/spec/ref/semver", json!(null)), json!({})),
            (operation("replace", "/spec/ref", json!({"tag": "v1"})), json!({"tag": "v1"})),
            (operation("replace", "/spec", json!({"ref": {"tag": "v1"}})), json!({"tag": "v1"})),
            (operation("replace", "/spec/url", json!("u")), base.clone()),
            (operation("test", "/spec/ref", json!({})), base.clone()),
        ] {
            assert_eq!(applied(patch.clone()), wanted, "{patch}");
        }
        let two = ["tag", "semver"]
            .map(|part| operation("add", &format!("/spec/ref/{part}"), json!("2.x"))[0].clone());
        let spec = json!({"patches": [{"patch": json!(two).to_string(), "target": {"kind": "A"}}]});
        let patches = Patches::of_spec(&spec);
        let said = patches.all()[0].said(&field, &["semver"]).unwrap();
        let before = patches.all()[0].applied_before(&said, &field, base.clone());
        assert_eq!(before, json!({"semver": "1.x", "tag": "2.x"}));
    }
}
