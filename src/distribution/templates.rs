//! The embedded manifests, one folder of `templates/` for all releases that share them.

use crate::api::Kind;
use crate::kind::embedded_definition;
use crate::text::yaml;
use serde_json::Value;

/// The files of a folder.
#[derive(Debug)]
pub struct Templates {
    /// Name of the folder, as the table of releases has it.
    name: &'static str,
    pub(super) controllers: &'static str,
    pub(super) deployment: &'static str,
    pub(super) policies: &'static str,
    pub(super) rbac: &'static str,
    /// Definitions by `<plural>.<group>` that differ from those of `templates/crds`.
    pub(super) definitions: &'static [(&'static str, &'static str)],
}

static FOLDERS: &[Templates] = &[Templates {
    name: "v2.9",
    controllers: include_str!("../../templates/v2.9/controllers.yaml"),
    deployment: include_str!("../../templates/v2.9/deployment.yaml"),
    policies: include_str!("../../templates/v2.9/policies.yaml"),
    rbac: include_str!("../../templates/v2.9/rbac.yaml"),
    definitions: &[],
}];

impl Templates {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FOLDERS.iter().find(|folder| folder.name == name)
    }

    /// The definition of a kind.
    pub(super) fn definition(&self, kind: &Kind) -> Value {
        let own = |(name, _): &&(&str, &str)| name.split_once('.') == Some((kind.plural, kind.group));
        match self.definitions.iter().find(own) {
            Some((_, text)) => document(text),
            None => document(&embedded_definition(kind)),
        }
    }
}

/// The documents of an embedded file.
pub(super) fn documents(text: &str) -> Vec<Value> {
    yaml::documents(text, "an embedded template").expect("embedded templates are YAML")
}

/// The first document of an embedded file.
pub(super) fn document(text: &str) -> Value {
    documents(text).remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::source::bucket::BUCKET;

    #[test]
    fn a_release_can_have_a_definition_of_its_own() {
        let shared = &FOLDERS[0];
        assert_eq!(shared.definition(&BUCKET)["kind"], "CustomResourceDefinition");
        let definitions = &[("buckets.source.toolkit.fluxcd.io", "kind: Other\n")];
        let other = Templates { name: "other", definitions, ..*shared };
        assert_eq!(other.definition(&BUCKET)["kind"], "Other");
    }
}
