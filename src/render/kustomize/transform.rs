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
        self.transform_by_fields(set, config)?;
        for object in self.configurations_of("transformers", &self.file.transformers)? {
            plugins::transform(self, set, &object).with_context(|| object.named().to_string())?;
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
            plugins::transform(self, &mut seen, &object).with_context(|| object.named().to_string())?;
            plugins::check_unchanged(set, &seen).with_context(|| object.named().to_string())?;
            *set = seen;
        }
        Ok(())
    }

    fn transform_by_fields(&self, set: &mut Set, config: &Config) -> anyhow::Result<()> {
        let file = &self.file;
        let done = |set: &mut Set, what: &str| {
            // Removed resources are not annotated.
            set.tidy();
            if let Some(origin) = self.origin_of_file() {
                metadata::changed_by(set, &origin, &By::field(what));
            }
        };
        if let Some(patches) = file.patches_strategic_merge.as_deref().filter(|patches| !patches.is_empty()) {
            let field = "patchesStrategicMerge";
            patch::strategic_merge(set, self, patches, "").with_context(|| self.within_field(field))?;
            done(set, "PatchStrategicMergeTransformer");
        }
        for (at, entry) in file.patches.iter().enumerate() {
            patch::patch(set, self, entry).with_context(|| self.within("patches", at))?;
            done(set, "PatchTransformer");
        }
        if !file.namespace.is_empty() {
            let to = Move { namespace: &file.namespace, specs: &config.namespace, ..Move::default() };
            namespace::set(set, &to).with_context(|| self.within_field("namespace"))?;
            done(set, "NamespaceTransformer");
        }
        if !file.name_prefix.is_empty() {
            names::extend(set, Affix::Prefix, &file.name_prefix, &config.name_prefix)
                .with_context(|| self.within_field("namePrefix"))?;
            done(set, "PrefixTransformer");
        }
        if !file.name_suffix.is_empty() {
            names::extend(set, Affix::Suffix, &file.name_suffix, &config.name_suffix)
                .with_context(|| self.within_field("nameSuffix"))?;
            done(set, "SuffixTransformer");
        }
        for (at, label) in file.labels.iter().enumerate() {
            let fields = labels::fields_of(label, config);
            fields
                .and_then(|fields| labels::set(set, &label.pairs, &fields))
                .with_context(|| self.within("labels", at))?;
            done(set, "LabelTransformer");
        }
        let common_labels = file.common_labels.clone().unwrap_or_default();
        if !(file.labels.is_empty() && common_labels.is_empty()) {
            labels::set(set, &common_labels, &config.common_labels)
                .with_context(|| self.within_field("commonLabels"))?;
            done(set, "LabelTransformer");
        }
        if !file.common_annotations.is_empty() {
            labels::set(set, &file.common_annotations, &config.common_annotations)
                .with_context(|| self.within_field("commonAnnotations"))?;
            done(set, "AnnotationsTransformer");
        }
        for (at, entry) in file.patches_json6902.iter().flatten().enumerate() {
            patch::json(set, self, entry).with_context(|| self.within("patchesJson6902", at))?;
            done(set, "PatchJson6902Transformer");
        }
        for (at, replica) in file.replicas.iter().enumerate() {
            replicas::set(set, replica, &config.replicas).with_context(|| self.within("replicas", at))?;
            done(set, "ReplicaCountTransformer");
        }
        images::set(set, &file.images, &config.images)
            .map_err(|(at, error)| error.context(self.within("images", at)))?;
        file.images.iter().for_each(|_| done(set, "ImageTagTransformer"));
        for (at, entry) in file.replacements.iter().enumerate() {
            replacements::apply(set, self, entry).with_context(|| self.within("replacements", at))?;
        }
        if !file.replacements.is_empty() {
            done(set, "ReplacementTransformer");
        }
        Ok(())
    }
}
