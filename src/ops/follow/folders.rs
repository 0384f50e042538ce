//! The folders that a cluster applies from its repository: the one that it follows, and those of the Kustomizations that are declared there.

use super::sources::Name;
use super::sources::Sources;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::render::Declaration;
use crate::render::Declared;
use crate::text::clean_relative_path;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A folder that a Kustomization builds.
pub(in crate::ops) struct Built {
    /// Without `./`; empty for the root.
    pub(in crate::ops) folder: String,
    /// What the Kustomization says.
    pub(in crate::ops) spec: Value,
    /// The Kustomization, if it is known.
    pub(in crate::ops) by: Option<ObjectId>,
}

/// What was followed.
pub(in crate::ops) struct Reached {
    /// Each after the one that declares its Kustomization.
    pub(in crate::ops) folders: Vec<(Built, Declared)>,
    /// Sources that bring another revision of the repository, which is not followed: each with how it differs.
    pub(in crate::ops) others: BTreeMap<ObjectId, String>,
}

/// Reads the first folder, then those of the Kustomizations that are declared there and have the same source, given by namespace and name,
/// or another one that brings the same. `place` says where the path of a Kustomization is; what it leaves out is not followed, nor is what
/// `read` leaves out.
///
/// # Errors
/// Those of `read`.
pub(in crate::ops) fn follow(
    first: Built,
    (namespace, name): (&str, &str),
    place: impl Fn(String) -> Option<String>,
    mut read: impl FnMut(&Built) -> anyhow::Result<Option<Declared>>,
) -> anyhow::Result<Reached> {
    let mut sources = Sources::of((namespace.to_owned(), name.to_owned()));
    let (mut waiting, mut later) = (vec![first], Vec::new());
    let (mut seen, mut folders) = (HashSet::new(), Vec::new());
    loop {
        while let Some(next) = waiting.pop() {
            if !seen.insert((next.folder.clone(), text(&next.spec, "/targetNamespace").to_owned())) {
                continue;
            }
            let Some(found) = read(&next)? else { continue };
            for declaration in &found.objects {
                sources.add(declaration);
                let Some((source, path)) = applied_by(declaration, &sources.own().0) else { continue };
                let Some(folder) = place(path) else { continue };
                let (spec, by) = (declaration.object["spec"].clone(), Some(declaration.id.clone()));
                let built = Built { folder, spec, by };
                if source == *sources.own() { waiting.push(built) } else { later.push((source, built)) }
            }
            folders.push((next, found));
        }
        // Another source may be declared in any of the folders.
        let (same, rest) = later.into_iter().partition(|(source, _)| sources.is_same(source));
        later = rest;
        let same: Vec<(Name, Built)> = same;
        if same.is_empty() {
            return Ok(Reached { folders, others: sources.others() });
        }
        waiting.extend(same.into_iter().map(|(_, built)| built));
    }
}

/// The source and the folder that a declared Kustomization applies to this cluster. `home` is the namespace of those that have none.
fn applied_by(declaration: &Declaration, home: &str) -> Option<(Name, String)> {
    let object = &declaration.object;
    if !KUSTOMIZATION.is_of(&declaration.id) || object.pointer("/spec/kubeConfig").is_some() {
        return None;
    }
    let reference = &object["spec"]["sourceRef"];
    let home = match declaration.id.namespace.as_str() {
        "" => home,
        namespace => namespace,
    };
    let path = text(object, "/spec/path");
    if text(reference, "/kind") != GIT_REPOSITORY.kind || path.contains("${") {
        return None;
    }
    let namespace = text_if_set(reference, "/namespace").unwrap_or(home);
    Some(((namespace.to_owned(), text(reference, "/name").to_owned()), clean_relative_path(path)))
}
