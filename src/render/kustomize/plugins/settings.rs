//! What the objects say.

use super::super::decode;
use super::super::decode::Rules;
use super::super::fieldspec::FieldSpec;
use super::super::file::Image;
use super::super::file::Pairs;
use super::super::file::ReplacementField;
use super::super::file::Replica;
use super::super::file::Target;
use super::super::resource;
use super::super::resource::Resource;
use crate::text::WithHint;
use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Labels for fields.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Labels {
    pub labels: Pairs,
    pub field_specs: Vec<FieldSpec>,
}

/// Annotations for fields.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Annotations {
    pub annotations: Pairs,
    pub field_specs: Vec<FieldSpec>,
}

/// Texts around names. Fields have to be named, though there may be none.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Affixes {
    pub prefix: String,
    pub suffix: String,
    pub field_specs: Option<Vec<FieldSpec>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Namespace {
    pub metadata: Metadata,
    pub field_specs: Vec<FieldSpec>,
    pub unset_only: bool,
    pub set_role_binding_subjects: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ImageTag {
    pub image_tag: Image,
    pub field_specs: Vec<FieldSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ReplicaCount {
    pub replica: Replica,
    pub field_specs: Vec<FieldSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Replacements {
    pub replacements: Vec<ReplacementField>,
}

/// Strategic merge patches: files or texts, and texts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Merges {
    pub paths: Vec<String>,
    pub patches: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct JsonPatch {
    pub target: Option<Target>,
    pub path: String,
    pub json_op: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ValueAdd {
    pub value: String,
    pub targets: Vec<ValueTarget>,
    pub target_file_path: String,
}

/// An account for workloads of a cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct IamPolicy {
    pub cloud: String,
    pub kubernetes_service: Metadata,
    pub service_account: Account,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Account {
    pub name: String,
    pub project_id: String,
}

/// The name that a generated object takes from the object that configures it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Named {
    pub metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub name: String,
    pub namespace: String,
}

/// Where a value is added.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ValueTarget {
    pub selector: Option<Target>,
    pub field_path: String,
    pub file_path_position: i64,
}

/// Only the objects that kustomize has built in are run.
///
/// # Errors
/// An object of another kind.
pub(super) fn check_built_in(object: &Resource) -> anyhow::Result<()> {
    let gvk = object.gvk();
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(());
    }
    let reason = format!("external plugins disabled; unable to load external plugin '{}'", object.kind());
    Err(anyhow::anyhow!(reason)).hint(
        "a build starts no other program, neither an executable nor a container: run the function before, and list what it writes in resources",
    )
}

/// The settings of an object. Fields that are not known are ignored.
///
/// # Errors
/// Values of a wrong type.
pub(super) fn of<T: DeserializeOwned>(object: &Resource, takes_scalars: bool) -> anyhow::Result<T> {
    let rules = Rules { ignores_unknown: true, takes_scalars };
    let read = decode::from_value(resource::to_value(object)?, rules);
    read.with_context(|| format!("plugin {} fails configuration", object.id()))
}
