//! Whether a change has its effect: what is built with it has the new versions. Replacements, patches of patches and the like could say
//! something else.

use super::fields::kind_of;
use super::images;
use super::pin::Owner;
use super::pin::What;
use super::setting::Setting;
use super::step::Step;
use crate::api::ObjectId;
use crate::api::Pinned;
use crate::api::object::text;
use crate::ops::change::edit::Draft;
use crate::ops::change::fleet::Fleet;
use crate::ops::change::reach::Root;
use crate::render::kustomize::image_parts;
use crate::text::with_hint;
use serde_json::Value;

/// Builds the folders of what was changed, and looks at the result. What needs files from elsewhere is not built.
///
/// # Errors
/// A version that would be another one all the same.
pub(super) fn prove(draft: &Draft<'_>, fleet: &Fleet, steps: &[Step]) -> anyhow::Result<()> {
    let reach = draft.reach(fleet)?;
    for (at, root) in reach.roots.iter().enumerate() {
        let here = steps.iter().filter(|step| step.pin.spots.iter().any(|spot| spot.root == at));
        let here: Vec<&Step> = here.collect();
        if here.is_empty() {
            continue;
        }
        let Ok(objects) = draft.build(&root.real, &root.spec) else { continue };
        for step in here {
            if let Some(other) = other(step, &objects) {
                return Err(refusal(step, &other, root));
            }
        }
    }
    Ok(())
}

fn refusal(step: &Step, other: &str, root: &Root) -> anyhow::Error {
    let error = anyhow::anyhow!(
        "{} would be {other} all the same: something else that {} builds says so",
        step.name(),
        root.shown()
    );
    with_hint(error, "look for patches and replacements; `fluxr kustomize` shows what a folder is built to")
}

/// What a version is after the change, if that is not what was wanted.
fn other(step: &Step, objects: &[Value]) -> Option<String> {
    match (&step.pin.what, &step.pin.owner) {
        (What::Image(name), _) => objects.iter().find_map(|object| {
            let mut found = Vec::new();
            images::containers(object, &mut Vec::new(), &mut found);
            found.into_iter().find_map(|(_, image)| {
                let (built, tag, digest) = image_parts(image);
                let setting = Setting::image(tag, digest);
                (built == name && setting != step.to)
                    .then(|| format!("{} in {}", image, ObjectId::of(object)))
            })
        }),
        (_, Owner::Object(id)) => {
            let object = objects.iter().find(|object| {
                let built = ObjectId::of(object);
                let is_near = built.namespace.is_empty() || id.namespace.is_empty();
                built.is_called(id) && (is_near || built.namespace == id.namespace)
            })?;
            let fields = match kind_of(id)?.pinned {
                Pinned::Chart { version, .. } => {
                    let pointer: String = version.iter().map(|part| format!("/{part}")).collect();
                    let built = text(object, &pointer);
                    return (built != step.to.value).then(|| built.to_owned());
                }
                Pinned::Reference(fields) => fields,
                _ => return None,
            };
            let set = |field: &&&str| !text(object, &format!("/spec/ref/{field}")).is_empty();
            let decides = fields.iter().find(set)?;
            let built = text(object, &format!("/spec/ref/{decides}"));
            (*decides != step.to.field || built != step.to.value).then(|| format!("{decides} {built}"))
        }
        _ => None,
    }
}
