//! The variables that a Kustomization puts into what it applies, as far as files tell them.

use crate::api::ObjectId;
use crate::render::Declaration;
use crate::render::Missing;
use crate::render::is_switched_off;
use crate::render::substitute;
use serde_json::Value;
use std::cell::Cell;
use std::collections::HashMap;

/// The fields of a Kustomization that say what it builds, and how that is called.
const FIELDS: [&str; 7] =
    ["path", "targetNamespace", "namePrefix", "nameSuffix", "components", "postBuild", "sourceRef"];

/// The variables of one Kustomization.
#[derive(Debug, Default)]
pub(super) struct KnownVariables {
    /// None where nothing is substituted.
    set: Option<HashMap<String, String>>,
    /// Whether the cluster may know more of them: those of ConfigMaps and Secrets.
    has_others: bool,
}

impl KnownVariables {
    /// Those of a Kustomization with this `spec`.
    pub(super) fn of(spec: &Value) -> Self {
        let Some(build) = spec.get("postBuild").filter(|build| build.is_object()) else {
            return Self::default();
        };
        let set = build["substitute"].as_object().into_iter().flatten();
        let set = set.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let has_others = build["substituteFrom"].as_array().is_some_and(|sources| !sources.is_empty());
        Self { set: Some(set.collect()), has_others }
    }

    /// The text with its variables replaced; as it is where one of them is not known.
    fn in_text(&self, text: &str) -> Option<String> {
        let set = self.set.as_ref().filter(|_| text.contains('$'))?;
        let is_unknown = Cell::new(false);
        let value = |name: &str| {
            let value = set.get(name).map(String::as_str);
            is_unknown.set(is_unknown.get() || (value.is_none() && self.has_others));
            value
        };
        let completed = substitute(text.as_bytes(), Missing::Empty, value).ok()?;
        String::from_utf8(completed).ok().filter(|_| !is_unknown.get())
    }

    fn in_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(completed) = self.in_text(text) {
                    *text = completed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.in_value(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.in_value(field)),
            _ => {}
        }
    }

    /// The spec of a Kustomization among what is applied, with what decides about its own build completed.
    pub(super) fn completed(&self, object: &Value) -> Value {
        let mut spec = object["spec"].clone();
        if !is_switched_off(object) {
            for field in FIELDS {
                if let Some(value) = spec.get_mut(field) {
                    self.in_value(value);
                }
            }
        }
        spec
    }

    /// Completes the name of a declared object.
    pub(super) fn complete_id(&self, declaration: &mut Declaration) {
        if !is_switched_off(&declaration.object) {
            self.complete(&mut declaration.id);
        }
    }

    /// Completes the name of an object.
    pub(super) fn complete(&self, id: &mut ObjectId) {
        for text in [&mut id.name, &mut id.namespace] {
            if let Some(completed) = self.in_text(text) {
                *text = completed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_files_tell_is_put_in_and_the_rest_stays() {
        let path = |build: Value, path: &str| {
            let object = json!({"spec": {"path": path, "interval": "${i}"}});
            let spec = KnownVariables::of(&json!({"postBuild": build})).completed(&object);
            assert_eq!(spec["interval"], "${i}");
            spec["path"].as_str().unwrap().to_owned()
        };
        let one = json!({"substitute": {"env": "one"}});
        let more =
            json!({"substitute": {"env": "one"}, "substituteFrom": [{"kind": "ConfigMap", "name": "x"}]});
        assert_eq!(path(one.clone(), "./apps/${env}/${region:=eu}"), "./apps/one/eu");
        assert_eq!(path(one, "./apps/${other}"), "./apps/");
        assert_eq!(path(more.clone(), "./apps/${env}"), "./apps/one");
        assert_eq!(path(more, "./apps/${env}/${region:=eu}"), "./apps/${env}/${region:=eu}");
        assert_eq!(path(Value::Null, "./apps/${env}"), "./apps/${env}");
        let mut id = ObjectId::of(&json!({"kind": "A", "metadata": {"name": "web-${env}"}}));
        KnownVariables::of(&json!({"postBuild": {"substitute": {"env": "one"}}})).complete(&mut id);
        assert_eq!(id.name, "web-one");
    }
}
