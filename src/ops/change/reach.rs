//! What a cluster applies from its repository: the folder that it follows, and those of the Kustomizations that are declared there.

use super::fleet::Fleet;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::render::Declaration;
use crate::render::Declared;
use crate::render::Followed;
use crate::render::Patches;
use crate::render::Tree;
use crate::render::declared;
use crate::render::is_below;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use crate::text::with_hint;
use anyhow::Context;
use serde_json::Value;
use std::collections::HashSet;
use std::ops::Range;

/// Everything that is declared for a cluster.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) objects: Vec<Declaration>,
    pub(super) kustomizations: Vec<Followed>,
    /// The folders that Kustomizations build, each after the one that declares its Kustomization.
    pub(super) roots: Vec<Root>,
}

/// A folder that a Kustomization builds.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) folder: String,
    /// The same with links resolved.
    pub(super) real: String,
    /// The Kustomization, if it is known.
    pub(super) by: Option<ObjectId>,
    /// What it says.
    pub(super) spec: Value,
    /// The patches in that.
    pub(super) patches: Patches,
    /// The indices of the objects and kustomizations that are found from there.
    pub(super) objects: Range<usize>,
    pub(super) kustomizations: Range<usize>,
}

impl Root {
    /// What builds it, for messages.
    pub(super) fn shown(&self) -> String {
        self.by.as_ref().map_or_else(|| format!("\"./{}\"", self.folder), ToString::to_string)
    }
}

impl Reach {
    /// Reads what is declared in a tree of the repository.
    ///
    /// # Errors
    /// A folder that does not exist, or files that cannot be read: the cluster could not apply them either.
    pub(super) fn read(tree: &dyn Tree, fleet: &Fleet) -> anyhow::Result<Self> {
        let mut reach = Self::default();
        let sync = fleet.sync.is_object().then(|| ObjectId::of(&fleet.sync));
        let mut waiting = vec![(fleet.path.clone(), fleet.sync["spec"].clone(), sync)];
        let mut is_first = true;
        let mut seen = HashSet::new();
        while let Some((path, spec, by)) = waiting.pop() {
            if !seen.insert((path.clone(), text(&spec, "/targetNamespace").to_owned())) {
                continue;
            }
            let found = match declared(tree, &path, &spec) {
                // A problem of one Kustomization does not prevent changes to others.
                Err(_) if !is_first && matches!(tree.find(&path), Ok(None)) => continue,
                found => found.with_context(|| format!("reading \"./{path}\" of the repository"))?,
            };
            for declaration in &found.objects {
                if let Some(path) = applied_by(declaration, fleet) {
                    let spec = declaration.object["spec"].clone();
                    waiting.push((path, spec, Some(declaration.id.clone())));
                }
            }
            is_first = false;
            reach.add(path, by, spec, found);
        }
        Ok(reach)
    }

    fn add(&mut self, folder: String, by: Option<ObjectId>, spec: Value, mut found: Declared) {
        let (objects, kustomizations) = (self.objects.len(), self.kustomizations.len());
        found.objects.iter_mut().flat_map(|one| &mut one.through).for_each(|place| *place += kustomizations);
        self.objects.extend(found.objects);
        self.kustomizations.extend(found.kustomizations);
        self.roots.push(Root {
            folder,
            real: found.folder,
            by,
            patches: Patches::of_spec(&spec),
            spec,
            objects: objects..self.objects.len(),
            kustomizations: kustomizations..self.kustomizations.len(),
        });
    }

    /// Whether a Kustomization builds this very folder.
    pub(super) fn has_root(&self, folder: &str) -> bool {
        self.roots.iter().any(|root| root.folder == folder)
    }

    /// The Kustomizations that apply these files, each before those that it declares.
    pub(super) fn carriers(&self, files: &[String]) -> Vec<ObjectId> {
        let nearest = |file: &str| {
            let above = self.roots.iter().filter(|root| is_below(file, &root.folder));
            above.map(|root| root.folder.as_str()).max_by_key(|folder| folder.len())
        };
        let carries = |root: &&Root| {
            let of_objects = self.objects[root.objects.clone()].iter().map(|one| &one.file);
            let of_builds = self.kustomizations[root.kustomizations.clone()].iter().map(|one| &one.file);
            let own: HashSet<&String> = of_objects.chain(of_builds).collect();
            files.iter().any(|file| own.contains(file) || nearest(file) == Some(root.folder.as_str()))
        };
        self.roots.iter().filter(carries).filter_map(|root| root.by.clone()).collect()
    }

    /// Whether a kustomization makes objects that no file declares.
    pub(super) fn generates(&self) -> bool {
        self.kustomizations.iter().any(|one| !one.generators.is_empty())
    }

    /// The declarations of an object.
    pub(super) fn all(&self, id: &ObjectId) -> Vec<&Declaration> {
        self.places(id).into_iter().map(|place| &self.objects[place]).collect()
    }

    /// The places of the declarations of an object.
    fn places(&self, id: &ObjectId) -> Vec<usize> {
        let mut seen = HashSet::new();
        let is_it = |one: &Declaration| {
            // A namespace that is written nowhere is that of the one who applies.
            let namespace = &one.id.namespace;
            id.group == one.id.group
                && id.kind == one.id.kind
                && id.name == one.id.name
                && (*namespace == id.namespace || namespace.is_empty())
        };
        let places = self.objects.iter().enumerate().filter(|(_, one)| is_it(one));
        places.filter(|(_, one)| seen.insert((&one.file, one.document))).map(|(place, _)| place).collect()
    }

    /// The index of the first declaration of an object.
    pub(super) fn place(&self, id: &ObjectId) -> Option<usize> {
        self.places(id).first().copied()
    }

    /// The root from which an object is found, by their places.
    pub(super) fn root_of(&self, object: usize) -> Option<usize> {
        // Each root has the objects behind those of the one before.
        let root = self.roots.partition_point(|root| root.objects.end <= object);
        self.roots.get(root).is_some_and(|found| found.objects.contains(&object)).then_some(root)
    }

    /// The one declaration of an object.
    ///
    /// # Errors
    /// There is none or more than one, or its document declares further objects.
    pub(super) fn one(&self, id: &ObjectId, path: &str) -> anyhow::Result<&Declaration> {
        self.one_place(id, path).map(|place| &self.objects[place])
    }

    /// The place of the one declaration of an object.
    ///
    /// # Errors
    /// As [`Reach::one`].
    pub(super) fn one_place(&self, id: &ObjectId, path: &str) -> anyhow::Result<usize> {
        match self.places(id)[..] {
            [place] => self.alone(&self.objects[place]).map(|()| place),
            [] => Err(self.nowhere(id, path)),
            ref several => {
                let several = several.iter().map(|place| &self.objects[*place]);
                let places: Vec<String> =
                    several.map(|one| format!("{}, line {}", one.file, one.line)).collect();
                Err(anyhow::anyhow!("{id} is declared more than once: {}", places.join("; ")))
                    .hint("leave one declaration, then run the command again")
            }
        }
    }

    /// Refuses a document that several objects are generated from: an edit would change all of them.
    pub(super) fn alone(&self, one: &Declaration) -> anyhow::Result<()> {
        let of_same = |other: &&Declaration| {
            other.file == one.file && other.document == one.document && other.id != one.id
        };
        self.objects.iter().find(of_same).map_or(Ok(()), |other| Err(declared_at_once(one, other)))
    }

    /// Why an object that is not declared cannot be edited.
    pub(super) fn nowhere(&self, id: &ObjectId, path: &str) -> anyhow::Error {
        let error = anyhow::anyhow!("{id} is not declared in what the cluster applies from \"./{path}\"");
        let generators = self.kustomizations.iter().filter(|one| !one.generators.is_empty());
        let made: Vec<String> =
            generators.map(|one| format!("{} ({})", one.file, one.generators.join(", "))).collect();
        if made.is_empty() {
            return with_hint(
                error,
                "check name and namespace (-n), or pass the folder of the cluster with --fleet-path",
            );
        }
        with_hint(error, format!("what kustomize generates cannot be edited: look into {}", made.join("; ")))
    }
}

/// Why a document is not edited from which two objects are made.
pub(super) fn declared_at_once(one: &Declaration, other: &Declaration) -> anyhow::Error {
    let Declaration { file, line, .. } = one;
    with_hint(
        anyhow::anyhow!(
            "{file}, line {line} declares {} and {} at once: an edit would change both",
            one.id,
            other.id
        ),
        "patch the object in the kustomization that names it so",
    )
}

/// The folder of the same repository that a declared Kustomization applies to this cluster.
fn applied_by(declaration: &Declaration, fleet: &Fleet) -> Option<String> {
    let object = &declaration.object;
    if !KUSTOMIZATION.is_of(&declaration.id) || object.pointer("/spec/kubeConfig").is_some() {
        return None;
    }
    let source = &object["spec"]["sourceRef"];
    let home = match declaration.id.namespace.as_str() {
        "" => &fleet.source.0,
        namespace => namespace,
    };
    let is_ours = text(source, "/kind") == GIT_REPOSITORY.kind
        && text(source, "/name") == fleet.source.1
        && text_if_set(source, "/namespace").unwrap_or(home) == fleet.source.0;
    let path = text(object, "/spec/path");
    (is_ours && !path.contains("${")).then(|| clean_relative_path(path))
}
