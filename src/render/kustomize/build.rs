//! The whole build of a folder, and its output.

use super::accumulate;
use super::id::Gvk;
use super::id::Id;
use super::metadata;
use super::order;
use super::order::Reorder;
use super::resource;
use crate::render::tree::Tree;
use crate::text::yaml;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where the files of a kustomization may be; its bases may be anywhere in the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Restrictor {
    /// In or below its own folder.
    #[default]
    RootOnly,
    /// Anywhere in the tree.
    None,
}

/// How to build.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub restrictor: Restrictor,
    pub reorder: Reorder,
    /// Whether every object gets a label that names kustomize, also when the kustomization does not ask for it.
    pub managed_by_label: bool,
}

/// What became of a folder.
#[derive(Debug, PartialEq)]
pub enum Build {
    /// The objects, in the order of the output.
    Built(Vec<Value>),
    /// The kustomization uses this field or form, which is not covered.
    NotCovered(String),
}

/// A field or form that is left to kustomize itself.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not covered")]
pub(super) struct NotCovered(pub String);

/// Builds a folder of the tree.
///
/// # Errors
/// A file that is missing or no YAML, resources with one identity, a patch that fits nothing; named.
pub fn build(tree: &dyn Tree, folder: &str, options: Options) -> anyhow::Result<Build> {
    build_and_tell(tree, folder, options, &|_| {})
}

/// The same, and `tell` is given a line for every deprecated field, as kustomize writes them to stderr.
///
/// # Errors
/// As [`build`].
pub fn build_and_tell(
    tree: &dyn Tree,
    folder: &str,
    options: Options,
    tell: &dyn Fn(String),
) -> anyhow::Result<Build> {
    match build_all(tree, folder, options, tell) {
        Ok(objects) => Ok(Build::Built(objects)),
        Err(error) => match error.chain().find_map(|cause| cause.downcast_ref::<NotCovered>()) {
            Some(NotCovered(what)) => Ok(Build::NotCovered(what.clone())),
            None => Err(error),
        },
    }
}

fn build_all(
    tree: &dyn Tree,
    folder: &str,
    options: Options,
    tell: &dyn Fn(String),
) -> anyhow::Result<Vec<Value>> {
    let (mut set, file) = accumulate::top(tree, folder, options.restrictor, tell)?;
    order::sort(&mut set, file.sort_options.as_ref(), options.reorder)?;
    metadata::finish(&mut set, &file.build_metadata, options.managed_by_label)?;
    set.0.iter().map(resource::to_value).collect()
}

/// The objects as a stream of YAML documents.
pub fn render(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(yaml::to_string).collect();
    documents.join("---\n")
}

/// One file per object: `[<namespace>_]<group>_<version>_<kind>_<name>.yaml`, with the namespace when there are several.
pub fn files(objects: &[Value]) -> Vec<(String, String)> {
    let text = |object: &Value, pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let ids: Vec<Id> = objects
        .iter()
        .map(|object| Id {
            gvk: Gvk::new(&text(object, "/apiVersion"), &text(object, "/kind")),
            name: text(object, "/metadata/name"),
            namespace: text(object, "/metadata/namespace"),
        })
        .collect();
    let has_namespace = |id: &&Id| !id.gvk.is_cluster_scoped();
    let namespaces: BTreeSet<&str> = ids.iter().filter(has_namespace).map(Id::effective_namespace).collect();
    let named = ids.iter().map(|id| {
        let Gvk { group, version, kind } = &id.gvk;
        let mut parts: Vec<&str> = vec![group, version, kind, &id.name];
        if namespaces.len() > 1 && has_namespace(&id) {
            parts.insert(0, id.effective_namespace());
        }
        parts.retain(|part| !part.is_empty());
        format!("{}.yaml", parts.join("_").replace('/', "_")).to_lowercase()
    });
    named.zip(objects.iter().map(yaml::to_string)).collect()
}
