//! The names of objects, as kustomizations change them on the way up.

use super::Declared;
use crate::api::ObjectId;
use crate::render::patches::Patches;
use serde_json::Value;

/// What patches may change.
const FIELDS: [[&str; 2]; 2] = [["metadata", "name"], ["metadata", "namespace"]];

/// What is done to names on the way up.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Empty where none is given.
    pub(super) namespace: String,
    prefix: String,
    suffix: String,
}

impl Names {
    /// What a Flux Kustomization does.
    pub(super) fn of_spec(spec: &Value) -> Self {
        let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
        Self { namespace: text("targetNamespace"), prefix: text("namePrefix"), suffix: text("nameSuffix") }
    }

    /// What these do inside of others: before what those do to the result.
    pub(super) fn inside_of(&self, outer: &Self) -> Self {
        let namespace = if outer.namespace.is_empty() { &self.namespace } else { &outer.namespace };
        Self {
            namespace: namespace.clone(),
            prefix: [&outer.prefix[..], &self.prefix].concat(),
            suffix: [&self.suffix[..], &outer.suffix].concat(),
        }
    }

    /// What the kustomization of a folder does if these take the place of its own, as far as they are set.
    pub(super) fn instead_of(self, kustomization: &Value) -> Self {
        let or_own = |given: String, field: &str| match given.as_str() {
            "" => kustomization[field].as_str().unwrap_or_default().to_owned(),
            _ => given,
        };
        Self {
            namespace: or_own(self.namespace, "namespace"),
            prefix: or_own(self.prefix, "namePrefix"),
            suffix: or_own(self.suffix, "nameSuffix"),
        }
    }

    /// What an object is called then.
    pub(super) fn applied(&self, object: &Value) -> ObjectId {
        let mut id = ObjectId::of(object);
        self.change(&mut id);
        id
    }

    fn change(&self, id: &mut ObjectId) {
        if !self.namespace.is_empty() {
            id.namespace.clone_from(&self.namespace);
        }
        id.name = [&self.prefix, &id.name[..], &self.suffix].concat();
    }
}

/// Follows the patches that change names, on every level before what its kustomization does to names.
pub(super) fn follow_patches(declared: &mut Declared, spec: &Value) {
    let of_spec = Patches::of_spec(spec);
    let mut all = declared.kustomizations.iter().flat_map(|one| one.patches.all()).chain(of_spec.all());
    if !all.any(|patch| FIELDS.iter().any(|field| patch.renames(field))) {
        return;
    }
    let Declared { folder, objects, kustomizations } = declared;
    for one in objects {
        let mut id = ObjectId::of(&one.object);
        let mut is_outermost = true;
        for place in one.through.iter().rev() {
            let level = &kustomizations[*place];
            patch(&mut id, &level.patches, &one.object);
            if level.folder == *folder {
                // Those of the Flux Kustomization are added to its own.
                patch(&mut id, &of_spec, &one.object);
                is_outermost = false;
            }
            level.names.change(&mut id);
        }
        if is_outermost {
            patch(&mut id, &of_spec, &one.object);
            Names::of_spec(spec).change(&mut id);
        }
        one.id = id;
    }
}

fn patch(id: &mut ObjectId, patches: &Patches, object: &Value) {
    for number in patches.of(object) {
        let patch = &patches.all()[number];
        for (field, text) in FIELDS.iter().zip([&mut id.name, &mut id.namespace]) {
            if patch.renames(field)
                && let Value::String(new) = patch.applied(field, text.as_str().into())
            {
                *text = new;
            }
        }
    }
}
