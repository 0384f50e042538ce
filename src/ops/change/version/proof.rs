//! Verifies that a change has its effect: what is built with it has the new versions. A patch or a replacement could override them.

use super::change::VersionChange;
use super::containers;
use super::pin::Owner;
use super::pin::What;
use super::setting::Setting;
use crate::api::ObjectId;
use crate::api::Pinned;
use crate::api::object::text;
use crate::kind;
use crate::ops::change::edit::Draft;
use crate::ops::change::fleet::Fleet;
use crate::ops::change::reach::Reach;
use crate::render::Declaration;
use crate::render::kustomize::image_parts;
use crate::text::with_hint;
use anyhow::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// Builds the folders of what was changed, and looks at the result. Returns warnings about folders that cannot be built here, with or
/// without the change, such as those that need files from elsewhere. `before` is what was declared without the change.
///
/// # Errors
/// A folder that cannot be built with the change, but could be without it; a version that is still another one.
pub(super) fn prove(
    draft: &Draft<'_>,
    fleet: &Fleet,
    before: &Reach,
    changes: &[VersionChange],
) -> anyhow::Result<Vec<String>> {
    let reach = draft.reach(fleet)?;
    let mut changed: BTreeMap<usize, Vec<&VersionChange>> = BTreeMap::new();
    for change in changes {
        let mut roots: Vec<usize> = change.pin.spots.iter().map(|spot| spot.root).collect();
        roots.sort_unstable();
        roots.dedup();
        roots.into_iter().for_each(|root| changed.entry(root).or_default().push(change));
    }
    let mut warnings = Vec::new();
    for (at, changes) in changed {
        let (root, root_before) = (&reach.roots[at], &before.roots[at]);
        match draft.build(&root.real, &root.spec) {
            Ok(objects) => {
                let built = Built::of(&objects);
                let overridden =
                    |change: &VersionChange| Some(refusal(change, &built.other(change)?, &reach, at));
                if let Some(error) = changes.into_iter().find_map(overridden) {
                    return Err(error);
                }
            }
            Err(error) => match draft.before()?.build(&root_before.real, &root_before.spec) {
                Ok(_) => {
                    let doing = || format!("{} cannot be built with this change", root.shown());
                    return Err(error).with_context(doing);
                }
                Err(_) => {
                    warnings.push(format!("not verified: {} cannot be built here: {error:#}", root.shown()));
                }
            },
        }
    }
    Ok(warnings)
}

fn refusal(change: &VersionChange, other: &Other<'_>, reach: &Reach, root: usize) -> anyhow::Error {
    let Other { value, object, .. } = other;
    let root = &reach.roots[root];
    // What is built may have another name than what is declared.
    let declared = |one: &&Declaration| is_same(object, &one.id);
    let through = reach.objects[root.objects.clone()].iter().find(declared).map(|one| &one.through);
    let files = through.into_iter().flatten().map(|place| &reach.kustomizations[*place]);
    let overriding = files.filter(|one| !one.overriding.is_empty());
    let named = overriding.map(|one| format!("{} ({})", one.file, one.overriding.join(", ")));
    let mut named: Vec<String> = named.collect();
    if named.is_empty() || !root.patches.all().is_empty() {
        named.insert(0, root.shown());
    }
    let error = anyhow::anyhow!(
        "the change has no effect: {} would still be {value}, because a patch or replacement in {} overrides it",
        change.name(),
        named.join(" or ")
    );
    let hint = match other.stronger {
        Some(stronger) => {
            format!(
                "{stronger} decides before {field}: by hand, let {field}: {to} take its place there",
                field = change.to.field,
                to = change.to.value
            )
        }
        None => "`fluxr kustomize` shows what a folder is built to".to_owned(),
    };
    with_hint(error, hint)
}

/// What a version is where it is another one than was wanted.
struct Other<'a> {
    value: String,
    object: &'a Value,
    /// The field of a reference that decides instead of the one that was wanted.
    stronger: Option<&'static str>,
}

/// What a folder is built to, by the names of images and of objects.
struct Built<'a> {
    images: HashMap<&'a str, Vec<(&'a str, &'a Value)>>,
    objects: HashMap<(&'a str, &'a str), Vec<&'a Value>>,
}

impl<'a> Built<'a> {
    fn of(objects: &'a [Value]) -> Self {
        let mut built = Self { images: HashMap::new(), objects: HashMap::new() };
        for object in objects {
            let called = (text(object, "/kind"), text(object, "/metadata/name"));
            built.objects.entry(called).or_default().push(object);
            for image in containers::images(object) {
                built.images.entry(image_parts(image).0).or_default().push((image, object));
            }
        }
        built
    }

    /// What a version is after the change, if that is not what was wanted.
    fn other(&self, change: &VersionChange) -> Option<Other<'a>> {
        match (&change.pin.what, &change.pin.owner) {
            (What::Image(name), _) => self.images.get(name.as_str())?.iter().find_map(|&(image, object)| {
                let (_, tag, digest) = image_parts(image);
                (Setting::image(tag, digest) != change.to).then(|| Other {
                    value: format!("{image} in {}", ObjectId::of(object)),
                    object,
                    stronger: None,
                })
            }),
            (_, Owner::Object(id)) => {
                let object = self.object(id)?;
                of_object(object, id, &change.to)
            }
            _ => None,
        }
    }

    fn object(&self, id: &ObjectId) -> Option<&'a Value> {
        let called = self.objects.get(&(id.kind.as_str(), id.name.as_str()))?;
        called.iter().copied().find(|object| is_same(object, id))
    }
}

/// Whether an object has this name, in its namespace or in one that is not known.
fn is_same(object: &Value, id: &ObjectId) -> bool {
    let built = ObjectId::of(object);
    let is_near = built.namespace.is_empty() || id.namespace.is_empty();
    built.is_called(id) && (is_near || built.namespace == id.namespace)
}

/// The version of an object, if it is another one.
fn of_object<'a>(object: &'a Value, id: &ObjectId, wanted: &Setting) -> Option<Other<'a>> {
    match kind::of(id)?.pinned {
        Pinned::Chart { version, .. } => {
            let pointer: String = version.iter().map(|part| format!("/{part}")).collect();
            let built = text(object, &pointer);
            (built != wanted.value).then(|| Other { value: built.to_owned(), object, stronger: None })
        }
        Pinned::Reference(fields) => {
            let set = |field: &&&str| !text(object, &format!("/spec/ref/{field}")).is_empty();
            let decides = fields.iter().find(set)?;
            let built = text(object, &format!("/spec/ref/{decides}"));
            let is_other_field = *decides != wanted.field;
            (is_other_field || built != wanted.value).then(|| Other {
                value: format!("{decides} {built}"),
                object,
                stronger: is_other_field.then_some(*decides),
            })
        }
        _ => None,
    }
}
