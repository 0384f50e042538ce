//! The folders that a cluster applies from its repository: the one that it follows, and those of the Kustomizations that are declared there.

use super::sources::Sources;
use crate::api::ObjectId;
use crate::api::Role;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::kind;
use crate::ops::known_variables::KnownVariables;
use crate::render::Declaration;
use crate::render::Declared;
use crate::text::clean_relative_path;
use crate::text::yaml::edit::Step;
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
    /// Where the Kustomizations are written that lead to it, so that cycles end.
    above: Vec<Written>,
}

/// The file, the document and the way in that.
type Written = (String, usize, Vec<Step>);

impl Built {
    /// The folder that the cluster follows.
    pub(in crate::ops) fn first(folder: String, spec: Value, by: Option<ObjectId>) -> Self {
        Self { folder, spec, by, above: Vec::new() }
    }
}

/// A Kustomization whose folder is not known.
pub(in crate::ops) struct Unfollowed {
    by: ObjectId,
    path: String,
}

impl Unfollowed {
    /// Why it is not followed.
    pub(in crate::ops) fn reason(&self) -> String {
        let Self { by, path } = self;
        format!("{by} is not followed: its path \"{path}\" has a variable that is not set in the files")
    }
}

/// What was followed.
pub(in crate::ops) struct Reached {
    /// Each after the one that declares its Kustomization.
    pub(in crate::ops) folders: Vec<(Built, Declared)>,
    /// Sources that bring another revision of the repository, which is not followed: each with how it differs.
    pub(in crate::ops) others: BTreeMap<ObjectId, String>,
    /// Kustomizations of the same source with a variable in their path.
    pub(in crate::ops) unfollowed: Vec<Unfollowed>,
}

/// Reads the first folder, then those of the Kustomizations that are declared there and have the same source,
/// or another one that brings the same. `place` says where the path of a Kustomization is; what it leaves out is not followed, nor is what
/// `read` leaves out.
///
/// # Errors
/// Those of `read`.
pub(in crate::ops) fn follow(
    first: Built,
    source: ObjectId,
    place: impl Fn(String) -> Option<String>,
    mut read: impl FnMut(&Built) -> anyhow::Result<Option<Declared>>,
) -> anyhow::Result<Reached> {
    let mut sources = Sources::of(source);
    // Among what it applies is the Kustomization that applies it.
    let of_first = first.by.is_none().then(|| first.folder.clone());
    let (mut waiting, mut later) = (vec![first], Vec::new());
    let (mut seen, mut folders, mut unfollowed) = (HashSet::new(), Vec::new(), Vec::new());
    loop {
        while let Some(next) = waiting.pop() {
            let by = next.by.clone().map(|by| by.at_home(&sources.own().namespace));
            let is_first = by.is_some() && of_first.as_ref() == Some(&next.folder);
            if is_first || !seen.insert((by, next.folder.clone())) {
                continue;
            }
            let Some(mut found) = read(&next)? else { continue };
            let variables = KnownVariables::of(&next.spec);
            for declaration in &mut found.objects {
                variables.complete_id(declaration);
                sources.add(declaration);
                let (file, document, path) = declaration.written();
                let written = (file.to_owned(), document, path.to_vec());
                let is_cycle = next.above.contains(&written);
                let applied =
                    applied_by(declaration, &sources.own().namespace, &variables).filter(|_| !is_cycle);
                let Some((source, path, spec)) = applied else { continue };
                let by = declaration.id.clone();
                if path.contains("${") {
                    unfollowed.push((source, Unfollowed { by, path }));
                    continue;
                }
                let Some(folder) = place(clean_relative_path(&path)) else { continue };
                let above = [&next.above[..], &[written]].concat();
                let built = Built { folder, spec, by: Some(by), above };
                if source == *sources.own() { waiting.push(built) } else { later.push((source, built)) }
            }
            folders.push((next, found));
        }
        // Another source may be declared in any of the folders.
        let (same, rest) = later.into_iter().partition(|(source, _)| sources.is_same(source));
        later = rest;
        let same: Vec<(ObjectId, Built)> = same;
        if same.is_empty() {
            let ours = unfollowed.into_iter().filter(|(source, _)| sources.is_same(source));
            let unfollowed = ours.map(|(_, one)| one).collect();
            return Ok(Reached { folders, unfollowed, others: sources.others() });
        }
        waiting.extend(same.into_iter().map(|(_, built)| built));
    }
}

/// The source and the path that a declared Kustomization applies to this cluster, with its spec as it is there. `home` is the namespace of
/// those that have none.
fn applied_by(
    declaration: &Declaration,
    home: &str,
    variables: &KnownVariables,
) -> Option<(ObjectId, String, Value)> {
    if !KUSTOMIZATION.is_of(&declaration.id) || declaration.object.pointer("/spec/kubeConfig").is_some() {
        return None;
    }
    let spec = variables.completed(&declaration.object);
    let reference = &spec["sourceRef"];
    if !kind::has(text(reference, "/kind"), Role::GitSource) {
        return None;
    }
    let namespace = text_if_set(reference, "/namespace").unwrap_or(&declaration.id.namespace);
    let source = GIT_REPOSITORY.id(namespace, text(reference, "/name")).at_home(home);
    let path = text(&spec, "/path").to_owned();
    Some((source, path, spec))
}
