//! The manifests of the controllers: generated from `templates/`, filled in structurally, in upstream's order.

use super::deployment;
use super::published;
use super::published::Published;
use super::release::Component;
use super::release::distribution;
use super::release::release;
use crate::api::Kind;
use crate::kind::KINDS;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// What `install` and `bootstrap` can choose about the components.
#[derive(Debug, Clone)]
pub struct ComponentOptions {
    /// The release of Flux, with its `v`.
    pub version: String,
    pub namespace: String,
    /// Names of the controllers, in the order in which they are emitted.
    pub components: Vec<String>,
    /// Where the images are pulled from; empty leaves `fluxcd/<name>`.
    pub registry: String,
    pub image_pull_secret: String,
    pub log_level: String,
    pub cluster_domain: String,
    pub watch_all_namespaces: bool,
    pub network_policy: bool,
    pub toleration_keys: Vec<String>,
    /// The files of another release than the embedded one.
    pub published: Option<Published>,
    /// Objects that somebody else built; nothing is generated then.
    pub built: Option<Vec<Value>>,
}

impl Default for ComponentOptions {
    /// The defaults of the command line.
    fn default() -> Self {
        Self {
            version: release().to_owned(),
            namespace: "flux-system".to_owned(),
            components: distribution().default_components(),
            registry: "ghcr.io/fluxcd".to_owned(),
            image_pull_secret: String::new(),
            log_level: "info".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            watch_all_namespaces: true,
            network_policy: true,
            toleration_keys: Vec::new(),
            published: None,
            built: None,
        }
    }
}

impl ComponentOptions {
    pub(super) fn image_of(&self, component: &Component) -> String {
        let registry = if self.registry.is_empty() { "fluxcd" } else { &self.registry };
        format!("{registry}/{}:{}", component.name, component.version)
    }

    pub(super) fn tolerations(&self) -> Value {
        self.toleration_keys.iter().map(|key| json!({"key": key, "operator": "Exists"})).collect()
    }

    /// The flags of a controller that depend on what was chosen, and their values.
    pub(super) fn chosen_arguments(&self, component: &Component) -> Vec<(&'static str, String)> {
        let selected = |name: &str| self.components.iter().any(|component| component == name);
        let in_cluster = |name: &str| format!("{name}.$(RUNTIME_NAMESPACE).svc.{}.", self.cluster_domain);
        let mut chosen = Vec::new();
        if !component.receives_events {
            let address = if selected("notification-controller") {
                format!("http://{}/", in_cluster("notification-controller"))
            } else {
                String::new()
            };
            chosen.push(("--events-addr", address));
        }
        chosen.push(("--watch-all-namespaces", self.watch_all_namespaces.to_string()));
        chosen.push(("--log-level", self.log_level.clone()));
        if component.serves {
            chosen.push(("--storage-adv-addr", in_cluster(&component.name)));
        }
        if component.applies_artifacts && selected("source-watcher") {
            chosen.push(("--feature-gates", "ExternalArtifact=true".to_owned()));
        }
        chosen
    }
}

/// All objects, ready to be applied.
///
/// # Errors
/// A component that the distribution does not have.
pub fn generate(options: &ComponentOptions) -> anyhow::Result<Vec<Value>> {
    if let Some(objects) = &options.built {
        return Ok(objects.clone());
    }
    let mut objects = vec![json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": options.namespace,
            "labels": {
                "pod-security.kubernetes.io/warn": "restricted",
                "pod-security.kubernetes.io/warn-version": "latest",
            },
        },
    })];
    if options.network_policy {
        objects.extend(match &options.published {
            None => template(include_str!("../../templates/components/policies.yaml")),
            Some(files) => published::documents(files, "policies.yaml", options)?,
        });
    }
    objects.extend(access_rules(options)?);
    for object in &mut objects {
        add_common_metadata(object, options, None);
    }
    for name in &options.components {
        let component =
            distribution().component(name).with_context(|| format!("component {name} is not available"))?;
        let mut own = match &options.published {
            None => [definitions(component), deployment::objects(component, options)].concat(),
            Some(files) => published::component(files, component, options)?,
        };
        for object in &mut own {
            add_common_metadata(object, options, Some(component));
        }
        objects.extend(own);
    }
    Ok(objects)
}

/// The content of `gotk-components.yaml`, and what `install --export` prints.
///
/// # Errors
/// As [`generate`].
pub fn render(options: &ComponentOptions) -> anyhow::Result<String> {
    let documents: Vec<String> = generate(options)?.iter().map(yaml::to_string).collect();
    Ok(format!(
        "---\n# This manifest was generated by flux. DO NOT EDIT.\n# Flux Version: {}\n# Components: {}\n{}",
        options.version,
        options.components.join(","),
        documents.join("---\n"),
    ))
}

/// Quota, roles and bindings, named after the namespace.
fn access_rules(options: &ComponentOptions) -> anyhow::Result<Vec<Value>> {
    let mut objects = match &options.published {
        None => template(include_str!("../../templates/components/rbac.yaml")),
        Some(files) => published::documents(files, "rbac.yaml", options)?,
    };
    let suffixed =
        |name: &Value| json!(format!("{}-{}", name.as_str().unwrap_or_default(), options.namespace));
    for object in &mut objects {
        object["metadata"]["name"] = suffixed(&object["metadata"]["name"]);
        if object.pointer("/roleRef/name").is_some_and(|name| name == "crd-controller") {
            object["roleRef"]["name"] = suffixed(&object["roleRef"]["name"]);
        }
        for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
            subject["namespace"] = json!(options.namespace);
        }
    }
    Ok(objects)
}

/// The CRDs of a controller, by name.
fn definitions(component: &Component) -> Vec<Value> {
    let mut own: Vec<_> = KINDS
        .iter()
        .filter(|kind| kind.group == component.group)
        .filter(|kind| {
            component.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|name| name == kind.kind))
        })
        .collect();
    own.sort_by_key(|kind| kind.plural);
    own.into_iter().map(|kind| template(kind.definition).remove(0)).collect()
}

/// The schema of the spec of a kind.
pub fn spec_schema(kind: &Kind) -> Value {
    let mut definition = template(kind.definition).remove(0);
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].take()
}

fn add_common_metadata(object: &mut Value, options: &ComponentOptions, component: Option<&Component>) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let cluster_wide = matches!(
        kind.as_str(),
        "Namespace" | "ClusterRole" | "ClusterRoleBinding" | "CustomResourceDefinition"
    );
    if !cluster_wide {
        object["metadata"]["namespace"] = json!(options.namespace);
    }
    add_labels(&mut object["metadata"]["labels"], options, component);
    if kind == "Deployment" {
        add_labels(&mut object["spec"]["template"]["metadata"]["labels"], options, component);
    }
}

fn add_labels(labels: &mut Value, options: &ComponentOptions, component: Option<&Component>) {
    labels["app.kubernetes.io/instance"] = json!(options.namespace);
    labels["app.kubernetes.io/part-of"] = json!("flux");
    labels["app.kubernetes.io/version"] = json!(options.version);
    if let Some(component) = component {
        labels["app.kubernetes.io/component"] = json!(component.name);
    }
}

/// The documents of an embedded file.
pub(super) fn template(text: &str) -> Vec<Value> {
    yaml::documents(text, "an embedded template").expect("embedded templates are YAML")
}
