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
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::pinned::TAG;
use crate::api::source::helm_repository::HELM_REPOSITORY;
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
    kind == HELM_REPOSITORY.kind || kind.is_empty()
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
        Pinned::Reference(fields) => (What::Reference, &REFERENCE[..], Form::Reference(fields)),
        Pinned::Images(_) | Pinned::Nothing => return None,
    };
    let root = reach.root_of(place)?;
    let own_path = keys_of(field);
    let patch = patch_of(reach, root, place, field, &form);
    let object = &declaration.object;
    let spot = match patch {
        Some((at, said)) => {
            let content = &patched::patch_of(reach, root, at).content;
            let set = at_path(content, &said.path);
            let chosen = match (said.part, form.clone()) {
                (Some(part), _) => (Form::Part(part), Setting { field: part, value: plain_text(set) }),
                (None, Form::Reference(fields)) => {
                    // An operation puts the whole reference, a part of an object is merged.
                    let own = if content.is_array() { None } else { at_path(object, &own_path) };
                    (form.clone(), reference(fields, [set, own]))
                }
                (None, _) => (form.clone(), Setting::plain(set.and_then(Value::as_str).unwrap_or(ANY))),
            };
            patched::spot(reach, root, at, said.path, chosen)
        }
        None => {
            let set = at_path(object, &own_path);
            let present = match form {
                Form::Reference(fields) => reference(fields, [set, None]),
                _ => Setting::plain(set.and_then(Value::as_str).unwrap_or(ANY)),
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
    let parts: &[&'static str] = if let Form::Reference(parts) = form { parts } else { &[] };
    let mut levels = [None].into_iter().chain(declaration.through.iter().map(|place| Some(*place)));
    levels.find_map(|level| {
        let patches = level.map_or(&reach.roots[root].patches, |place| &reach.kustomizations[place].patches);
        let mut numbers = patches.of(&declaration.object).into_iter().rev();
        numbers.find_map(|number| Some(((level, number), patches.all()[number].said(field, parts)?)))
    })
}

/// The field of a reference that decides, from what is set last to what is set first; an empty tag if there is none.
fn reference(fields: &'static [&'static str], set: [Option<&Value>; 2]) -> Setting {
    let text = |value: Option<&Value>, field: &str| {
        let text = value.and_then(|value| text_if_set(value, &format!("/{field}")));
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let [last, own] = set;
    let decides = fields.iter().find_map(|field| Some((*field, text(last, field).or(text(own, field))?)));
    let (field, value) = decides.unwrap_or((TAG, String::new()));
    Setting { field, value }
}
