//! The versions in manifests of Flux: those of charts, and the references of sources. A patch of a kustomization on the way may set them.

use super::patched;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::spot::Form;
use super::spot::PatchAt;
use super::spot::Spot;
use crate::api::Pinned;
use crate::api::Role;
use crate::api::object::text;
use crate::api::pinned::TAG;
use crate::kind;
use crate::ops::change::reach::Reach;
use crate::render::Said;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::at as at_path;
use serde_json::Value;

/// The version of a chart if none is given.
const ANY: &str = "*";
/// The fields that lead to the reference of a source.
const REFERENCE: [&str; 2] = ["spec", "ref"];

/// Whether the chart of an object has a version of its own: for charts in Git and in buckets, their files decide.
pub(super) fn has_chart_version(object: &Value, source: &str) -> bool {
    let kind = text(object, &format!("{source}/kind"));
    kind::has(kind, Role::ChartSource) || kind.is_empty()
}

/// The version that a declared object itself pins, if it does.
pub(super) fn own(reach: &Reach, place: usize) -> Option<Pin> {
    let declaration = &reach.objects[place];
    let (what, field, form) = match kind::of(&declaration.id)?.pinned {
        Pinned::Chart { version, source } => {
            let above: String = version[..version.len() - 1].iter().map(|part| format!("/{part}")).collect();
            declaration.object.pointer(&above).filter(|above| above.is_object())?;
            has_chart_version(&declaration.object, source).then_some((What::Chart, version, Form::Value))?
        }
        Pinned::Reference(fields) => {
            let form = Form::Reference { fields, beneath: Vec::new() };
            (What::Reference, &REFERENCE[..], form)
        }
        Pinned::Images(_) | Pinned::Nothing => return None,
    };
    let root = reach.root_of(place)?;
    let own_path = keys_of(field);
    let own = at_path(&declaration.object, &own_path);
    let spot = match patch_of(reach, root, place, field, &form) {
        Some((at, said)) => {
            let patch = patched::patch_of(reach, root, at);
            let set = at_path(&patch.content, &said.path);
            let chosen = match (said.part, form) {
                (Some(part), form) => {
                    let under = patched::before(reach, root, place, at, field);
                    let under = patch.applied_before(&said, field, under);
                    let fields = if let Form::Reference { fields, .. } = form { fields } else { &[] };
                    let form = Form::Part { part, fields, beneath: set_of(fields, &under) };
                    (form, Setting { field: part, value: plain_text(set) })
                }
                (None, Form::Reference { fields, .. }) => {
                    let under = patched::before(reach, root, place, at, field);
                    let stays = patch.merges_over(field, under.clone());
                    let beneath = set_of(fields, &stays);
                    let present = reference(fields, &patch.applied(field, under));
                    (Form::Reference { fields, beneath }, present)
                }
                (None, form) => (form, Setting::plain(set.and_then(Value::as_str).unwrap_or(ANY))),
            };
            patched::spot(reach, root, at, said.path, chosen)
        }
        None => {
            let present = match form {
                Form::Reference { fields, .. } => reference(fields, own.unwrap_or(&Value::Null)),
                _ => Setting::plain(own.and_then(Value::as_str).unwrap_or(ANY)),
            };
            Spot::in_object(root, (place, declaration), own_path, (form, present))
        }
    };
    let owner = Owner::Object(declaration.id.clone());
    Some(Pin { owner, what, names: Vec::new(), spots: vec![spot] })
}

fn keys_of(field: &[&str]) -> Vec<Step> {
    field.iter().map(|part| Step::Key((*part).to_owned())).collect()
}

fn plain_text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The patch that sets a field of an object last: one of the Flux Kustomization, or of the outermost kustomization that has one.
fn patch_of(
    reach: &Reach,
    root: usize,
    place: usize,
    field: &[&str],
    form: &Form,
) -> Option<(PatchAt, Said)> {
    let declaration = &reach.objects[place];
    let parts: &[&'static str] = if let Form::Reference { fields, .. } = form { fields } else { &[] };
    let mut levels = [None].into_iter().chain(declaration.through.iter().map(|place| Some(*place)));
    levels.find_map(|level| {
        let patches = level.map_or(&reach.roots[root].patches, |place| &reach.kustomizations[place].patches);
        let mut numbers = patches.of(&declaration.object).into_iter().rev();
        numbers.find_map(|number| Some(((level, number), patches.all()[number].said(field, parts)?)))
    })
}

/// The field of a reference that decides; an empty tag if there is none.
fn reference(fields: &'static [&'static str], set: &Value) -> Setting {
    match fields.iter().find(|field| is_set(set, field)) {
        Some(field) => Setting { field, value: plain_text(set.get(field)) },
        None => Setting { field: TAG, value: String::new() },
    }
}

/// The fields that a reference has.
fn set_of(fields: &[&'static str], reference: &Value) -> Vec<&'static str> {
    fields.iter().copied().filter(|field| is_set(reference, field)).collect()
}

fn is_set(reference: &Value, field: &str) -> bool {
    !plain_text(reference.get(field)).is_empty()
}
