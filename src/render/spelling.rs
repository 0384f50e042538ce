//! The spelling of the fields of a kustomization: kustomize reads them in any case.

use super::kustomize::field_names;
use serde_json::Value;
use std::borrow::Cow;

/// The usual name of a field.
pub(super) fn usual_name(name: &str) -> Option<&'static str> {
    field_names().iter().copied().find(|field| field.eq_ignore_ascii_case(name))
}

/// A kustomization with the usual names of its fields.
pub(super) fn with_usual_names(kustomization: &Value) -> Cow<'_, Value> {
    let Some(fields) = kustomization.as_object() else { return Cow::Borrowed(kustomization) };
    let is_usual = |name: &String| usual_name(name).is_none_or(|usual| usual == name);
    if fields.keys().all(is_usual) {
        return Cow::Borrowed(kustomization);
    }
    let mut usual = fields.clone();
    usual.retain(|name, _| is_usual(name));
    for (name, value) in fields.iter().filter(|(name, _)| !is_usual(name)) {
        let name = usual_name(name).unwrap_or(name);
        usual.entry(name).or_insert_with(|| value.clone());
    }
    Cow::Owned(Value::Object(usual))
}

/// How a kustomization spells a field; the usual name if it does not have it.
pub fn spelled<'a>(kustomization: &'a Value, field: &'a str) -> &'a str {
    let Some(fields) = kustomization.as_object().filter(|fields| !fields.contains_key(field)) else {
        return field;
    };
    fields.keys().find(|name| name.eq_ignore_ascii_case(field)).map_or(field, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_in_any_case() {
        let odd = json!({"Resources": ["a"], "IMAGES": [], "images": [1], "other": 1});
        let wanted = json!({"resources": ["a"], "images": [1], "other": 1});
        assert_eq!(with_usual_names(&odd).into_owned(), wanted);
        assert_eq!(spelled(&odd, "resources"), "Resources");
        assert_eq!(spelled(&odd, "images"), "images");
        assert_eq!(spelled(&odd, "patches"), "patches");
    }
}
