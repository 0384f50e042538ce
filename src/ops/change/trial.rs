//! Builds what a change is part of, without and with it: what could be built before has to build afterwards, the change has to have its
//! effect, and no other object may come, go or change.

use super::edit::Draft;
use super::fleet::Fleet;
use super::once::OnceSink;
use super::reach::Reach;
use super::reach::Root;
use crate::api::ObjectId;
use crate::ops::known_variables::KnownVariables;
use crate::render::Declaration;
use crate::render::PatchText;
use crate::render::is_switched_off;
use crate::text::with_hint;
use anyhow::Context;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;

/// The annotation that a build adds where a kustomization lists nothing.
const ORIGIN: &str = "config.kubernetes.io/origin";
/// An error names no more objects than this.
const MOST_NAMED: usize = 5;

/// What a change does to the objects that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome<'a> {
    /// They are there, and these were not before.
    Exist {
        new: &'a [ObjectId],
    },
    Gone,
    /// They are suspended, or not.
    Suspended(bool),
}

/// What to do if a build is not what was expected.
pub(super) const LOOK_AT_BUILD: &str = "`fluxr kustomize` shows what a folder is built to";

/// Proves that a change does to these objects what it should, and nothing to others. `before` is what was declared without it. Folders that
/// cannot be built here are told.
///
/// # Errors
/// It does not; a folder that cannot be built with the change, but could be without it.
pub(super) fn prove(
    draft: &Draft<'_>,
    (fleet, before): (&Fleet, &Reach),
    ids: &[ObjectId],
    outcome: Outcome<'_>,
    sink: &OnceSink<'_>,
) -> anyhow::Result<()> {
    let mut trial = Trial::of(draft)?;
    trial.prove(fleet, before, ids, outcome)?;
    trial.warnings.into_iter().for_each(|line| sink.warning(line));
    Ok(())
}

/// Why a change is refused after which something is as before, in these words: what may override it does.
pub(super) fn no_effect(still: &str, overriding: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "the change has no effect: {still}, because a patch or replacement in {overriding} overrides it"
    )
}

/// Builds with and without a change.
pub(super) struct Trial<'a> {
    draft: &'a Draft<'a>,
    past: Draft<'a>,
    /// Folders that cannot be built here, with or without the change, such as those that need files from elsewhere.
    pub(super) warnings: Vec<String>,
}

impl<'a> Trial<'a> {
    pub(super) fn of(draft: &'a Draft<'a>) -> anyhow::Result<Self> {
        Ok(Self { draft, past: draft.before()?, warnings: Vec::new() })
    }

    /// Builds a root with the change; `was` is the root without it. `None` if that cannot be built either, with a warning.
    ///
    /// # Errors
    /// It could be built without the change.
    pub(super) fn build(&mut self, root: &Root, was: &Root) -> anyhow::Result<Option<Vec<Value>>> {
        match self.draft.build(&root.real, &root.spec) {
            Ok(objects) => Ok(Some(objects)),
            Err(error) if self.past.build(&was.real, &was.spec).is_ok() => {
                Err(error).with_context(|| format!("{} cannot be built with this change", root.shown()))
            }
            Err(error) => {
                let warning = format!("not verified: {} cannot be built here: {error:#}", root.shown());
                self.warnings.push(warning);
                Ok(None)
            }
        }
    }

    fn prove(
        &mut self,
        fleet: &Fleet,
        before: &Reach,
        ids: &[ObjectId],
        outcome: Outcome<'_>,
    ) -> anyhow::Result<()> {
        let after = self.draft.reach(fleet)?;
        let files = self.draft.changed()?;
        let mut concerned = holders(before, &files);
        concerned.extend(holders(&after, &files));
        if let Outcome::Suspended(_) = outcome {
            concerned.extend(declaring(before, ids));
        }
        let mut verified = Vec::new();
        for root in after.roots.iter().filter(|root| concerned.contains(&key(root))) {
            let was = before.roots.iter().find(|was| key(was) == key(root)).unwrap_or(root);
            let Some(now) = self.build(root, was)? else { continue };
            let now = Objects::of(now, root);
            let then = self.past.build(&was.real, &was.spec).ok().map(|then| Objects::of(then, was));
            if let Some(then) = &then {
                refuse_others(then, &now, ids, root)?;
            }
            verified.push((root, then, now));
        }
        for id in ids {
            judge(id, outcome, &after, &verified)?;
        }
        Ok(())
    }
}

/// A root with what it builds, without and with a change.
type Verified<'r> = (&'r Root, Option<Objects>, Objects);

/// Judges what becomes of one object.
fn judge(
    id: &ObjectId,
    outcome: Outcome<'_>,
    after: &Reach,
    verified: &[Verified<'_>],
) -> anyhow::Result<()> {
    match outcome {
        Outcome::Exist { new } => {
            let known =
                |(_, then, _): &&Verified<'_>| then.as_ref().is_some_and(|then| then.get(id).is_some());
            if new.contains(id)
                && let Some((root, ..)) = verified.iter().find(known)
            {
                return Err(with_hint(
                    anyhow::anyhow!(
                        "{} applies {id} already, which has another name in the files",
                        root.shown()
                    ),
                    LOOK_AT_BUILD,
                ));
            }
            if !verified.is_empty() && verified.iter().all(|(_, _, now)| now.get(id).is_none()) {
                let roots: Vec<String> = verified.iter().map(|(root, ..)| root.shown()).collect();
                anyhow::bail!("{id} is not among what {} would apply", roots.join(" and "));
            }
            Ok(())
        }
        Outcome::Gone => match verified.iter().find(|(_, _, now)| now.get(id).is_some()) {
            Some((root, ..)) => Err(anyhow::anyhow!(
                "{} would still apply {id}, which it makes from other files",
                root.shown()
            )),
            None => Ok(()),
        },
        Outcome::Suspended(wanted) => {
            let is_other = |(_, _, now): &&Verified<'_>| {
                now.get(id).is_some_and(|object| (object["spec"]["suspend"] == true) != wanted)
            };
            let Some((root, _, now)) = verified.iter().find(is_other) else { return Ok(()) };
            let still = if wanted { "not be suspended" } else { "still be suspended" };
            let overriding = overriding(after, root, now.get(id).unwrap_or(&Value::Null));
            Err(with_hint(no_effect(&format!("{id} would {still}"), &overriding), LOOK_AT_BUILD))
        }
    }
}

/// What identifies a root, with and without a change.
fn key(root: &Root) -> (Option<ObjectId>, String) {
    (root.by.clone(), root.folder.clone())
}

/// The roots that are built from any of these files.
fn holders(reach: &Reach, files: &HashSet<String>) -> HashSet<(Option<ObjectId>, String)> {
    let holds = |root: &&Root| {
        let kustomizations = &reach.kustomizations[root.kustomizations.clone()];
        let patches = kustomizations.iter().flat_map(|one| one.patches.all()).filter_map(PatchText::file);
        let objects = reach.objects[root.objects.clone()].iter().map(|one| &one.file);
        objects
            .chain(kustomizations.iter().map(|one| &one.file))
            .chain(patches)
            .any(|file| files.contains(file))
    };
    reach.roots.iter().filter(holds).map(key).collect()
}

/// The roots that declare any of these objects.
fn declaring(reach: &Reach, ids: &[ObjectId]) -> HashSet<(Option<ObjectId>, String)> {
    let wanted: HashSet<(&str, &str)> = ids.iter().map(|id| (id.kind.as_str(), id.name.as_str())).collect();
    let declares = |root: &&Root| {
        let objects = &reach.objects[root.objects.clone()];
        objects.iter().any(|one| wanted.contains(&(one.id.kind.as_str(), one.id.name.as_str())))
    };
    reach.roots.iter().filter(declares).map(key).collect()
}

/// What a root is built to.
struct Objects(HashMap<(String, String), Vec<(ObjectId, Value)>>);

impl Objects {
    fn of(built: Vec<Value>, root: &Root) -> Self {
        let variables = KnownVariables::of(&root.spec);
        let mut objects: HashMap<_, Vec<_>> = HashMap::new();
        for mut object in built {
            let mut id = ObjectId::of(&object);
            if !is_switched_off(&object) {
                variables.complete(&mut id);
            }
            if let Some(annotations) =
                object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut)
                && annotations.remove(ORIGIN).is_some()
                && annotations.is_empty()
                && let Some(metadata) = object["metadata"].as_object_mut()
            {
                metadata.remove("annotations");
            }
            objects.entry((id.kind.clone(), id.name.clone())).or_default().push((id, object));
        }
        Self(objects)
    }

    fn get(&self, id: &ObjectId) -> Option<&Value> {
        let called = self.0.get(&(id.kind.clone(), id.name.clone()))?;
        called.iter().find(|(built, _)| is_same(built, id)).map(|(_, object)| object)
    }

    fn all(&self) -> impl Iterator<Item = &(ObjectId, Value)> {
        self.0.values().flatten()
    }
}

/// Refuses a change that touches other objects than these.
fn refuse_others(then: &Objects, now: &Objects, ids: &[ObjectId], root: &Root) -> anyhow::Result<()> {
    let meant: HashSet<(&str, &str)> = ids.iter().map(|id| (id.kind.as_str(), id.name.as_str())).collect();
    let is_other = |id: &ObjectId| {
        !meant.contains(&(id.kind.as_str(), id.name.as_str())) || !ids.iter().any(|meant| is_same(id, meant))
    };
    let mut touched = Vec::new();
    for (id, object) in then.all().filter(|(id, _)| is_other(id)) {
        match now.get(id) {
            None => touched.push(format!("remove {id}")),
            Some(new) if new != object => touched.push(format!("change {id}")),
            Some(_) => {}
        }
    }
    let new = now.all().filter(|(id, _)| is_other(id) && then.get(id).is_none());
    touched.extend(new.map(|(id, _)| format!("add {id}")));
    if touched.is_empty() {
        return Ok(());
    }
    touched.sort();
    let more = touched.len().saturating_sub(MOST_NAMED);
    touched.truncate(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(with_hint(
        anyhow::anyhow!("in what {} applies, this would also {}{more}", root.shown(), touched.join(", ")),
        LOOK_AT_BUILD,
    ))
}

/// Whether a built object is this one, in its namespace or in one that is not known.
pub(super) fn is_same(built: &ObjectId, id: &ObjectId) -> bool {
    let is_near = built.namespace.is_empty() || id.namespace.is_empty();
    built.is_called(id) && (is_near || built.namespace == id.namespace)
}

/// The places that may override what is written in the manifest of an object, for messages.
pub(super) fn overriding(reach: &Reach, root: &Root, object: &Value) -> String {
    // What is built may have another name than what is declared.
    let built = ObjectId::of(object);
    let declared = |one: &&Declaration| is_same(&built, &one.id);
    let through = reach.objects[root.objects.clone()].iter().find(declared).map(|one| &one.through);
    let files = through.into_iter().flatten().map(|place| &reach.kustomizations[*place]);
    let overriding = files.filter(|one| !one.overriding.is_empty());
    let named = overriding.map(|one| format!("{} ({})", one.file, one.overriding.join(", ")));
    let mut named: Vec<String> = named.collect();
    if named.is_empty() || !root.patches.all().is_empty() {
        named.insert(0, root.shown());
    }
    named.join(" or ")
}
