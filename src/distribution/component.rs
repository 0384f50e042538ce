//! One controller, and how its Deployment differs from the others.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A row of a release's `controllers.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    pub name: String,
    /// Filled in from the table of releases.
    #[serde(skip)]
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
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    pub name: String,
    pub container_port: u16,
}

/// A Service in front of the controller.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub name: String,
    /// Name of the container port behind port 80.
    pub port: String,
    /// Value of the label `control-plane`.
    pub control_plane: String,
}
