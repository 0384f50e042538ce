//! Is the cluster fit for Flux, and is Flux fit in the cluster?

use super::findings::CheckFindings;
use super::health;
use crate::api::object;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::cluster;
use crate::cluster::BuiltIn;
use crate::cluster::Deadline;
use crate::cluster::PART_OF;
use crate::cluster::Selection;
use serde_json::Value;
use std::time::Duration;

/// What `check` looks at.
pub struct CheckOptions {
    /// The oldest API server that is accepted.
    pub kubernetes: semver::Version,
    pub namespace: String,
    /// Only the prerequisites.
    pub pre: bool,
    pub timeout: Duration,
    pub poll: Duration,
}

/// Looks at everything; `true` when all is well.
pub async fn check(client: &kube::Client, found: &mut CheckFindings<'_>, options: &CheckOptions) -> bool {
    found.area("prerequisites");
    let Some(mut healthy) = check_kubernetes(client, found, &options.kubernetes).await else {
        return false;
    };
    if options.pre {
        if healthy {
            found.conclude("prerequisites checks passed");
        }
        return healthy;
    }
    found.area("version in cluster");
    healthy &= check_version(client, found).await;
    found.area("controllers");
    healthy &= check_controllers(client, found, options).await;
    found.area("crds");
    healthy &= check_definitions(client, found).await;
    if healthy {
        found.conclude("all checks passed");
    }
    healthy
}

/// Whether the API server is new enough; `None` if it cannot be asked, and no further question makes sense.
async fn check_kubernetes(
    client: &kube::Client,
    found: &mut CheckFindings<'_>,
    minimum: &semver::Version,
) -> Option<bool> {
    let wanted = format!(">={minimum}-0");
    let answer = match client.apiserver_version().await {
        Ok(answer) => answer,
        Err(error) => {
            let hopeless = cluster::is_hopeless(&error);
            found.error(&cluster::explain(error, "Kubernetes API call failed"));
            return (!hopeless).then_some(false);
        }
    };
    let version = answer.git_version.trim_start_matches('v').to_owned();
    let Ok(parsed) = semver::Version::parse(&version) else {
        found.failure(format!("Kubernetes version {version} can't be determined"));
        return Some(false);
    };
    if (parsed.major, parsed.minor, parsed.patch) >= (minimum.major, minimum.minor, minimum.patch) {
        found.success(format!("Kubernetes {version} {wanted}"));
        return Some(true);
    }
    found.failure(format!("Kubernetes version {version} does not match {wanted}"));
    let (major, minor) = (minimum.major, minimum.minor);
    found.hint(&format!("upgrade the cluster to {major}.{minor} or later, or take an older release of Flux"));
    Some(false)
}

async fn check_version(client: &kube::Client, found: &mut CheckFindings<'_>) -> bool {
    match cluster::cluster_info(client).await {
        Ok(Some(info)) => {
            if !info.version.is_empty() {
                found.success(format!("distribution: {}", info.distribution()));
            }
            found.success(format!("bootstrapped: {}", info.bootstrapped));
            true
        }
        Ok(None) => {
            found.failure(format!(
                "checking failed: customresourcedefinitions.apiextensions.k8s.io \"{}\" not found",
                GIT_REPOSITORY.crd_name()
            ));
            found.hint("Flux is not installed here: `fluxr install` or `fluxr bootstrap` installs it");
            false
        }
        Err(error) => {
            found.error(&error.context("checking failed"));
            false
        }
    }
}

async fn check_controllers(
    client: &kube::Client,
    found: &mut CheckFindings<'_>,
    options: &CheckOptions,
) -> bool {
    let objects = match list_labelled(client, &cluster::DEPLOYMENT, Some(&options.namespace)).await {
        Ok(objects) => objects,
        Err(error) => {
            found.error(&cluster::explain(error, "listing Deployments"));
            return false;
        }
    };
    if objects.is_empty() {
        found.failure(format!(
            "no controllers found in the '{}' namespace with the label selector '{PART_OF}'",
            options.namespace
        ));
        return false;
    }
    let names: Vec<String> = objects.iter().map(|object| object::name(object).to_owned()).collect();
    let deadline = Deadline::after(options.timeout);
    let states =
        match cluster::assess_deployments(client, &options.namespace, &names, deadline, options.poll, |_| ())
            .await
        {
            Ok(states) => states,
            Err(error) => {
                found.error(&error);
                return false;
            }
        };
    let mut healthy = true;
    for object in &objects {
        let name = object::name(object);
        let state = states.iter().find(|(one, _)| one == name).map(|(_, state)| state);
        healthy &= health::judge(found, &options.namespace, name, state);
        found.about(object);
        for image in images_of(object) {
            found.image(image);
        }
    }
    healthy
}

async fn check_definitions(client: &kube::Client, found: &mut CheckFindings<'_>) -> bool {
    let objects = match list_labelled(client, &cluster::CUSTOM_RESOURCE_DEFINITION, None).await {
        Ok(objects) => objects,
        Err(error) => {
            found.error(&cluster::explain(error, "listing CustomResourceDefinitions"));
            return false;
        }
    };
    if objects.is_empty() {
        found.failure(format!("no crds found with the label selector '{PART_OF}'"));
        return false;
    }
    for object in &objects {
        let last = object::list(object, "/status/storedVersions").last();
        let last = last.and_then(Value::as_str).unwrap_or_default();
        found.success(format!("{}/{last}", object::name(object)));
        found.about(object);
    }
    true
}

/// Images of the containers of a workload.
pub(super) fn images_of(object: &Value) -> Vec<&str> {
    let containers = object::list(object, "/spec/template/spec/containers");
    containers.iter().filter_map(|container| container["image"].as_str()).collect()
}

/// Objects of an installation.
pub(super) async fn list_labelled(
    client: &kube::Client,
    kind: &BuiltIn,
    namespace: Option<&str>,
) -> Result<Vec<Value>, kube::Error> {
    let selection = Selection {
        namespace: namespace.map(str::to_owned),
        labels: Some(PART_OF.to_owned()),
        ..Selection::default()
    };
    Ok(cluster::list_resource(client, &kind.api_resource(), &selection).await?.0)
}
