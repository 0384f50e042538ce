//! The table of the distribution: `templates/components.yaml`.

use crate::text::yaml;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The controllers that belong together.
#[derive(Debug, Deserialize)]
pub struct Distribution {
    /// The release of Flux, with its `v`.
    #[serde(rename = "distribution")]
    pub version: String,
    pub components: Vec<Component>,
}

/// One controller and how its Deployment differs from the others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    pub name: String,
    pub version: String,
    /// API group of its CRDs.
    pub group: String,
    /// Its kinds where it shares the group with another controller.
    pub kinds: Option<Vec<String>>,
    /// Whether it is installed only when asked for.
    #[serde(default)]
    pub extra: bool,
    /// Strategy of the Deployment when it is not rolling.
    pub strategy: Option<String>,
    pub grace_period_seconds: u32,
    /// Whether its pods are critical to the cluster.
    #[serde(default)]
    pub critical: bool,
    /// CPU request.
    pub cpu: String,
    /// Whether it stores artifacts and serves them to others.
    #[serde(default)]
    pub serves: bool,
    /// Whether events are sent to it; it sends none itself.
    #[serde(default)]
    pub receives_events: bool,
    /// Whether it consumes artifacts that others than source-controller produce.
    #[serde(default)]
    pub applies_artifacts: bool,
    #[serde(default)]
    pub ports: Vec<Port>,
    /// Volume names and where they are mounted; the order of the file counts for nothing.
    pub volumes: BTreeMap<String, String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub services: Vec<Service>,
}

/// A port of the container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    pub name: String,
    pub container_port: u16,
}

/// A Service in front of the controller.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub name: String,
    /// Name of the container port behind port 80.
    pub port: String,
    /// Value of the label `control-plane`.
    pub control_plane: String,
}

impl Distribution {
    /// The controllers installed by default, in their order.
    pub fn default_components(&self) -> Vec<String> {
        self.components
            .iter()
            .filter(|component| !component.extra)
            .map(|component| component.name.clone())
            .collect()
    }

    /// The controller of this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }
}

const TABLE: &str = include_str!("../../templates/components.yaml");

/// The embedded distribution.
pub fn distribution() -> &'static Distribution {
    static READ: OnceLock<Distribution> = OnceLock::new();
    READ.get_or_init(|| {
        let documents = yaml::documents(TABLE, "templates/components.yaml");
        let document = documents.expect("the embedded table is YAML").remove(0);
        serde_json::from_value(document).expect("the embedded table has its shape")
    })
}

/// The release of Flux that is embedded, with its `v`: one line of the table, for those who need no more of it.
pub fn release() -> &'static str {
    TABLE.lines().find_map(|line| line.strip_prefix("distribution: ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::distribution;
    use super::release;

    #[test]
    fn the_release_is_what_the_table_says() {
        assert_eq!(release(), distribution().version);
        assert!(release().starts_with('v'));
    }
}
