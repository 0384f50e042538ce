//! What a cluster applies from its repository: the folder that it follows, and those of the Kustomizations that are declared there.

use super::fleet::Fleet;
use crate::api::ObjectId;
use crate::ops::commit::Absent;
use crate::ops::follow::Built;
use crate::ops::follow::Unfollowed;
use crate::ops::follow::follow;
use crate::render::Declaration;
use crate::render::Declared;
use crate::render::Followed;
use crate::render::Patches;
use crate::render::Tree;
use crate::render::declared_in_part;
use crate::render::is_below;
use crate::text::WithHint;
use crate::text::with_hint;
use anyhow::Context;
use serde_json::Value;
use std::collections::HashSet;
use std::ops::Range;

/// What to do if an object is not declared.
pub(super) const LOOK_ELSEWHERE: &str =
    "check name and namespace (-n), or pass the folder of the cluster with --fleet-path";

/// Everything that is declared for a cluster.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) objects: Vec<Declaration>,
    pub(super) kustomizations: Vec<Followed>,
    /// The folders that Kustomizations build, each after the one that declares its Kustomization.
    pub(super) roots: Vec<Root>,
    /// What could not be read, a line for each: the Kustomization and the reason.
    pub(super) unread: Vec<String>,
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
        shown(self.by.as_ref(), &self.folder)
    }
}

fn shown(by: Option<&ObjectId>, folder: &str) -> String {
    by.map_or_else(|| format!("\"./{folder}\""), ToString::to_string)
}

impl Reach {
    /// Reads what is declared in a tree of the repository. What cannot be read does not prevent changes to the rest.
    ///
    /// # Errors
    /// The folder of the cluster does not exist.
    pub(super) fn read(tree: &dyn Tree, fleet: &Fleet) -> anyhow::Result<Self> {
        let by = fleet.sync.is_object().then(|| ObjectId::of(&fleet.sync));
        let first = Built::first(fleet.path.clone(), fleet.sync["spec"].clone(), by);
        let mut is_first = true;
        let mut unread = Vec::new();
        let read = |built: &Built| {
            let path = &built.folder;
            let is_further = !std::mem::take(&mut is_first);
            let mut failures = Vec::new();
            let found = match declared_in_part(tree, path, &built.spec, &mut failures) {
                Err(_) if is_further && matches!(tree.find(path), Ok(None)) => return Ok(None),
                Err(error) if is_further => {
                    failures.push(error);
                    Declared { folder: path.clone(), ..Declared::default() }
                }
                found => found.with_context(|| format!("reading \"./{path}\" of the repository"))?,
            };
            let by = shown(built.by.as_ref(), path);
            unread.extend(failures.iter().map(|failure| {
                let reason = format!("{failure:#}").lines().collect::<Vec<_>>().join(" ");
                format!("{by} cannot be read completely: {reason}")
            }));
            Ok(Some(found))
        };
        let course = follow(first, fleet.source.clone(), Some, read)?;
        let mut reach = Self { unread, ..Self::default() };
        reach.unread.extend(course.unfollowed.iter().map(Unfollowed::reason));
        for (built, found) in course.folders {
            reach.add(built.folder, built.by, built.spec, found);
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
        places.filter(|(_, one)| seen.insert(one.written())).map(|(place, _)| place).collect()
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
    pub(super) fn one(&self, id: &ObjectId, fleet: &Fleet) -> anyhow::Result<&Declaration> {
        self.one_place(id, fleet).map(|place| &self.objects[place])
    }

    /// The place of the one declaration of an object.
    ///
    /// # Errors
    /// As [`Reach::one`].
    pub(super) fn one_place(&self, id: &ObjectId, fleet: &Fleet) -> anyhow::Result<usize> {
        match self.places(id)[..] {
            [place] => self.alone(&self.objects[place]).map(|()| place),
            [] => Err(self.absent(id, fleet).into_error()),
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
        let of_same = |other: &&Declaration| other.written() == one.written() && other.id != one.id;
        self.objects.iter().find(of_same).map_or(Ok(()), |other| Err(declared_at_once(one, other)))
    }

    /// Why an object that is not found is not added: what could not be read might declare it.
    pub(super) fn unknown(&self, id: &ObjectId, fleet: &Fleet) -> anyhow::Error {
        let hint = "if it is declared nowhere, name a file for it with --manifest-file".to_owned();
        Absent { hint, ..self.absent(id, fleet) }.into_error()
    }

    /// Why an object that is not declared cannot be edited.
    pub(super) fn absent(&self, id: &ObjectId, fleet: &Fleet) -> Absent {
        let generators = self.kustomizations.iter().filter(|one| !one.generators.is_empty());
        let made: Vec<String> =
            generators.map(|one| format!("{} ({})", one.file, one.generators.join(", "))).collect();
        let hint = if made.is_empty() {
            LOOK_ELSEWHERE.to_owned()
        } else {
            format!("what kustomize generates cannot be edited: look into {}", made.join("; "))
        };
        let mut what = format!("{id} is not declared in {}", fleet.shown());
        if !self.unread.is_empty() {
            what.push_str(&format!(", as far as that can be read: {}", self.unread.join("; ")));
        }
        Absent { id: id.clone(), what, hint }
    }
}

/// Why a document that produces two objects is not edited.
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
