//! The manifests of a release's controllers: generated from its templates, filled in structurally, in upstream's order.

use super::component::Component;
use super::deployment;
use super::published;
use super::release::Release;
use super::templates::document;
use super::templates::documents;
use crate::api::Kind;
use crate::kind::KINDS;
use crate::kind::embedded_definition;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// What `install` and `bootstrap` can choose about the components.
#[derive(Debug, Clone)]
pub struct ComponentOptions {
    pub release: Release,
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
    /// Objects that were built elsewhere; nothing is generated then.
    pub built: Option<Vec<Value>>,
}

impl ComponentOptions {
    /// The defaults of the command line, for this release.
    pub fn of(release: Release) -> Self {
        Self {
            namespace: "flux-system".to_owned(),
            components: release.default_components(),
            release,
            registry: "ghcr.io/fluxcd".to_owned(),
            image_pull_secret: String::new(),
            log_level: "info".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            watch_all_namespaces: true,
            network_policy: true,
            toleration_keys: Vec::new(),
            built: None,
        }
    }

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
/// A component that the release does not have; a published file that is missing or not YAML.
pub fn generate(options: &ComponentOptions) -> anyhow::Result<Vec<Value>> {
    if let Some(objects) = &options.built {
        return Ok(objects.clone());
    }
    let release = &options.release;
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
        objects.extend(rules(release, "policies.yaml", release.templates.policies)?);
    }
    objects.extend(access_rules(options)?);
    for object in &mut objects {
        add_common_metadata(object, options, None);
    }
    for name in &options.components {
        let component =
            release.component(name).with_context(|| format!("component {name} is not available"))?;
        let mut own = if release.published.is_some() {
            published::component(component, options)?
        } else {
            [definitions(release, component), deployment::objects(component, options)].concat()
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
        options.release.version,
        options.components.join(","),
        documents.join("---\n"),
    ))
}

/// The documents of a file that a release publishes, or of the template in its place.
fn rules(release: &Release, file: &str, template: &str) -> anyhow::Result<Vec<Value>> {
    match &release.published {
        None => Ok(documents(template)),
        Some(_) => published::documents(release, file),
    }
}

/// Quota, roles and bindings, named after the namespace.
fn access_rules(options: &ComponentOptions) -> anyhow::Result<Vec<Value>> {
    let mut objects = rules(&options.release, "rbac.yaml", options.release.templates.rbac)?;
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
fn definitions(release: &Release, component: &Component) -> Vec<Value> {
    let mut own: Vec<_> = KINDS
        .iter()
        .filter(|kind| kind.group == component.group)
        .filter(|kind| {
            component.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|name| name == kind.kind))
        })
        .collect();
    own.sort_by_key(|kind| kind.plural);
    own.into_iter().map(|kind| release.templates.definition(kind)).collect()
}

/// The schema of the spec of a kind.
pub fn spec_schema(kind: &Kind) -> Value {
    let mut definition = document(embedded_definition(kind));
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
    labels["app.kubernetes.io/version"] = json!(options.release.version);
    if let Some(component) = component {
        labels["app.kubernetes.io/component"] = json!(component.name);
    }
}
