//! The manifests of a release as it publishes them: read, and changed where `install` has options.

use super::component::Component;
use super::options::ComponentOptions;
use super::release::Release;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// The documents of one file.
///
/// # Errors
/// A file that the release does not have, or that is not YAML.
pub(super) fn documents(release: &Release, name: &str) -> anyhow::Result<Vec<Value>> {
    let file = release.published.as_ref().and_then(|files| files.get(name));
    let text = file.with_context(|| format!("Flux {} does not publish {name}", release.version))?;
    let documents = yaml::documents(text, name)?;
    Ok(documents.into_iter().filter(|document| document["kind"].is_string()).collect())
}

/// The objects of one controller: CRDs by name, then account, Services, Deployment.
///
/// # Errors
/// As [`documents`].
pub(super) fn component(component: &Component, options: &ComponentOptions) -> anyhow::Result<Vec<Value>> {
    let mut objects = documents(&options.release, &format!("{}.yaml", component.name))?;
    let order = ["CustomResourceDefinition", "ServiceAccount", "Service", "Deployment"];
    objects.sort_by_key(|object| {
        let kind = object["kind"].as_str().unwrap_or_default();
        let rank = order.iter().position(|known| *known == kind).unwrap_or(order.len());
        (rank, object["metadata"]["name"].as_str().unwrap_or_default().to_owned())
    });
    for object in objects.iter_mut().filter(|object| object["kind"] == "Deployment") {
        adapt(object, component, options);
    }
    Ok(objects)
}

fn adapt(deployment: &mut Value, component: &Component, options: &ComponentOptions) {
    let pod = &mut deployment["spec"]["template"]["spec"];
    pod["nodeSelector"]["kubernetes.io/os"] = json!("linux");
    if !options.image_pull_secret.is_empty() {
        pod["imagePullSecrets"] = json!([{"name": options.image_pull_secret}]);
    }
    if !options.toleration_keys.is_empty() {
        pod["tolerations"] = options.tolerations();
    }
    let container = &mut pod["containers"][0];
    if let Some(image) = container["image"].as_str().and_then(|image| image.rsplit('/').next()) {
        let registry = if options.registry.is_empty() { "fluxcd" } else { &options.registry };
        container["image"] = json!(format!("{registry}/{image}"));
    }
    let chosen = options.chosen_arguments(component);
    let mut arguments: Vec<String> = container["args"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|argument| argument.as_str().map(str::to_owned))
        .collect();
    for (flag, value) in chosen {
        let wanted = format!("{flag}={value}");
        match arguments.iter_mut().find(|argument| argument.split('=').next() == Some(flag)) {
            Some(found) => *found = wanted,
            None => arguments.push(wanted),
        }
    }
    container["args"] = json!(arguments);
}
