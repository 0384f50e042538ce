//! What Helm does for a release, and how: install, upgrade, test, roll back, uninstall, wait.

use crate::api::meta::Interval;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// How Helm installs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Install {
    /// What happens to the CRDs in the chart.
    pub crds: Option<CrdsPolicy>,
    /// Create the target namespace when it is missing.
    pub create_namespace: Option<bool>,
    /// Run no hooks.
    pub disable_hooks: Option<bool>,
    /// Do not hold manifests against the schema of the API server.
    #[serde(rename = "disableOpenAPIValidation")]
    pub disable_open_api_validation: Option<bool>,
    /// Do not hold values against the schema of the chart.
    pub disable_schema_validation: Option<bool>,
    /// Do not adopt objects that exist already.
    pub disable_take_ownership: Option<bool>,
    /// Do not wait until the objects are ready.
    pub disable_wait: Option<bool>,
    /// Do not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// What to do after a failure.
    pub remediation: Option<InstallRemediation>,
    /// Reuse the name of a deleted release.
    pub replace: Option<bool>,
    /// Let the API server merge.
    pub server_side_apply: Option<bool>,
    /// Install no CRDs; `crds` says it better.
    #[serde(rename = "skipCRDs")]
    pub skip_cr_ds: Option<bool>,
    /// How failures are dealt with.
    pub strategy: Option<InstallStrategy>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
}

/// What happens to the CRDs of a chart.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum CrdsPolicy {
    #[default]
    Skip,
    Create,
    CreateReplace,
}

/// What follows a failed installation.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallRemediation {
    /// A failed test is not a failure.
    pub ignore_test_failures: Option<bool>,
    /// Remediate also the last failure, when no retry is left.
    pub remediate_last_failure: Option<bool>,
    /// How often to try again; negative means without end.
    pub retries: Option<i32>,
}

/// How a failed installation is dealt with.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.retryInterval) || self.name != 'RemediateOnFailure'", "message": ".retryInterval cannot be set when .name is 'RemediateOnFailure'"}
]))]
pub struct InstallStrategy {
    /// What is done after a failure.
    pub name: ActionStrategyName,
    /// How long to wait before the next try.
    pub retry_interval: Option<Interval>,
}

/// What is done after a failure.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ActionStrategyName {
    #[default]
    RemediateOnFailure,
    RetryOnFailure,
}

/// How Helm rolls back.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Delete what the failed action created.
    pub cleanup_on_fail: Option<bool>,
    /// Run no hooks.
    pub disable_hooks: Option<bool>,
    /// Do not wait until the objects are ready.
    pub disable_wait: Option<bool>,
    /// Do not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// Replace objects that cannot be updated.
    pub force: Option<bool>,
    /// Restart the pods.
    pub recreate: Option<bool>,
    /// Whether the API server merges.
    pub server_side_apply: Option<ServerSideApplyMode>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
}

/// Whether the API server merges.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ServerSideApplyMode {
    #[default]
    #[serde(rename = "enabled")]
    Enabled,
    #[serde(rename = "disabled")]
    Disabled,
    #[serde(rename = "auto")]
    Auto,
}

/// How Helm tests.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// Run the tests.
    pub enable: Option<bool>,
    /// Tests to run or to leave out.
    pub filters: Option<Vec<TestFilter>>,
    /// A failed test does not fail the release.
    pub ignore_failures: Option<bool>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
}

/// A test to run or to leave out.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestFilter {
    /// Name of the test.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Leave this test out.
    pub exclude: Option<bool>,
}

/// How Helm uninstalls.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Uninstall {
    /// How dependents are deleted.
    #[schemars(extend("default" = "background"))]
    pub deletion_propagation: Option<DeletionPropagation>,
    /// Run no hooks.
    pub disable_hooks: Option<bool>,
    /// Do not wait until the objects are ready.
    pub disable_wait: Option<bool>,
    /// Keep the record of the release.
    pub keep_history: Option<bool>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
}

/// How dependents are deleted.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum DeletionPropagation {
    #[default]
    #[serde(rename = "background")]
    Background,
    #[serde(rename = "foreground")]
    Foreground,
    #[serde(rename = "orphan")]
    Orphan,
}

/// How Helm upgrades.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// What happens when the chart has another name than before.
    pub chart_name_change_strategy: Option<ChartNameChangeStrategy>,
    /// Delete what the failed action created.
    pub cleanup_on_fail: Option<bool>,
    /// What happens to the CRDs in the chart.
    pub crds: Option<CrdsPolicy>,
    /// Run no hooks.
    pub disable_hooks: Option<bool>,
    /// Do not hold manifests against the schema of the API server.
    #[serde(rename = "disableOpenAPIValidation")]
    pub disable_open_api_validation: Option<bool>,
    /// Do not hold values against the schema of the chart.
    pub disable_schema_validation: Option<bool>,
    /// Do not adopt objects that exist already.
    pub disable_take_ownership: Option<bool>,
    /// Do not wait until the objects are ready.
    pub disable_wait: Option<bool>,
    /// Do not wait for Jobs.
    pub disable_wait_for_jobs: Option<bool>,
    /// Replace objects that cannot be updated.
    pub force: Option<bool>,
    /// Start from the values of the last release.
    pub preserve_values: Option<bool>,
    /// What to do after a failure.
    pub remediation: Option<UpgradeRemediation>,
    /// Whether the API server merges.
    pub server_side_apply: Option<ServerSideApplyMode>,
    /// How failures are dealt with.
    pub strategy: Option<UpgradeStrategy>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
}

/// What happens when the chart has another name.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ChartNameChangeStrategy {
    #[default]
    InPlaceUpdate,
    Reinstall,
}

/// What follows a failed upgrade.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeRemediation {
    /// A failed test is not a failure.
    pub ignore_test_failures: Option<bool>,
    /// Remediate also the last failure, when no retry is left.
    pub remediate_last_failure: Option<bool>,
    /// How often to try again; negative means without end.
    pub retries: Option<i32>,
    /// How the failure is undone.
    pub strategy: Option<RemediationStrategy>,
}

/// How a failed upgrade is undone.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum RemediationStrategy {
    #[default]
    #[serde(rename = "rollback")]
    Rollback,
    #[serde(rename = "uninstall")]
    Uninstall,
}

/// How a failed upgrade is dealt with.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.retryInterval) || self.name == 'RetryOnFailure'", "message": ".retryInterval can only be set when .name is 'RetryOnFailure'"}
]))]
pub struct UpgradeStrategy {
    /// What is done after a failure.
    pub name: ActionStrategyName,
    /// How long to wait before the next try.
    pub retry_interval: Option<Interval>,
}

/// How readiness is waited for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitStrategy {
    /// The way of waiting.
    pub name: WaitStrategyName,
}

/// The way of waiting.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum WaitStrategyName {
    #[default]
    #[serde(rename = "poller")]
    Poller,
    #[serde(rename = "legacy")]
    Legacy,
}
