//! The whole build of a folder, and its output.

use super::accumulate;
use super::address::Address;
use super::id::Gvk;
use super::id::Id;
use super::layer;
use super::metadata;
use super::options::Options;
use super::order;
use super::resource;
use super::schema;
use crate::render::remote::Nowhere;
use crate::render::remote::Remote;
use crate::render::tree::Tree;
use crate::text::yaml;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a build has besides a tree of files.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Given a line for every deprecated field, as kustomize writes them to stderr.
    pub tell: &'a dyn Fn(String),
    /// Where files and repositories come from that are named by an address.
    pub remote: &'a dyn Remote,
}

/// Builds a folder of the tree; nothing is fetched.
///
/// # Errors
/// A file that is missing or no YAML, resources with one identity, a patch that fits nothing; named.
pub fn build(tree: &dyn Tree, folder: &str, options: Options) -> anyhow::Result<Vec<Value>> {
    build_with(tree, folder, options, Outside { tell: &|_| {}, remote: &Nowhere })
}

/// Builds a folder of the tree, or of a repository if that is what the text is the address of.
///
/// # Errors
/// As [`build`]; what cannot be fetched.
pub fn build_with(
    tree: &dyn Tree,
    folder: &str,
    options: Options,
    outside: Outside<'_>,
) -> anyhow::Result<Vec<Value>> {
    let _schemas = schema::Scope::open();
    let Outside { tell, remote } = outside;
    let outside = layer::Outside { restrictor: options.restrictor, tell, remote };
    let (mut set, file) = match Address::parse(folder) {
        Some(address) => accumulate::top_elsewhere(&address, &outside)?,
        None => accumulate::top(tree, folder, &outside)?,
    };
    order::sort(&mut set, file.sort_options.as_ref(), options.reorder)?;
    metadata::finish(&mut set, &file.build_metadata, options.managed_by_label)?;
    set.iter().map(resource::to_value).collect()
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
