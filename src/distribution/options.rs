//! What can be chosen about the components.

use super::component::Component;
use super::release::Release;
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
