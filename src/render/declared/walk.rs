//! The walk through the kustomizations and files of a folder.

use super::COMPONENTS;
use super::Declaration;
use super::Declared;
use super::Failures;
use super::Followed;
use super::GENERATORS;
use super::LISTS;
use super::Listing;
use super::OVERRIDING;
use super::Outside;
use super::images;
use super::names::Names;
use crate::render::ignored::Ignored;
use crate::render::kustomize::is_address;
use crate::render::patches::patches;
use crate::render::prepared::is_local;
use crate::render::prepared::is_url;
use crate::render::scan;
use crate::render::search::is_chart;
use crate::render::search::is_yaml;
use crate::render::spelling::spelled;
use crate::render::spelling::with_usual_names;
use crate::render::tree::Entry;
use crate::render::tree::PathEntry;
use crate::render::tree::Tree;
use crate::render::tree::join;
use crate::render::tree::normal;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use anyhow::Context;
use serde_json::Value;
use std::ops::Range;

/// The kustomization of a folder.
struct Own {
    /// Links resolved.
    file: String,
    /// As messages name it.
    shown: String,
    content: Value,
}

pub(super) struct Walk<'a> {
    tree: &'a dyn Tree,
    declared: &'a mut Declared,
    /// What could not be read; `None` where that ends the walk.
    failures: Option<Failures<'a>>,
    /// The folders on the way, so that cycles end.
    within: Vec<String>,
    /// The kustomizations on the way.
    through: Vec<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        tree: &'a dyn Tree,
        declared: &'a mut Declared,
        failures: Option<Failures<'a>>,
    ) -> Self {
        Self { tree, declared, failures, within: Vec::new(), through: Vec::new() }
    }

    /// Follows the folder of a Flux Kustomization with this `spec`.
    ///
    /// # Errors
    /// What cannot be read, unless that is kept as a failure.
    pub(super) fn all(mut self, folder: &str, spec: &Value) -> anyhow::Result<()> {
        let walked = self.root(folder, spec);
        self.keep_failure(walked)
    }

    /// Follows the folder of a Flux Kustomization, then the components that it adds to the kustomization there.
    fn root(&mut self, folder: &str, spec: &Value) -> anyhow::Result<()> {
        let mut names = Names::of_spec(spec);
        match self.kustomization(folder)? {
            Some(own) => {
                names = names.instead_of(&with_usual_names(&own.content));
                self.follow(folder, &own, (&names, names.clone()), None)?;
                self.through.push(0);
            }
            None => {
                let ignored = Ignored::read(self.tree, folder, &[])?;
                let found = self.found(folder, "", &ignored, &names);
                self.keep_failure(found)?;
            }
        }
        self.within.push(folder.to_owned());
        let components = spec[COMPONENTS].as_array().into_iter().flatten().filter_map(Value::as_str);
        for entry in components.filter(|entry| is_local(entry)) {
            let path = normal(&join(folder, entry)).and_then(|path| self.tree.find(&path));
            let (component, end) = (self.declared.kustomizations.len(), self.declared.objects.len());
            let followed = match path {
                Ok(Some(PathEntry::Folder(below))) => self.folder(&below, &names, None),
                Ok(_) if spec["ignoreMissingComponents"] == true => Ok(()),
                Ok(_) => Err(anyhow::anyhow!("spec.components lists \"{entry}\", which does not exist")),
                Err(error) => Err(error.context(format!("spec.components lists \"{entry}\""))),
            };
            if followed.is_ok() && component < self.declared.kustomizations.len() {
                self.changed_by(component, 0..end);
            }
            self.keep_failure(followed)?;
        }
        Ok(())
    }

    /// The kustomization of a folder, if it has one.
    fn kustomization(&self, folder: &str) -> anyhow::Result<Option<Own>> {
        let Some((path, file)) = scan::own_kustomization(self.tree, folder)? else { return Ok(None) };
        let shown = self.tree.name(&path);
        let text = yaml::text(self.tree.read(&file)?, &shown)?;
        let content = yaml::document(&text, &shown)?;
        Ok(Some(Own { file, shown, content }))
    }

    /// Follows the kustomization of a folder.
    fn folder(&mut self, folder: &str, outer: &Names, listed: Option<Listing>) -> anyhow::Result<()> {
        if self.within.iter().any(|above| above == folder) {
            return Ok(());
        }
        let Some(own) = self.kustomization(folder)? else { return Ok(()) };
        let of_own = Names::default().instead_of(&with_usual_names(&own.content));
        self.follow(folder, &own, (&of_own.inside_of(outer), of_own), listed)
    }

    fn follow(
        &mut self,
        folder: &str,
        Own { file, shown, content }: &Own,
        (names, of_own): (&Names, Names),
        listed: Option<Listing>,
    ) -> anyhow::Result<()> {
        let kustomization = with_usual_names(content);
        let present = |fields: &[&'static str]| {
            fields.iter().copied().filter(|field| kustomization.get(*field).is_some()).collect()
        };
        let first = self.declared.objects.len();
        self.through.push(self.declared.kustomizations.len());
        self.declared.kustomizations.push(Followed {
            file: file.clone(),
            folder: folder.to_owned(),
            listed,
            generators: present(&GENERATORS),
            images: images(&kustomization["images"]),
            images_field: spelled(content, "images").to_owned(),
            patches: patches(self.tree, folder, content),
            overriding: present(&OVERRIDING),
            names: of_own,
        });
        self.within.push(folder.to_owned());
        for field in LISTS {
            let entries = kustomization[field].as_array().into_iter().flatten().filter_map(Value::as_str);
            for entry in entries.filter(|entry| !is_address(entry) && !is_url(entry)) {
                let listing = Listing {
                    file: file.clone(),
                    field: spelled(content, field).to_owned(),
                    entry: entry.to_owned(),
                };
                let (component, end) = (self.declared.kustomizations.len(), self.declared.objects.len());
                let followed = self.entry(folder, shown, listing, names);
                let is_followed = followed.is_ok() && component < self.declared.kustomizations.len();
                if is_followed && field == COMPONENTS {
                    self.changed_by(component, first..end);
                }
                self.keep_failure(followed)?;
            }
        }
        self.within.pop();
        self.through.pop();
        Ok(())
    }

    /// A component changes what the kustomization that lists it has so far, before that changes it.
    fn changed_by(&mut self, component: usize, objects: Range<usize>) {
        let depth = self.through.len();
        for object in &mut self.declared.objects[objects] {
            object.through.insert(depth, component);
        }
    }

    /// Follows an entry of the kustomization of a folder.
    fn entry(&mut self, folder: &str, shown: &str, listing: Listing, names: &Names) -> anyhow::Result<()> {
        let entry = listing.entry.clone();
        let path = match normal(&join(folder, &entry)) {
            Err(_) if matches!(self.failures, Some((_, Outside::IsLeftOut))) => return Ok(()),
            path => path.with_context(|| format!("{shown} lists \"{entry}\""))?,
        };
        match self.tree.find(&path).with_context(|| format!("{shown} lists \"{entry}\""))? {
            Some(PathEntry::Folder(below)) => self.folder(&below, names, Some(listing)),
            Some(PathEntry::File(real)) => self.file(&real, names, Some(&listing)),
            None => {
                let why = self.tree.why_left_out(&path).unwrap_or("does not exist");
                anyhow::bail!("{shown} lists \"{entry}\", which {why}")
            }
        }
    }

    /// Keeps a failure, unless it ends the walk.
    fn keep_failure(&mut self, outcome: anyhow::Result<()>) -> anyhow::Result<()> {
        match (outcome, &mut self.failures) {
            (Err(error), Some((failures, _))) => failures.push(error),
            (outcome, _) => return outcome,
        }
        Ok(())
    }

    /// Finds the files of a folder without a kustomization, as kustomize-controller does. That fails at the templates of Helm charts,
    /// which declare nothing.
    fn found(&mut self, root: &str, below: &str, ignored: &Ignored<'_>, names: &Names) -> anyhow::Result<()> {
        let folder = normal(&join(root, below))?;
        let entries = self.tree.list(&folder)?;
        if is_chart(&entries) {
            return Ok(());
        }
        for (name, entry) in entries {
            let (path, relative) = (join(&folder, &name), join(below, &name));
            if entry == Entry::Folder {
                let followed = match scan::own_kustomization(self.tree, &path) {
                    Ok(Some(_)) => self.folder(&path, names, None),
                    Ok(None) => self.found(root, &relative, ignored, names),
                    Err(error) => Err(error),
                };
                self.keep_failure(followed)?;
                continue;
            }
            let parts: Vec<&str> = relative.split('/').collect();
            if !is_yaml(&name) || ignored.hides(&parts) {
                continue;
            }
            let read = match self.tree.find(&path) {
                Ok(Some(PathEntry::File(real))) => self.file(&real, names, None),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            self.keep_failure(read)?;
        }
        Ok(())
    }

    fn file(&mut self, file: &str, names: &Names, listed: Option<&Listing>) -> anyhow::Result<()> {
        let shown = self.tree.name(file);
        let manifest = Manifest::parse(yaml::text(self.tree.read(file)?, &shown)?, &shown)?;
        for (document, content) in manifest.documents().enumerate() {
            for (path, object) in taken_apart(content) {
                self.declared.objects.push(Declaration {
                    id: names.applied(object),
                    object: object.clone(),
                    file: file.to_owned(),
                    document,
                    line: if path.is_empty() {
                        manifest.line(document)
                    } else {
                        manifest.line_of(document, &path)
                    },
                    path,
                    listed: listed.cloned(),
                    has_foreign_namespace: !names.namespace.is_empty(),
                    through: self.through.clone(),
                });
            }
        }
        Ok(())
    }
}

/// The objects of a document with the ways to them: kustomize takes lists apart.
pub fn taken_apart(document: &Value) -> Vec<(Vec<Step>, &Value)> {
    let (mut waiting, mut found) = (vec![(Vec::new(), document)], Vec::new());
    while let Some((path, value)) = waiting.pop() {
        let Some(kind) = value["kind"].as_str() else { continue };
        match value.get("items").filter(|_| kind.ends_with("List")) {
            Some(items) => {
                let items: Vec<&Value> = items.as_array().into_iter().flatten().collect();
                let inside = |at: usize| vec![Step::Key("items".to_owned()), Step::Item(at)];
                let items = items.into_iter().enumerate().rev();
                waiting.extend(items.map(|(at, item)| ([&path[..], &inside(at)].concat(), item)));
            }
            None => found.push((path, value)),
        }
    }
    found
}
