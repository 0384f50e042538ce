//! The folders that a cluster applies from its repository: the one that it follows, and those of the Kustomizations that are declared there.

use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::render::Declaration;
use crate::render::Declared;
use crate::text::clean_relative_path;
use serde_json::Value;
use std::collections::HashSet;

/// A folder that a Kustomization builds.
pub(super) struct Built {
    /// Without `./`; empty for the root.
    pub(super) folder: String,
    /// What the Kustomization says.
    pub(super) spec: Value,
    /// The Kustomization, if it is known.
    pub(super) by: Option<ObjectId>,
}

/// Reads the first folder, then those of the Kustomizations that are declared there and have the same source, by namespace and name.
/// `place` says where the path of a Kustomization is; what it leaves out is not followed, nor is what `read` leaves out.
///
/// # Errors
/// Those of `read`.
pub(super) fn follow(
    first: Built,
    source: (&str, &str),
    place: impl Fn(String) -> Option<String>,
    mut read: impl FnMut(&Built) -> anyhow::Result<Option<Declared>>,
) -> anyhow::Result<Vec<(Built, Declared)>> {
    let mut waiting = vec![first];
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    while let Some(next) = waiting.pop() {
        if !seen.insert((next.folder.clone(), text(&next.spec, "/targetNamespace").to_owned())) {
            continue;
        }
        let Some(found) = read(&next)? else { continue };
        for declaration in &found.objects {
            if let Some(folder) = applied_by(declaration, source).and_then(&place) {
                let (spec, by) = (declaration.object["spec"].clone(), Some(declaration.id.clone()));
                waiting.push(Built { folder, spec, by });
            }
        }
        all.push((next, found));
    }
    Ok(all)
}

/// The folder of the same repository that a declared Kustomization applies to this cluster.
fn applied_by(declaration: &Declaration, source: (&str, &str)) -> Option<String> {
    let object = &declaration.object;
    if !KUSTOMIZATION.is_of(&declaration.id) || object.pointer("/spec/kubeConfig").is_some() {
        return None;
    }
    let reference = &object["spec"]["sourceRef"];
    let home = match declaration.id.namespace.as_str() {
        "" => source.0,
        namespace => namespace,
    };
    let is_ours = text(reference, "/kind") == GIT_REPOSITORY.kind
        && text(reference, "/name") == source.1
        && text_if_set(reference, "/namespace").unwrap_or(home) == source.0;
    let path = text(object, "/spec/path");
    (is_ours && !path.contains("${")).then(|| clean_relative_path(path))
}
