//! The fields of a `kustomization.yaml`.

use super::fieldspec::FieldSpec;
use super::id::Gvk;
use super::order::SortOptions;
use crate::text::yaml;
use anyhow::Context;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) type Pairs = BTreeMap<String, String>;

/// What a folder's file says. Fields that are not covered are kept as they are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Kustomization {
    pub api_version: String,
    pub kind: String,
    pub metadata: Option<Value>,
    pub openapi: Map<String, Value>,
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    pub common_labels: Pairs,
    pub labels: Vec<Label>,
    pub common_annotations: Pairs,
    pub patches_strategic_merge: Vec<String>,
    #[serde(rename = "patchesJson6902")]
    pub patches_json6902: Vec<Patch>,
    pub patches: Vec<Patch>,
    pub images: Vec<Image>,
    pub image_tags: Vec<Image>,
    pub replacements: Vec<ReplacementField>,
    pub replicas: Vec<Replica>,
    pub vars: Vec<Value>,
    pub sort_options: Option<SortOptions>,
    pub resources: Vec<String>,
    pub components: Vec<String>,
    pub crds: Vec<String>,
    pub bases: Vec<String>,
    pub config_map_generator: Vec<Generator>,
    pub secret_generator: Vec<Generator>,
    pub helm_globals: Option<Value>,
    pub helm_charts: Vec<Value>,
    pub helm_chart_inflation_generator: Vec<Value>,
    pub generator_options: Option<GeneratorOptions>,
    pub configurations: Vec<String>,
    pub generators: Vec<String>,
    pub transformers: Vec<String>,
    pub validators: Vec<String>,
    pub build_metadata: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Label {
    pub pairs: Pairs,
    pub include_selectors: bool,
    pub include_templates: bool,
    pub fields: Vec<FieldSpec>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Patch {
    pub path: String,
    pub patch: String,
    pub target: Option<Target>,
    pub options: PatchOptions,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct PatchOptions {
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
}

/// Which resources are meant; every text is a regular expression for the whole of what it is compared with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Target {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
    pub annotation_selector: String,
    pub label_selector: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Image {
    pub name: String,
    pub new_name: String,
    pub tag_suffix: String,
    pub new_tag: String,
    pub digest: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Replica {
    pub name: String,
    pub count: i64,
}

/// A replacement, or the file that holds some.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct ReplacementField {
    pub path: String,
    pub source: Option<Source>,
    pub targets: Option<Vec<ReplacementTarget>>,
    pub source_value: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Source {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
    pub field_path: String,
    pub options: Option<FieldOptions>,
}

impl Source {
    pub(super) fn gvk(&self) -> Gvk {
        Gvk { group: self.group.clone(), version: self.version.clone(), kind: self.kind.clone() }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ReplacementTarget {
    pub select: Option<Target>,
    pub reject: Vec<Target>,
    pub field_paths: Vec<String>,
    pub options: Option<FieldOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FieldOptions {
    pub delimiter: String,
    pub index: i64,
    pub encoding: String,
    pub create: bool,
}

/// A generator of ConfigMaps or Secrets; only Secrets have a type.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Generator {
    pub namespace: String,
    pub name: String,
    pub behavior: String,
    pub literals: Vec<String>,
    pub files: Vec<String>,
    pub envs: Vec<String>,
    pub env: String,
    pub options: Option<GeneratorOptions>,
    #[serde(rename = "type")]
    pub secret_type: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct GeneratorOptions {
    pub labels: Pairs,
    pub annotations: Pairs,
    pub disable_name_suffix_hash: bool,
    pub immutable: bool,
}

/// The names of the fields, for those who write them in another case.
const FIELDS: [&str; 34] = [
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

impl Kustomization {
    /// Reads the file.
    ///
    /// # Errors
    /// No YAML, unknown fields, values of a wrong type, another kind or version; the file is named.
    pub(super) fn parse(text: &str, file: &str) -> anyhow::Result<Self> {
        let root = yaml::documents(text, file)?.into_iter().next().unwrap_or(Value::Null);
        let Value::Object(fields) = without_nulls(root) else {
            anyhow::bail!("\"{file}\" holds no kustomization");
        };
        let fields: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (spelled(name), value)).collect();
        let is_empty = !fields.keys().any(|name| name != "apiVersion" && name != "kind");
        anyhow::ensure!(!is_empty, "\"{file}\" is empty");
        let mut read: Self = serde_json::from_value(Value::Object(fields))
            .with_context(|| format!("\"{file}\" is no valid kustomization"))?;
        read.settle(file)?;
        Ok(read)
    }

    pub(super) fn is_component(&self) -> bool {
        self.kind == "Component"
    }

    /// Older spellings of fields, and the defaults.
    fn settle(&mut self, file: &str) -> anyhow::Result<()> {
        if self.kind.is_empty() {
            "Kustomization".clone_into(&mut self.kind);
        }
        anyhow::ensure!(
            ["Kustomization", "Component"].contains(&self.kind.as_str()),
            "the kind of \"{file}\" should be Kustomization or Component"
        );
        let version = if self.is_component() { "v1alpha1" } else { "v1beta1" };
        let version = format!("kustomize.config.k8s.io/{version}");
        anyhow::ensure!(
            self.api_version.is_empty() || self.api_version == version,
            "the apiVersion of \"{file}\" should be {version}"
        );
        self.resources.append(&mut self.bases);
        self.images.append(&mut self.image_tags);
        for generator in self.config_map_generator.iter_mut().chain(&mut self.secret_generator) {
            if !generator.env.is_empty() {
                generator.envs.push(std::mem::take(&mut generator.env));
            }
        }
        Ok(())
    }

    /// A field that is used but not covered.
    pub(super) fn uncovered(&self) -> Option<&'static str> {
        let used = [
            (!self.openapi.is_empty(), "openapi"),
            (!self.vars.is_empty(), "vars"),
            (!self.crds.is_empty(), "crds"),
            (!self.helm_charts.is_empty(), "helmCharts"),
            (!self.helm_chart_inflation_generator.is_empty(), "helmChartInflationGenerator"),
            (!self.generators.is_empty(), "generators"),
            (!self.transformers.is_empty(), "transformers"),
            (!self.validators.is_empty(), "validators"),
        ];
        used.into_iter().find(|(is_used, _)| *is_used).map(|(_, name)| name)
    }
}

fn spelled(name: String) -> String {
    let known = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(&name));
    known.map_or(name, |field| (*field).to_owned())
}

/// An empty field is one that is not there.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
