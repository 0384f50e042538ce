//! Which versions run in the cluster.

use super::check::images_of;
use super::check::list_labelled;
use crate::cluster;
use anyhow::Context;
use std::collections::BTreeMap;

/// What runs in the cluster.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServerVersions {
    /// `flux-v<version>`; `None` if the cluster does not say.
    pub distribution: Option<String>,
    /// Controllers and their image tags.
    pub components: BTreeMap<String, String>,
}

/// Reads the versions from the CRD's labels and the Deployments' images.
///
/// # Errors
/// No Deployments in the namespace; an image without a tag; a refusal of the API server.
pub async fn server_versions(client: &kube::Client, namespace: &str) -> anyhow::Result<ServerVersions> {
    let (info, deployments) = tokio::join!(
        cluster::cluster_info(client),
        list_labelled(client, &cluster::DEPLOYMENT, Some(namespace))
    );
    let distribution = info?.map(|info| info.distribution()).filter(|name| !name.is_empty());
    let deployments = deployments.map_err(|error| cluster::explain(error, "listing Deployments"))?;
    anyhow::ensure!(!deployments.is_empty(), "no deployments found in {namespace} namespace");
    let mut components = BTreeMap::new();
    for image in deployments.iter().flat_map(images_of) {
        let last = image.rsplit('/').next().unwrap_or(image);
        let (name, tag) = last
            .split_once(':')
            .with_context(|| format!("could not parse the image \"{image}\": it has no tag"))?;
        components.insert(name.to_owned(), tag.to_owned());
    }
    Ok(ServerVersions { distribution, components })
}
