//! The transformers of a kustomization: those of its fields, in the order of kustomize whatever their order in the file, then those
//! that are objects.

use super::config::Config;
use super::images;
use super::labels;
use super::layer::Layer;
use super::metadata;
use super::names;
use super::names::Affix;
use super::namespace;
use super::namespace::Move;
use super::origin::By;
use super::patch;
use super::plugins;
use super::replacements;
use super::replicas;
use super::set::Set;
use anyhow::Context;

impl Layer<'_> {
    /// Changes the resources.
    ///
    /// # Errors
    /// Those of the transformers.
    pub(super) fn transform(&self, set: &mut Set, config: &Config) -> anyhow::Result<()> {
        let transformed = self.transform_by_fields(set, config);
        transformed.with_context(|| format!("in \"{}\"", self.shown_file()))?;
        for object in self.configurations_of("transformers", &self.file.transformers)? {
            plugins::transform(self, set, &object).with_context(|| object.id().to_string())?;
            set.tidy();
            if let Some((origin, by)) = metadata::of_configuration(&object) {
                metadata::changed_by(set, &origin, &by);
            }
        }
        Ok(())
    }

    /// Checks the resources.
    ///
    /// # Errors
    /// Those of the validators, and one that changes something.
    pub(super) fn validate(&self, set: &mut Set) -> anyhow::Result<()> {
        for object in self.configurations_of("validators", &self.file.validators)? {
            let mut seen = set.clone();
            plugins::transform(self, &mut seen, &object).with_context(|| object.id().to_string())?;
            plugins::check_unchanged(set, &seen).with_context(|| object.id().to_string())?;
            *set = seen;
        }
        Ok(())
    }

    fn transform_by_fields(&self, set: &mut Set, config: &Config) -> anyhow::Result<()> {
        let file = &self.file;
        let done = |set: &mut Set, what: &str| {
            // What was taken away is not annotated.
            set.tidy();
            if let Some(origin) = self.origin_of_file() {
                metadata::changed_by(set, &origin, &By::field(what));
            }
        };
        if let Some(patches) = file.patches_strategic_merge.as_deref().filter(|patches| !patches.is_empty()) {
            patch::strategic_merge(set, self, patches, "")?;
            done(set, "PatchStrategicMergeTransformer");
        }
        for entry in &file.patches {
            patch::patch(set, self, entry)?;
            done(set, "PatchTransformer");
        }
        if !file.namespace.is_empty() {
            let to = Move { namespace: &file.namespace, specs: &config.namespace, ..Move::default() };
            namespace::set(set, &to)?;
            done(set, "NamespaceTransformer");
        }
        if !file.name_prefix.is_empty() {
            names::extend(set, Affix::Prefix, &file.name_prefix, &config.name_prefix)?;
            done(set, "PrefixTransformer");
        }
        if !file.name_suffix.is_empty() {
            names::extend(set, Affix::Suffix, &file.name_suffix, &config.name_suffix)?;
            done(set, "SuffixTransformer");
        }
        for label in &file.labels {
            labels::set(set, &label.pairs, &labels::fields_of(label, config)?)?;
            done(set, "LabelTransformer");
        }
        let common_labels = file.common_labels.clone().unwrap_or_default();
        if !(file.labels.is_empty() && common_labels.is_empty()) {
            labels::set(set, &common_labels, &config.common_labels)?;
            done(set, "LabelTransformer");
        }
        if !file.common_annotations.is_empty() {
            labels::set(set, &file.common_annotations, &config.common_annotations)?;
            done(set, "AnnotationsTransformer");
        }
        for entry in file.patches_json6902.iter().flatten() {
            patch::json(set, self, entry)?;
            done(set, "PatchJson6902Transformer");
        }
        for replica in &file.replicas {
            replicas::set(set, replica, &config.replicas)?;
            done(set, "ReplicaCountTransformer");
        }
        for image in &file.images {
            images::set(set, image, &config.images)?;
            done(set, "ImageTagTransformer");
        }
        if !file.replacements.is_empty() {
            replacements::apply(set, &replacements::load(self, &file.replacements)?)?;
            done(set, "ReplacementTransformer");
        }
        Ok(())
    }
}
