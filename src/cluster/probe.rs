//! What is known of the installation from one CRD's labels: version, who manages it, whether Git syncs it.

use super::CUSTOM_RESOURCE_DEFINITION;
use super::explain;
use super::is_not_found;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::source::git_repository::GIT_REPOSITORY;
use kube::Api;
use kube::core::PartialObjectMeta;

/// What the labels of the GitRepository CRD say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterInfo {
    pub version: String,
    /// The tool that manages the installation; empty or `flux` means Flux itself.
    pub managed_by: String,
    pub part_of: String,
    /// Whether the installation is synced from Git.
    pub bootstrapped: bool,
}

impl ClusterInfo {
    /// `<part-of>-<version>`, or the version alone.
    pub fn distribution(&self) -> String {
        if self.part_of.is_empty() {
            self.version.clone()
        } else {
            format!("{}-{}", self.part_of, self.version)
        }
    }

    /// Whether another tool manages the installation.
    pub fn is_managed_by_another_tool(&self) -> bool {
        !(self.managed_by.is_empty() || self.managed_by == "flux")
    }
}

/// Asks the cluster; `None` if Flux is not installed.
///
/// # Errors
/// Anything else than "not found".
pub async fn cluster_info(client: &kube::Client) -> anyhow::Result<Option<ClusterInfo>> {
    let api: Api<kube::core::DynamicObject> =
        Api::all_with(client.clone(), &CUSTOM_RESOURCE_DEFINITION.api_resource());
    let found: PartialObjectMeta<kube::core::DynamicObject> =
        match api.get_metadata(&GIT_REPOSITORY.crd_name()).await {
            Ok(found) => found,
            Err(error) if is_not_found(&error) => return Ok(None),
            Err(error) => return Err(explain(error, "looking for Flux in the cluster")),
        };
    let labels = found.metadata.labels.unwrap_or_default();
    let label = |name: &str| labels.get(name).cloned().unwrap_or_default();
    let [_, applied_in] = KUSTOMIZATION.owner_labels();
    Ok(Some(ClusterInfo {
        version: label("app.kubernetes.io/version"),
        managed_by: label("app.kubernetes.io/managed-by"),
        part_of: label("app.kubernetes.io/part-of"),
        bootstrapped: labels.contains_key(&applied_in),
    }))
}
