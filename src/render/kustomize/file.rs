//! The fields of a `kustomization.yaml`.

use super::decode;
use super::decode::Rules;
use super::fieldspec::FieldSpec;
use super::id::Gvk;
use super::misfit::Misfit;
use super::order::SortOptions;
use crate::text::WithHint;
use crate::text::yaml::Lines;
use crate::text::yaml::Step;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Fields that the type does not have are refused, and so are numbers where strings are wanted.
const RULES: Rules = Rules { ignores_unknown: false, takes_scalars: false };

/// What will do where a chart is refused.
pub(super) const INSTEAD_OF_CHARTS: &str = "let Flux install the chart with a HelmRelease, or write the output of `helm template` to a file and list it in resources";

pub(super) type Pairs = BTreeMap<String, String>;

/// What a folder's file says. Fields that are not covered are kept as they are; deprecated ones know whether they are written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kustomization {
    pub api_version: String,
    pub kind: String,
    pub metadata: Option<Metadata>,
    pub openapi: Pairs,
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    pub common_labels: Option<Pairs>,
    pub labels: Vec<Label>,
    pub common_annotations: Pairs,
    pub patches_strategic_merge: Option<Vec<String>>,
    #[serde(rename = "patchesJson6902")]
    pub patches_json6902: Option<Vec<Patch>>,
    pub patches: Vec<Patch>,
    pub images: Vec<Image>,
    pub image_tags: Option<Vec<Image>>,
    pub replacements: Vec<ReplacementField>,
    pub replicas: Vec<Replica>,
    pub vars: Option<Vec<Var>>,
    pub sort_options: Option<SortOptions>,
    pub resources: Vec<String>,
    pub components: Vec<String>,
    pub crds: Vec<String>,
    pub bases: Option<Vec<String>>,
    pub config_map_generator: Vec<Generator>,
    pub secret_generator: Vec<Generator>,
    pub helm_globals: Option<HelmGlobals>,
    pub helm_charts: Vec<Value>,
    pub helm_chart_inflation_generator: Vec<Value>,
    pub generator_options: Option<GeneratorOptions>,
    pub configurations: Vec<String>,
    pub generators: Vec<String>,
    pub transformers: Vec<String>,
    pub validators: Vec<String>,
    pub build_metadata: Vec<String>,
}

/// Not used by a build, but checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    name: String,
    namespace: String,
    labels: Pairs,
    annotations: Pairs,
}

/// Not used by a build, but checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HelmGlobals {
    chart_home: String,
    config_home: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Label {
    pub pairs: Pairs,
    pub include_selectors: bool,
    pub include_templates: bool,
    pub fields: Vec<FieldSpec>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Patch {
    pub path: String,
    pub patch: String,
    pub target: Option<Target>,
    pub options: PatchOptions,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PatchOptions {
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
}

/// Which resources are meant; every text is a regular expression for the whole of what it is compared with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    pub name: String,
    pub new_name: String,
    pub tag_suffix: String,
    pub new_tag: String,
    pub digest: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Replica {
    pub name: String,
    pub count: i64,
}

/// A replacement, or the file that holds some.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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

/// A name for the value of a field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Var {
    /// The kustomization and the line, for messages.
    #[serde(skip)]
    pub place: String,
    pub name: String,
    pub objref: Reference,
    pub fieldref: FieldReference,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Reference {
    pub api_version: String,
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FieldReference {
    pub field_path: String,
}

/// A generator of ConfigMaps or Secrets; only Secrets have a type.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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
#[serde(rename_all = "camelCase", default)]
pub(super) struct GeneratorOptions {
    pub labels: Pairs,
    pub annotations: Pairs,
    pub disable_name_suffix_hash: bool,
    pub immutable: bool,
}

/// The names of the fields of a kustomization.
pub fn field_names() -> &'static [&'static str] {
    static NAMES: LazyLock<&'static [&'static str]> = LazyLock::new(decode::names_of::<Kustomization>);
    &NAMES
}

impl Kustomization {
    /// Reads the file, and tells what it has that is deprecated, in kustomize's words.
    ///
    /// # Errors
    /// No YAML, unknown fields, values of a wrong type, another kind or version; the file is named, with the line that `lines` knows.
    pub(super) fn parse(
        text: &str,
        file: &str,
        tell: &dyn Fn(String),
        lines: &dyn Fn() -> Lines,
    ) -> anyhow::Result<Self> {
        let root = decode::document(text, file)?;
        let is_empty = is_empty(&root);
        let read = refuse_types(&root).and_then(|()| decode::from_value(root, RULES));
        let mut read: Self = read.map_err(|misfit| {
            let told = misfit.told(&lines());
            anyhow::anyhow!("\"{file}\" is not a valid kustomization: {told}")
        })?;
        read.tell_deprecated(tell);
        anyhow::ensure!(!is_empty, "\"{file}\" is empty");
        read.settle(file)?;
        Ok(read)
    }

    fn tell_deprecated(&self, tell: &dyn Fn(String)) {
        for (is_written, old, new, experimental) in [
            (self.bases.is_some(), "bases", "resources", ""),
            (self.common_labels.is_some(), "commonLabels", "labels", ""),
            (self.image_tags.is_some(), "imageTags", "images", ""),
            (self.patches_json6902.is_some(), "patchesJson6902", "patches", ""),
            (self.patches_strategic_merge.is_some(), "patchesStrategicMerge", "patches", ""),
            (self.vars.is_some(), "vars", "replacements", "[EXPERIMENTAL] "),
        ] {
            if is_written {
                tell(format!(
                    "# Warning: '{old}' is deprecated. Please use '{new}' instead. \
                     {experimental}Run 'kustomize edit fix' to update your Kustomization automatically."
                ));
            }
        }
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
        for replacement in &mut self.replacements {
            // An empty list counts as not set.
            replacement.targets.take_if(|targets| targets.is_empty());
        }
        self.resources.extend(self.bases.take().unwrap_or_default());
        self.images.extend(self.image_tags.take().unwrap_or_default());
        for generator in self.config_map_generator.iter_mut().chain(&mut self.secret_generator) {
            if !generator.env.is_empty() {
                generator.envs.push(std::mem::take(&mut generator.env));
            }
        }
        Ok(())
    }

    /// # Errors
    /// Helm charts, which need a program.
    pub(super) fn refuse_charts(&self, file: &str) -> anyhow::Result<()> {
        let has_charts = !(self.helm_charts.is_empty() && self.helm_chart_inflation_generator.is_empty());
        if !has_charts {
            return Ok(());
        }
        let reason = format!("helmCharts in \"{file}\" is not supported: a build starts no other program");
        Err(anyhow::anyhow!(reason)).hint(INSTEAD_OF_CHARTS)
    }
}

/// # Errors
/// A type of a ConfigMap: only Secrets have one.
fn refuse_types(root: &Value) -> Result<(), Misfit> {
    fn named<'a>(value: &'a Value, name: &'static str) -> impl Iterator<Item = &'a Value> {
        let fields = value.as_object().into_iter().flatten();
        fields.filter(move |(field, _)| decode::is_alike(name, field)).map(|(_, value)| value)
    }
    let generators = named(root, "configMapGenerator").filter_map(Value::as_array);
    let mut generators = generators.flat_map(|list| list.iter().enumerate());
    match generators.find(|(_, generator)| named(generator, "type").next().is_some()) {
        Some((at, _)) => {
            let generator = vec![Step::field("configMapGenerator"), Step::Item(at)];
            Err(Misfit::unknown(generator, "type"))
        }
        None => Ok(()),
    }
}

/// Whether no field is used but `apiVersion` and `kind`.
fn is_empty(root: &Value) -> bool {
    let is_used = |(name, value): (&String, &Value)| match name.to_ascii_lowercase().as_str() {
        "apiversion" | "kind" => false,
        "bases" | "imagetags" | "helmchartinflationgenerator" => *value != Value::Array(Vec::new()),
        _ => *value != Value::String(String::new()),
    };
    match root {
        Value::Null => true,
        Value::Object(fields) => !fields.iter().filter(|(_, value)| !value.is_null()).any(is_used),
        _ => false,
    }
}
