//! The versions in manifests of Flux: those of charts, and the references of sources. A patch of a kustomization on the way may set them.

use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::spot::Form;
use super::spot::Spot;
use crate::api::Pinned;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::pinned::TAG;
use crate::api::source::helm_repository::HELM_REPOSITORY;
use crate::kind;
use crate::ops::change::reach::Reach;
use crate::render::PatchText;
use crate::render::patches_of_spec;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::at;
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
    let found = Found::of(reach, root, place, field, &form);
    let present = match form {
        Form::Reference(fields) => found.reference(fields),
        _ => Setting::plain(found.text().unwrap_or(ANY)),
    };
    let Found { file, document, path, form, .. } = found;
    let spot = Spot { present: vec![present], root, declared: Some(place), file, document, path, form };
    let owner = Owner::Object(declaration.id.clone());
    Some(Pin { owner, what, names: Vec::new(), spots: vec![spot] })
}

/// Where a field of an object is set last.
struct Found<'a> {
    file: String,
    document: Option<usize>,
    path: Vec<Step>,
    form: Form,
    /// The document that sets it, and that of the object.
    setting: &'a Value,
    object: &'a Value,
    /// The path in the document of the object.
    own_path: Vec<Step>,
}

impl<'a> Found<'a> {
    fn of(reach: &'a Reach, root: usize, place: usize, field: &[&str], form: &Form) -> Self {
        let declaration = &reach.objects[place];
        let own_path: Vec<Step> = field.iter().map(|part| Step::Key((*part).to_owned())).collect();
        let mut found = Self {
            file: declaration.file.clone(),
            document: Some(declaration.document),
            path: own_path.clone(),
            form: form.clone(),
            setting: &declaration.object,
            object: &declaration.object,
            own_path,
        };
        let applies = |patch: &PatchText| {
            if patch.is_for(&declaration.object) { patch.place(field) } else { None }
        };
        if patches_of_spec(&reach.roots[root].spec).iter().rev().find_map(applies).is_some() {
            found.form = Form::Fixed(format!("spec.patches of {} sets it", reach.roots[root].shown()));
            return found;
        }
        for kustomization in declaration.through.iter().map(|place| &reach.kustomizations[*place]) {
            let last = kustomization.patches.iter().rev().find_map(|patch| Some((patch, applies(patch)?)));
            let Some((patch, path)) = last else { continue };
            match &patch.file {
                Some((file, document)) => {
                    found.file.clone_from(file);
                    found.document = Some(*document);
                    found.path = path;
                }
                None => {
                    found.form = Form::Fixed(format!("a patch inside of {} sets it", kustomization.file));
                    found.path = path;
                }
            }
            found.setting = &patch.content;
            return found;
        }
        found
    }

    fn text(&self) -> Option<&'a str> {
        at(self.setting, &self.path).and_then(Value::as_str)
    }

    /// The field of a reference that decides; an empty tag if there is none.
    fn reference(&self, fields: &'static [&'static str]) -> Setting {
        let set = |value: Option<&'a Value>, field: &str| {
            let pointer = format!("/{field}");
            value.and_then(|value| text_if_set(value, &pointer)).filter(|text| !text.is_empty())
        };
        let (last, own) = (at(self.setting, &self.path), at(self.object, &self.own_path));
        let decides = fields.iter().find_map(|field| Some((*field, set(last, field).or(set(own, field))?)));
        let (field, value) = decides.unwrap_or((TAG, ""));
        Setting { field, value: value.to_owned() }
    }
}
