//! Folders become resources: each reads its own, generates, takes in its components, and transforms what it has.

use super::build::NotCovered;
use super::build::Restrictor;
use super::config::Config;
use super::file::Kustomization;
use super::generators;
use super::generators::Sort;
use super::hash;
use super::images;
use super::labels;
use super::layer::Layer;
use super::layer::is_remote;
use super::metadata;
use super::names;
use super::names::Affix;
use super::namespace;
use super::patch;
use super::references;
use super::replacements;
use super::replicas;
use super::resource;
use super::resource::Resource;
use super::set::Set;
use crate::render::tree;
use crate::render::tree::Found;
use crate::render::tree::Tree;
use crate::text::yaml;
use anyhow::Context;

/// Resources with the fields that their kustomizations configured.
#[derive(Default)]
pub(super) struct Accumulated {
    pub set: Set,
    pub config: Config,
}

/// Builds the folder at the top of a build.
///
/// # Errors
/// Everything that a folder below can be wrong in; named.
pub(super) fn top(
    tree: &dyn Tree,
    folder: &str,
    restrictor: Restrictor,
    tell: &dyn Fn(String),
) -> anyhow::Result<(Set, Kustomization)> {
    let Some(Found::Folder(folder)) = tree.find(folder)? else {
        anyhow::bail!("\"{}\" is not a folder", tree.name(folder));
    };
    let mut layer = Layer::open(tree, restrictor, tell, folder, &[])?;
    layer.origin = (!layer.file.build_metadata.is_empty()).then(String::new);
    let mut all = layer.accumulate(Accumulated::default())?;
    hash::add(&mut all.set)?;
    references::fix(&mut all.set, &all.config)?;
    for resource in &all.set.0 {
        resource::check(&resource.node, "the result")?;
    }
    all.set.0.retain(|resource| {
        let annotations = resource.annotations();
        annotations.get("config.kubernetes.io/local-config").is_none_or(|value| value == "false")
    });
    Ok((all.set, layer.file))
}

impl Layer<'_> {
    fn file_path(&self) -> String {
        tree::join(self.origin.as_deref().unwrap_or_default(), self.file_name)
    }

    fn accumulate(&self, mut all: Accumulated) -> anyhow::Result<Accumulated> {
        for path in &self.file.resources {
            all = self.add_resource(all, path).with_context(|| self.named("resource", path))?;
        }
        all.config.merge(&self.config()?)?;
        self.generate(&mut all.set)?;
        for path in &self.file.components {
            all = self.add_component(all, path).with_context(|| self.named("component", path))?;
        }
        let config = std::mem::take(&mut all.config);
        let transformed = self.transform(&mut all.set, &config);
        transformed.with_context(|| format!("in \"{}\"", self.shown_file()))?;
        all.config = config;
        Ok(all)
    }

    fn named(&self, what: &str, path: &str) -> String {
        format!("the {what} \"{path}\" of \"{}\"", self.shown_file())
    }

    fn config(&self) -> anyhow::Result<Config> {
        let (mut config, mut more) = (Config::standard(), Config::default());
        for path in &self.file.configurations {
            let text = self.text(path)?;
            let read = Config::parse(&text, path).and_then(|read| more.merge(&read));
            read.with_context(|| format!("the configuration \"{path}\""))?;
        }
        config.merge(&more)?;
        Ok(config)
    }

    fn add_resource(&self, mut all: Accumulated, path: &str) -> anyhow::Result<Accumulated> {
        match self.find(path) {
            Ok(Some(Found::File(_))) => {
                let bytes = self.load(path)?;
                let is_wide = yaml::is_wide(&bytes);
                let nodes = resource::parse(&yaml::text(bytes, path)?, path)?;
                // kustomize would lose all but the first.
                anyhow::ensure!(!is_wide || nodes.len() < 2, "a file in UTF-16 has one document only");
                for node in nodes {
                    let mut resource = Resource::new(node);
                    if let Some(origin) = &self.origin {
                        metadata::read_from(&mut resource, &joined(origin, path));
                    }
                    all.set.append(resource)?;
                }
                Ok(all)
            }
            Ok(Some(Found::Folder(folder))) => {
                let below = self.below(folder, path)?;
                anyhow::ensure!(!below.file.is_component(), "it is a component, not a resource");
                let more = below.accumulate(Accumulated::default())?;
                all.set.append_all(more.set.0)?;
                all.config.merge(&more.config)?;
                Ok(all)
            }
            _ if is_remote(path) => {
                anyhow::bail!(NotCovered(format!("the remote {}", self.named("resource", path))))
            }
            Ok(None) => anyhow::bail!("there is no such file or folder"),
            Err(error) => Err(error),
        }
    }

    fn add_component(&self, all: Accumulated, path: &str) -> anyhow::Result<Accumulated> {
        if is_remote(path) {
            anyhow::bail!(NotCovered(format!("the remote {}", self.named("component", path))));
        }
        let Some(Found::Folder(folder)) = self.find(path)? else { anyhow::bail!("there is no such folder") };
        let below = self.below(folder, path)?;
        anyhow::ensure!(below.file.is_component(), "its kind is not Component");
        let all = below.accumulate(all)?;
        // What is merged again is ordered by now, and so may be fewer fields.
        let mut config = Config::default();
        config.merge(&all.config)?;
        Ok(Accumulated { config, ..all })
    }

    fn below(&self, folder: String, path: &str) -> anyhow::Result<Self> {
        let circle = self.visited.iter().find(|visited| tree::is_below(visited, &folder));
        if let Some(visited) = circle {
            let (folder, visited) = (self.tree.name(&folder), self.tree.name(visited));
            anyhow::bail!("a cycle: \"{folder}\" contains \"{visited}\", which led to it");
        }
        let mut layer = Self::open(self.tree, self.restrictor, self.tell, folder, &self.visited)?;
        layer.origin = self.origin.as_ref().map(|origin| joined(origin, path));
        Ok(layer)
    }

    fn generate(&self, set: &mut Set) -> anyhow::Result<()> {
        let maps = self.file.config_map_generator.iter().map(|generator| (Sort::ConfigMap, generator));
        let secrets = self.file.secret_generator.iter().map(|generator| (Sort::Secret, generator));
        for (sort, generator) in maps.chain(secrets) {
            let mut resource = generators::make(self, sort, generator, self.file.generator_options.as_ref())?;
            if self.origin.is_some() {
                let what = if sort == Sort::Secret { "SecretGenerator" } else { "ConfigMapGenerator" };
                metadata::made_by(&mut resource, &self.file_path(), what);
            }
            set.absorb(resource)?;
        }
        Ok(())
    }

    /// The transformers, in the order of kustomize, whatever their order in the file.
    fn transform(&self, set: &mut Set, config: &Config) -> anyhow::Result<()> {
        let file = &self.file;
        let done = |set: &mut Set, what: &str| {
            if self.origin.is_some() {
                metadata::changed_by(set, &self.file_path(), what);
            }
            set.drop_empty();
        };
        if let Some(patches) = file.patches_strategic_merge.as_deref().filter(|patches| !patches.is_empty()) {
            patch::strategic_merge(set, self, patches)?;
            done(set, "PatchStrategicMergeTransformer");
        }
        for entry in &file.patches {
            patch::patch(set, self, entry)?;
            done(set, "PatchTransformer");
        }
        if !file.namespace.is_empty() {
            namespace::set(set, &file.namespace, &config.namespace)?;
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

/// A path below another, `..` taken together.
fn joined(origin: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in origin.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
