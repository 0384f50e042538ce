//! The releases that Helm stored, as the status of a HelmRelease lists them.

use crate::api::applied::Past;
use crate::api::meta::Timestamp;
use crate::api::object;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// The status of a release that works, or did so until the next one.
pub const WORKED: [&str; 2] = ["deployed", "superseded"];

/// The releases that Helm keeps, the latest first.
pub(super) fn past(object: &Value) -> Vec<Past> {
    let read = |release: &Value| {
        let text = |at: &str| object::text(release, at).to_owned();
        Past {
            revision: text("/chartVersion"),
            digest: text("/digest"),
            config: text("/configDigest"),
            chart: text("/chartName"),
            app_version: text("/appVersion"),
            status: text("/status"),
            first: text("/firstDeployed"),
            last: text("/lastDeployed"),
            ..Past::default()
        }
    };
    object::list(object, "/status/history").iter().map(read).collect()
}

/// One release as Helm stored it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Name of the chart.
    pub chart_name: String,
    /// Version of the chart.
    pub chart_version: String,
    /// Digest of the values.
    pub config_digest: String,
    /// Digest of the stored release.
    pub digest: String,
    /// When the release was first deployed.
    pub first_deployed: Timestamp,
    /// When the release was last deployed.
    pub last_deployed: Timestamp,
    /// Name of the release.
    pub name: String,
    /// Namespace of the release.
    pub namespace: String,
    /// Status of the release.
    pub status: String,
    /// Number of the release.
    pub version: i32,
    /// What Helm did.
    pub action: Option<String>,
    /// Version of this record.
    pub api_version: Option<String>,
    /// Version of the application, as the chart says.
    pub app_version: Option<String>,
    /// When the release was deleted.
    pub deleted: Option<Timestamp>,
    /// Digest of the chart in its registry.
    pub oci_digest: Option<String>,
    /// The tests that were run.
    pub test_hooks: Option<BTreeMap<String, TestHookStatus>>,
}

/// The last run of a test.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestHookStatus {
    /// When the test last ended.
    pub last_completed: Option<Timestamp>,
    /// When the test last began.
    pub last_started: Option<Timestamp>,
    /// How the test ended.
    pub phase: Option<String>,
}

/// What Helm was asked to do.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ReleaseAction {
    #[default]
    #[serde(rename = "install")]
    Install,
    #[serde(rename = "upgrade")]
    Upgrade,
}
