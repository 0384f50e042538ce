//! `buildMetadata`: where resources come from, and what changed them.

use super::fieldspec::FieldSpec;
use super::labels;
use super::origin::By;
use super::origin::Origin;
use super::resource::OF_BUILD;
use super::resource::ORIGIN;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use serde_json::Value;

/// The annotation with what changed it.
pub(super) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";
/// The kustomize whose output this is.
const VERSION: &str = "v5.8.1";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// A resource that was read from this file.
pub(super) fn read_from(resource: &mut Resource, origin: &Origin) {
    let annotations = resource.node.mapping_at("metadata").mapping_at("annotations");
    annotations.set(ORIGIN, Node::text(origin.text()));
}

/// A resource that a generator made.
pub(super) fn made_by(resource: &mut Resource, origin: &Origin, by: &By) {
    if !resource.annotations().contains_key(ORIGIN) {
        annotate(resource, ORIGIN, &origin.made(by, ""));
    }
}

/// Every resource was handed to a transformer.
pub(super) fn changed_by(set: &mut Set, origin: &Origin, by: &By) {
    for resource in set.iter_mut() {
        let annotations = resource.annotations();
        if !annotations.contains_key(ORIGIN) {
            annotate(resource, ORIGIN, &origin.made(by, ""));
            continue;
        }
        let before = annotations.get(TRANSFORMATIONS).cloned().unwrap_or_default();
        annotate(resource, TRANSFORMATIONS, &format!("{before}- {}", origin.made(by, "  ")));
    }
}

/// What an object that configures a generator or transformer is called in these annotations, if it tells where it comes from.
pub(super) fn of_configuration(resource: &Resource) -> Option<(Origin, By)> {
    let origin = Origin::read(resource.annotations().get(ORIGIN)?)?;
    let by = By {
        api_version: resource.gvk().api_version(),
        kind: resource.kind().to_owned(),
        name: resource.name().to_owned(),
        namespace: resource.namespace().to_owned(),
    };
    Some((origin, by))
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
    for resource in set.iter_mut() {
        let mut annotations = resource.annotations();
        let keeps_all = wants("originAnnotations") && wants("transformerAnnotations");
        if keeps_all && annotations.is_empty() && !resource.is_marked() {
            continue;
        }
        annotations.retain(|key, _| !OF_BUILD.contains(&key.as_str()));
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

/// Whether an object is a kustomization for kustomize, and none of a cluster.
pub fn is_own(object: &Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    object["kind"] == "Kustomization" && version.starts_with("kustomize.config.k8s.io/")
}
