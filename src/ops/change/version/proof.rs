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
use crate::ops::change::trial::LOOK_AT_BUILD;
use crate::ops::change::trial::Trial;
use crate::ops::change::trial::is_same;
use crate::ops::change::trial::no_effect;
use crate::ops::change::trial::overriding;
use crate::render::kustomize::image_parts;
use crate::text::with_hint;
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
    let mut trial = Trial::of(draft)?;
    for (at, changes) in changed {
        let Some(objects) = trial.build(&reach.roots[at], &before.roots[at])? else { continue };
        let built = Built::of(&objects);
        let overridden = |change: &VersionChange| Some(refusal(change, &built.other(change)?, &reach, at));
        if let Some(error) = changes.into_iter().find_map(overridden) {
            return Err(error);
        }
    }
    Ok(trial.warnings)
}

fn refusal(change: &VersionChange, other: &Other<'_>, reach: &Reach, root: usize) -> anyhow::Error {
    let Other { value, object, .. } = other;
    let still = format!("{} would still be {value}", change.name());
    let error = no_effect(&still, &overriding(reach, &reach.roots[root], object));
    let hint = match other.stronger {
        Some(stronger) => {
            format!(
                "{stronger} decides before {field}: by hand, let {field}: {to} take its place there",
                field = change.to.field,
                to = change.to.value
            )
        }
        None => LOOK_AT_BUILD.to_owned(),
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
        called.iter().copied().find(|object| is_same(&ObjectId::of(object), id))
    }
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
