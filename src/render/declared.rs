//! Where objects are declared: the documents of the files from which a Flux Kustomization is built, followed through the
//! kustomizations that list them. Nothing is built: what kustomizations generate or patch is not a declaration.

use super::ignored::Ignored;
use super::kustomize::Image;
use super::kustomize::is_address;
use super::patches::Patches;
use super::patches::patches;
use super::prepared::is_url;
use super::scan;
use super::search::is_chart;
use super::search::is_yaml;
use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use crate::api::ObjectId;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use anyhow::Context;
use serde_json::Value;
use std::ops::Range;

/// The fields of a kustomization that list files and folders of objects.
const LISTS: [&str; 3] = ["resources", "bases", COMPONENTS];
const COMPONENTS: &str = "components";
/// The fields of a kustomization that make objects.
const GENERATORS: [&str; 5] =
    ["configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator", "generators"];

/// The fields of a kustomization that change objects in ways that are not followed.
const OVERRIDING: [&str; 6] =
    ["patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars", "transformers"];

/// An object in a file.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What the object is called in the cluster.
    pub id: ObjectId,
    pub object: Value,
    /// Path in the tree, links resolved.
    pub file: String,
    /// Which document of the file it is, from zero.
    pub document: usize,
    /// Where that begins, from one.
    pub line: usize,
    /// The entry that leads to the file; none where files are found by their place.
    pub listed: Option<Listing>,
    /// Whether a kustomization or the Flux Kustomization gives it its namespace.
    pub has_foreign_namespace: bool,
    /// The kustomizations that lead to it, by their places in the list of those that were followed, the outermost first.
    pub through: Vec<usize>,
}

/// An entry of a kustomization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The file of the kustomization, links resolved.
    pub file: String,
    pub field: &'static str,
    /// As it is written.
    pub entry: String,
}

/// A kustomization that was followed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its file, links resolved.
    pub file: String,
    pub folder: String,
    /// What leads to it; none for that of the folder that was asked for.
    pub listed: Option<Listing>,
    /// The fields that make objects.
    pub generators: Vec<&'static str>,
    /// Its entries about images; an invalid one is empty.
    pub images: Vec<Image>,
    pub patches: Patches,
    /// The fields that may override what is written elsewhere.
    pub overriding: Vec<&'static str>,
}

/// What the files of a folder declare.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// The folder, links resolved.
    pub folder: String,
    pub objects: Vec<Declaration>,
    pub kustomizations: Vec<Followed>,
}

/// What a Flux Kustomization with this `spec` finds in a folder.
///
/// # Errors
/// A folder that is not there; a file that cannot be read; a path that leads out of the tree.
pub fn declared(tree: &dyn Tree, folder: &str, spec: &Value) -> anyhow::Result<Declared> {
    walked(tree, folder, spec, None)
}

/// The same of a tree that may be a part of a repository: what leads out of it is left out, and files that cannot be read become `failures`.
///
/// # Errors
/// A folder that is not there or cannot be read.
pub fn declared_as_far_as_readable(
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
    failures: &mut Vec<anyhow::Error>,
) -> anyhow::Result<Declared> {
    walked(tree, folder, spec, Some(failures))
}

fn walked(
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
    failures: Option<&mut Vec<anyhow::Error>>,
) -> anyhow::Result<Declared> {
    let mut declared = Declared::default();
    let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
    let names =
        Names { namespace: text("targetNamespace"), prefix: text("namePrefix"), suffix: text("nameSuffix") };
    let Some(PathEntry::Folder(real)) = tree.find(folder)? else {
        let why = tree.why_left_out(folder).map(|why| format!(", which {why}")).unwrap_or_default();
        anyhow::bail!("there is no folder \"{folder}\"{why}");
    };
    declared.folder.clone_from(&real);
    let (within, through) = (Vec::new(), Vec::new());
    let mut walk = Walk { tree, declared: &mut declared, failures, within, through };
    if scan::own_kustomization(tree, &real)?.is_some() {
        walk.folder(&real, &names, None)?;
    } else {
        let ignored = Ignored::read(tree, &real, &[])?;
        walk.found(&real, "", &ignored, &names)?;
    }
    Ok(declared)
}

/// The entries of a list about images. A number that was meant as a tag is taken as its text; the build refuses it.
pub fn images(list: &Value) -> Vec<Image> {
    let read = |entry: &Value| {
        let text = |field: &str| match &entry[field] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Image {
            name: text("name"),
            new_name: text("newName"),
            tag_suffix: text("tagSuffix"),
            new_tag: text("newTag"),
            digest: text("digest"),
        }
    };
    list.as_array().into_iter().flatten().map(read).collect()
}

/// What is done to names on the way up.
#[derive(Debug, Clone, Default)]
struct Names {
    /// Empty where none is given.
    namespace: String,
    prefix: String,
    suffix: String,
}

impl Names {
    /// What this kustomization does, before what is done to its result.
    fn inside_of(kustomization: &Value, outer: &Self) -> Self {
        let text = |field: &str| kustomization[field].as_str().unwrap_or_default();
        let namespace = if outer.namespace.is_empty() { text("namespace") } else { &outer.namespace };
        Self {
            namespace: namespace.to_owned(),
            prefix: [&outer.prefix, text("namePrefix")].concat(),
            suffix: [text("nameSuffix"), &outer.suffix].concat(),
        }
    }

    fn applied(&self, object: &Value) -> ObjectId {
        let mut id = ObjectId::of(object);
        if !self.namespace.is_empty() {
            id.namespace.clone_from(&self.namespace);
        }
        id.name = [&self.prefix, &id.name[..], &self.suffix].concat();
        id
    }
}

struct Walk<'a> {
    tree: &'a dyn Tree,
    declared: &'a mut Declared,
    /// What could not be read; `None` where that ends the walk.
    failures: Option<&'a mut Vec<anyhow::Error>>,
    /// The folders on the way, so that cycles end.
    within: Vec<String>,
    /// The kustomizations on the way.
    through: Vec<usize>,
}

impl Walk<'_> {
    /// Follows the kustomization of a folder.
    fn folder(&mut self, folder: &str, outer: &Names, listed: Option<Listing>) -> anyhow::Result<()> {
        if self.within.iter().any(|above| above == folder) {
            return Ok(());
        }
        let Some((path, file)) = scan::own_kustomization(self.tree, folder)? else { return Ok(()) };
        let shown = self.tree.name(&path);
        let text = yaml::text(self.tree.read(&file)?, &shown)?;
        let kustomization = yaml::document(&text, &shown)?;
        let names = Names::inside_of(&kustomization, outer);
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
            patches: patches(self.tree, folder, &kustomization),
            overriding: present(&OVERRIDING),
        });
        self.within.push(folder.to_owned());
        for field in LISTS {
            let entries = kustomization[field].as_array().into_iter().flatten().filter_map(Value::as_str);
            for entry in entries.filter(|entry| !is_address(entry) && !is_url(entry)) {
                let listing = Listing { file: file.clone(), field, entry: entry.to_owned() };
                let (component, end) = (self.declared.kustomizations.len(), self.declared.objects.len());
                let followed = self.entry(folder, &shown, listing, &names);
                let is_followed = followed.is_ok() && component < self.declared.kustomizations.len();
                if is_followed && field == COMPONENTS {
                    self.changed_by(component, first..end);
                }
                self.go_on(followed)?;
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
            Err(_) if self.failures.is_some() => return Ok(()),
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
    fn go_on(&mut self, outcome: anyhow::Result<()>) -> anyhow::Result<()> {
        match (outcome, &mut self.failures) {
            (Err(error), Some(failures)) => failures.push(error),
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
                if scan::own_kustomization(self.tree, &path)?.is_some() {
                    let followed = self.folder(&path, names, None);
                    self.go_on(followed)?;
                } else {
                    self.found(root, &relative, ignored, names)?;
                }
                continue;
            }
            let parts: Vec<&str> = relative.split('/').collect();
            if !is_yaml(&name) || ignored.hides(&parts) {
                continue;
            }
            if let Some(PathEntry::File(real)) = self.tree.find(&path)? {
                let read = self.file(&real, names, None);
                self.go_on(read)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, file: &str, names: &Names, listed: Option<&Listing>) -> anyhow::Result<()> {
        let shown = self.tree.name(file);
        let manifest = Manifest::parse(yaml::text(self.tree.read(file)?, &shown)?, &shown)?;
        for (document, object) in manifest.documents().enumerate() {
            if !object["kind"].is_string() {
                continue;
            }
            self.declared.objects.push(Declaration {
                id: names.applied(object),
                object: object.clone(),
                file: file.to_owned(),
                document,
                line: manifest.line(document),
                listed: listed.cloned(),
                has_foreign_namespace: !names.namespace.is_empty(),
                through: self.through.clone(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
