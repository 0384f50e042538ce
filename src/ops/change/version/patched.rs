//! Versions in patches: in files of their own, and in texts of kustomizations and of Flux Kustomizations.

use super::setting::Setting;
use super::spot::Form;
use super::spot::Holder;
use super::spot::PatchAt;
use super::spot::Spot;
use crate::ops::change::reach::Reach;
use crate::render::PatchPlace;
use crate::render::PatchText;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use serde_json::Value;

/// The patches of a kustomization, or of the spec of what builds a root.
pub(super) fn patch_of(reach: &Reach, root: usize, (place, number): PatchAt) -> &PatchText {
    let patches = match place {
        Some(place) => &reach.kustomizations[place].patches,
        None => &reach.roots[root].patches,
    };
    &patches.all()[number]
}

/// What a field of an object is before a patch: as the object declares it, with what the patches that are applied earlier make of it.
pub(super) fn before(reach: &Reach, root: usize, place: usize, at: PatchAt, field: &[&str]) -> Value {
    let declaration = &reach.objects[place];
    let own = declaration.object.pointer(&format!("/{}", field.join("/"))).cloned().unwrap_or_default();
    let inner = declaration.through.iter().rev().map(|place| Some(*place));
    let earlier = inner.chain([None]).flat_map(|level| {
        let patches = match level {
            Some(place) => &reach.kustomizations[place].patches,
            None => &reach.roots[root].patches,
        };
        patches.of(&declaration.object).into_iter().map(move |number| (level, number))
    });
    let earlier = earlier.take_while(|one| *one != at);
    earlier.fold(own, |value, one| patch_of(reach, root, one).applied(field, value))
}

/// The place where a patch says a version.
pub(super) fn spot(
    reach: &Reach,
    root: usize,
    at: PatchAt,
    path: Vec<Step>,
    (form, present): (Form, Setting),
) -> Spot {
    let patch = patch_of(reach, root, at);
    let mut spot = Spot::in_file(root, "", path, (form, present));
    (spot.patch, spot.document) = (Some(at), Some(patch.document));
    match (&patch.written, at.0) {
        (PatchPlace::File(file), _) => spot.file.clone_from(file),
        (PatchPlace::Text(way), Some(place)) => {
            spot.file.clone_from(&reach.kustomizations[place].file);
            spot.holder = Some(Holder { document: None, path: way.clone() });
        }
        (PatchPlace::Text(way), None) => match reach.roots[root].by.as_ref().and_then(|by| reach.place(by)) {
            Some(by) => {
                let declaration = &reach.objects[by];
                spot.declared = Some(by);
                spot.file.clone_from(&declaration.file);
                let path = declaration.way(&[&keys(["spec"])[..], way].concat());
                spot.holder = Some(Holder { document: Some(declaration.document), path });
            }
            None => {
                spot.form = Form::Fixed(format!("spec.patches of {} sets it", reach.roots[root].shown()));
            }
        },
    }
    spot
}
