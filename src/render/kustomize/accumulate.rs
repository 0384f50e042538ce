//! Folders become resources: each reads its own, generates, takes in its components, and transforms what it has.

use super::address;
use super::address::Address;
use super::config::Config;
use super::crds;
use super::file::Kustomization;
use super::generators;
use super::generators::Sort;
use super::hash;
use super::layer::Layer;
use super::layer::Outside;
use super::metadata;
use super::origin::By;
use super::plugins;
use super::references;
use super::resource;
use super::resource::Resource;
use super::set::Set;
use super::source::Source;
use super::vars;
use super::vars::Vars;
use crate::render::tree::PathEntry;
use crate::render::tree::Tree;
use crate::text::without_credentials;
use crate::text::yaml;
use crate::text::yaml::Step;
use anyhow::Context;
use std::sync::Arc;

/// Resources with the fields and the vars that their kustomizations configured.
#[derive(Default)]
pub(super) struct Accumulated {
    pub set: Set,
    pub config: Arc<Config>,
    pub vars: Vars,
}

/// Builds the folder at the top of a build.
///
/// # Errors
/// Everything that a folder below can be wrong in; named.
pub(super) fn top(
    tree: &dyn Tree,
    folder: &str,
    outside: &Outside<'_>,
) -> anyhow::Result<(Set, Kustomization)> {
    let Some(PathEntry::Folder(folder)) = tree.find(folder)? else {
        anyhow::bail!("\"{}\" is not a folder", tree.name(folder));
    };
    finish(Layer::top(tree, folder, outside)?)
}

/// Builds a folder of a repository.
///
/// # Errors
/// As [`top`]; a repository that cannot be fetched.
pub(super) fn top_elsewhere(
    address: &Address,
    outside: &Outside<'_>,
) -> anyhow::Result<(Set, Kustomization)> {
    let tree = outside.remote.repository(&address.repository)?;
    finish(Layer::elsewhere(&*tree, address, outside, &[])?)
}

fn finish(mut layer: Layer<'_>) -> anyhow::Result<(Set, Kustomization)> {
    layer.origin = (!layer.file.build_metadata.is_empty()).then(Default::default);
    layer.set_schema()?;
    let mut all = layer.accumulate(Accumulated::default())?;
    hash::add(&mut all.set)?;
    references::fix(&mut all.set, &all.config)?;
    let unused = vars::resolve(&mut all.set, &all.vars, &all.config.var_reference)?;
    if !unused.is_empty() {
        (layer.outside.tell)(format!("well-defined vars that were never replaced: {}", unused.join(",")));
    }
    all.set.tidy();
    for resource in all.set.iter() {
        let place = || match &resource.source {
            Some(source) => format!("the result of {source}"),
            None => "the result".to_owned(),
        };
        resource::check(&resource.node, place)?;
    }
    all.set.retain(|resource| {
        let annotations = resource.annotations();
        annotations.get("config.kubernetes.io/local-config").is_none_or(|value| value == "false")
    });
    Ok((all.set, layer.file))
}

impl Layer<'_> {
    fn accumulate(&self, mut all: Accumulated) -> anyhow::Result<Accumulated> {
        for path in &self.file.resources {
            let named = || self.named("resource", &["resources", "bases"], path);
            all = self.add_resource(all, path).with_context(named)?;
        }
        self.configure(&mut all.config)?;
        self.generate(&mut all.set)?;
        for path in &self.file.components {
            let named = || self.named("component", &["components"], path);
            all = self.add_component(all, path).with_context(named)?;
        }
        let config = Arc::clone(&all.config);
        self.transform(&mut all.set, &config)?;
        self.validate(&mut all.set)?;
        let mut vars = self.file.vars.clone().unwrap_or_default();
        if !vars.is_empty() {
            let lines = self.lines();
            for (at, var) in vars.iter_mut().enumerate() {
                var.place = self.place_of(lines.at(&[Step::field("vars"), Step::Item(at)]));
            }
        }
        vars::add(&mut all.set, &mut all.vars, &vars)?;
        Ok(all)
    }

    /// What one of these fields names.
    fn named(&self, what: &str, fields: &[&str], path: &str) -> String {
        let lines = self.lines();
        let line = |field: &&str| lines.at(&[Step::field(*field), Step::Text(path.to_owned())]);
        let place = self.place_of(fields.iter().find_map(line));
        format!("the {what} \"{}\" of {place}", without_credentials(path))
    }

    fn configure(&self, config: &mut Arc<Config>) -> anyhow::Result<()> {
        let mut own = Config::standard();
        let mut more = Config::default();
        for path in &self.file.configurations {
            let named = || self.named("configuration", &["configurations"], path);
            let text = self.text(path).with_context(named)?;
            let read = Config::parse(&text, &self.shown_path(path)).and_then(|read| more.merge(&read));
            read.with_context(named)?;
        }
        if more != Config::default() {
            Arc::make_mut(&mut own).merge(&more)?;
        }
        Config::take_in(config, &own)?;
        let mut types = Config::default();
        for path in &self.file.crds {
            let named = || self.named("file of types", &["crds"], path);
            let text = self.text(path).with_context(named)?;
            types.merge(&crds::read(&text, path).with_context(named)?)?;
        }
        if types != Config::default() {
            Arc::make_mut(config).merge(&types)?;
        }
        Ok(())
    }

    pub(super) fn add_resource(&self, mut all: Accumulated, path: &str) -> anyhow::Result<Accumulated> {
        let (local, address) = (self.find(path), Address::parse(path));
        if address::is_file_url(path) {
            // Anything but a file of resources may be a repository.
            match (self.load(path).and_then(|bytes| self.read(bytes, path)), &address) {
                (Ok(resources), _) => all.set.append_all(resources)?,
                (Err(error), Some(address)) => {
                    let added = self.add_repository(all, address);
                    return added.with_context(|| format!("no file ({error:#}), and no repository"));
                }
                (Err(error), None) => return Err(error),
            }
            return Ok(all);
        }
        match (local, address) {
            (Ok(Some(PathEntry::File(_))), _) => all.set.append_all(self.read(self.load(path)?, path)?)?,
            (_, Some(address)) => return self.add_repository(all, &address),
            (Ok(Some(PathEntry::Folder(folder))), None) => {
                let below = self.below(folder, path)?;
                return below.add_to(all);
            }
            (Ok(None), None) if self.is_dangling(path) => anyhow::bail!("it is a link that leads to nothing"),
            (Ok(None), None) => anyhow::bail!("there is no such file or folder"),
            (Err(error), None) => return Err(error),
        }
        Ok(all)
    }

    /// The resources of a file.
    fn read(&self, bytes: Vec<u8>, path: &str) -> anyhow::Result<Vec<Resource>> {
        let (is_wide, file) = (yaml::is_wide(&bytes), self.shown_path(path));
        let mut resources = resource::read(&yaml::text(bytes, &file)?, &file)?;
        // kustomize would lose all but the first.
        anyhow::ensure!(!is_wide || resources.len() < 2, "a file in UTF-16 has one document only");
        if let Some(origin) = &self.origin {
            let origin = origin.join(path);
            resources.iter_mut().for_each(|resource| metadata::read_from(resource, &origin));
        }
        Ok(resources)
    }

    fn add_repository(&self, all: Accumulated, address: &Address) -> anyhow::Result<Accumulated> {
        let tree = self.fetch(address)?;
        self.elsewhere_below(&*tree, address)?.add_to(all)
    }

    /// Adds a base.
    fn add_to(&self, mut all: Accumulated) -> anyhow::Result<Accumulated> {
        anyhow::ensure!(
            !self.file.is_component(),
            "expected kind != 'Component' for path '{}'",
            self.shown()
        );
        let mut more = self.accumulate(Accumulated::default())?;
        all.set.append_all(more.set.take())?;
        Config::take_in(&mut all.config, &more.config)?;
        vars::merge(&mut all.vars, more.vars)?;
        Ok(all)
    }

    fn add_component(&self, all: Accumulated, path: &str) -> anyhow::Result<Accumulated> {
        if let Some(address) = Address::parse(path) {
            let tree = self.fetch(&address)?;
            return self.elsewhere_below(&*tree, &address)?.take_part(all);
        }
        let Some(PathEntry::Folder(folder)) = self.find(path)? else {
            anyhow::bail!("there is no such folder")
        };
        self.below(folder, path)?.take_part(all)
    }

    /// Does what a component says to all that is there.
    fn take_part(&self, all: Accumulated) -> anyhow::Result<Accumulated> {
        anyhow::ensure!(
            self.file.is_component(),
            "expected kind 'Component' for path '{}' but got '{}'",
            self.shown(),
            self.file.kind
        );
        let all = self.accumulate(all)?;
        // What is merged again is ordered by now, and so may be fewer fields.
        let mut config = Arc::default();
        Config::take_in(&mut config, &all.config)?;
        Ok(Accumulated { config, ..all })
    }

    fn generate(&self, set: &mut Set) -> anyhow::Result<()> {
        let maps = self.file.config_map_generator.iter().enumerate().map(|own| (Sort::ConfigMap, own));
        let secrets = self.file.secret_generator.iter().enumerate().map(|own| (Sort::Secret, own));
        let file = Arc::<str>::from(self.shown_file());
        let mut made = Vec::new();
        for (sort, (at, generator)) in maps.chain(secrets) {
            let made_here = generators::make(self, sort, generator, self.file.generator_options.as_ref());
            let mut resource = made_here.with_context(|| self.within(sort.field(), at))?;
            resource.source = Some(Source { file: Arc::clone(&file), line: None });
            if let Some(origin) = self.origin_of_file() {
                metadata::made_by(&mut resource, &origin, &By::field(sort.plugin()));
            }
            made.push(resource);
        }
        for object in self.configurations_of("generators", &self.file.generators)? {
            let mut resource =
                plugins::generate(self, &object).with_context(|| object.named().to_string())?;
            resource.source.clone_from(&object.source);
            if let Some((origin, by)) = metadata::of_configuration(&object) {
                metadata::made_by(&mut resource, &origin, &by);
            }
            made.push(resource);
        }
        made.into_iter().try_for_each(|resource| {
            let named = resource.named();
            set.absorb(resource).with_context(|| format!("generating {named}"))
        })
    }

    /// The objects that configure generators, transformers or validators: written out, or in files and folders.
    pub(super) fn configurations_of(&self, field: &str, entries: &[String]) -> anyhow::Result<Vec<Resource>> {
        let mut all = Accumulated::default();
        let mut paths = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Ok(mut resources) = self.inline(field, at, entry) else {
                paths.push(entry);
                continue;
            };
            if let Some(origin) = self.origin_of_file() {
                resources.iter_mut().for_each(|resource| metadata::read_from(resource, &origin));
            }
            all.set.append_all(resources)?;
        }
        for path in paths {
            all = self
                .add_resource(all, path)
                .with_context(|| self.named(field.trim_end_matches('s'), &[field], path))?;
        }
        Ok(all.set.take())
    }
}
