//! `buildMetadata`: where resources come from, and what changed them.

use super::fieldspec::FieldSpec;
use super::labels;
use super::resource::ORIGIN;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use serde_json::Value;
use serde_json::json;

/// The annotation with what changed it.
pub(super) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";
/// The kustomize whose output this is.
const VERSION: &str = "v5.8.1";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// A resource that was read from this file.
pub(super) fn read_from(resource: &mut Resource, path: &str) {
    let annotations = resource.node.mapping_at("metadata").mapping_at("annotations");
    annotations.set(ORIGIN, Node::text(format!("path: {path}\n")));
}

/// A resource that a generator made.
pub(super) fn made_by(resource: &mut Resource, file: &str, what: &str) {
    if !resource.annotations().contains_key(ORIGIN) {
        annotate(resource, ORIGIN, &made(file, what, ""));
    }
}

/// Every resource was handed to a transformer.
pub(super) fn changed_by(set: &mut Set, file: &str, what: &str) {
    for resource in &mut set.0 {
        let annotations = resource.annotations();
        if !annotations.contains_key(ORIGIN) {
            annotate(resource, ORIGIN, &made(file, what, ""));
            continue;
        }
        let before = annotations.get(TRANSFORMATIONS).cloned().unwrap_or_default();
        annotate(resource, TRANSFORMATIONS, &format!("{before}- {}", made(file, what, "  ")));
    }
}

fn made(file: &str, what: &str, indent: &str) -> String {
    format!(
        "configuredIn: {file}\n{indent}configuredBy:\n{indent}  apiVersion: builtin\n{indent}  kind: {what}\n"
    )
}

fn annotate(resource: &mut Resource, key: &str, value: &str) {
    let mut annotations = resource.annotations();
    annotations.insert(key.to_owned(), value.to_owned());
    resource.set_annotations(&annotations);
}

/// The last step: labels and annotations as the options want them.
///
/// # Errors
/// Labels that are not a mapping.
pub(super) fn finish(set: &mut Set, options: &[String], managed_by_label: bool) -> anyhow::Result<()> {
    let wants = |option: &str| options.iter().any(|wanted| wanted == option);
    if managed_by_label || wants("managedByLabel") {
        let pairs = [(MANAGED_BY.to_owned(), format!("kustomize-{VERSION}"))].into();
        labels::set(set, &pairs, &[FieldSpec::new("", "", "", "metadata/labels", true)])?;
    }
    for resource in &mut set.0 {
        let mut annotations = resource.annotations();
        let keeps_all = wants("originAnnotations") && wants("transformerAnnotations");
        if keeps_all && annotations.is_empty() && !resource.is_marked() {
            continue;
        }
        if !wants("originAnnotations") {
            annotations.remove(ORIGIN);
        }
        if !wants("transformerAnnotations") {
            annotations.remove(TRANSFORMATIONS);
        }
        resource.set_annotations(&annotations);
    }
    Ok(())
}

/// The same label on an object that kustomize itself has built.
pub fn add_managed_by_label(object: &mut Value) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(labels) = metadata.entry("labels").or_insert_with(|| json!({})).as_object_mut() {
        labels.insert(MANAGED_BY.to_owned(), json!(format!("kustomize-{VERSION}")));
    }
}
/// Whether an object is a kustomization for kustomize, and none of a cluster.
pub fn is_own(object: &Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    object["kind"] == "Kustomization" && version.starts_with("kustomize.config.k8s.io/")
}
