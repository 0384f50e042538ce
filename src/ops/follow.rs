//! The folders that a cluster applies from its repository: the one that it follows, and those of the Kustomizations that are declared there.

use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::ops::known_variables::KnownVariables;
use crate::render::Declaration;
use crate::render::Declared;
use crate::text::clean_relative_path;
use crate::text::yaml::edit::Step;
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
    /// Where the Kustomizations are written that lead to it, so that circles end.
    above: Vec<Written>,
}

type Written = (String, usize, Vec<Step>);

impl Built {
    /// The folder that the cluster follows.
    pub(super) fn first(folder: String, spec: Value, by: Option<ObjectId>) -> Self {
        Self { folder, spec, by, above: Vec::new() }
    }
}

/// A Kustomization of the same source whose folder is not known.
pub(super) struct Unfollowed {
    by: ObjectId,
    path: String,
}

impl Unfollowed {
    /// Why it is not followed.
    pub(super) fn reason(&self) -> String {
        let Self { by, path } = self;
        format!("{by} is not followed: its path \"{path}\" has a variable that is not set in the files")
    }
}

/// What is found from the first folder.
#[derive(Default)]
pub(super) struct Course {
    pub(super) all: Vec<(Built, Declared)>,
    pub(super) unfollowed: Vec<Unfollowed>,
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
) -> anyhow::Result<Course> {
    let mut course = Course::default();
    // Among what it applies is the Kustomization that applies it.
    let of_first = first.by.is_none().then(|| first.folder.clone());
    let mut waiting = vec![first];
    let mut seen = HashSet::new();
    while let Some(next) = waiting.pop() {
        let by = next.by.clone().map(|by| at_home(by, source.0));
        if !seen.insert((by.clone(), next.folder.clone()))
            || (by.is_some() && of_first.as_ref() == Some(&next.folder))
        {
            continue;
        }
        let Some(mut found) = read(&next)? else { continue };
        let variables = KnownVariables::of(&next.spec);
        for declaration in &mut found.objects {
            variables.complete_id(declaration);
            let written = declaration.written();
            let written = (written.0.to_owned(), written.1, written.2.to_vec());
            if next.above.contains(&written) {
                continue;
            }
            match applied_by(declaration, source, &variables) {
                Some(Ok((path, spec))) => {
                    let Some(folder) = place(path) else { continue };
                    let above = [&next.above[..], &[written]].concat();
                    waiting.push(Built { folder, spec, by: Some(declaration.id.clone()), above });
                }
                Some(Err(unfollowed)) => course.unfollowed.push(unfollowed),
                None => {}
            }
        }
        course.all.push((next, found));
    }
    Ok(course)
}

fn at_home(mut id: ObjectId, home: &str) -> ObjectId {
    if id.namespace.is_empty() {
        home.clone_into(&mut id.namespace);
    }
    id
}

/// The folder of the same repository that a declared Kustomization applies to this cluster, with its spec as it is in the cluster.
fn applied_by(
    declaration: &Declaration,
    source: (&str, &str),
    variables: &KnownVariables,
) -> Option<Result<(String, Value), Unfollowed>> {
    if !KUSTOMIZATION.is_of(&declaration.id) || declaration.object.pointer("/spec/kubeConfig").is_some() {
        return None;
    }
    let spec = variables.completed(&declaration.object);
    let reference = &spec["sourceRef"];
    let home = match declaration.id.namespace.as_str() {
        "" => source.0,
        namespace => namespace,
    };
    let is_ours = text(reference, "/kind") == GIT_REPOSITORY.kind
        && text(reference, "/name") == source.1
        && text_if_set(reference, "/namespace").unwrap_or(home) == source.0;
    if !is_ours {
        return None;
    }
    let path = text(&spec, "/path").to_owned();
    if path.contains("${") {
        return Some(Err(Unfollowed { by: declaration.id.clone(), path }));
    }
    Some(Ok((clean_relative_path(&path), spec)))
}
