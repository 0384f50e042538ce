//! HelmRelease: a chart installed and kept in shape.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::ChartSourceKind;
use crate::api::meta::CommonMetadata;
use crate::api::meta::Condition;
use crate::api::meta::ConfigKind;
use crate::api::meta::Dependency;
use crate::api::meta::HealthCheckExpr;
use crate::api::meta::IgnoreRule;
use crate::api::meta::ImageOverride;
use crate::api::meta::Interval;
use crate::api::meta::Inventory;
use crate::api::meta::KubeConfig;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Patch;
use crate::api::meta::ReconcileStrategy;
use crate::api::meta::SignatureProvider;
use crate::api::meta::Timestamp;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::ObjectRef;
use crate::api::resource::Readiness;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// Everything the verbs know about it.
pub static HELM_RELEASE: Kind = Kind {
    group: "helm.toolkit.fluxcd.io",
    version: "v2",
    kind: "HelmRelease",
    plural: "helmreleases",
    noun: Noun {
        one: &["helmrelease"],
        one_aliases: &["hr"],
        many: &["helmreleases"],
        many_aliases: &["hr", "helmrelease"],
        label: "helmrelease",
        short: &["hr"],
    },
    columns: &[
        columns::NAME,
        columns::source_column(|_, object| release_source(object)),
        columns::column("revision", |_, object| revision(object).to_owned()),
        columns::SUSPENDED,
        columns::READY,
        columns::WHOLE_MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    verbs: Verbs::ALL,
    outcome: |object| format!("applied revision {}", revision(object)),
    source: chart_of,
    crd: || {
        crd::Definition {
            kind: &HELM_RELEASE,
            category: "fluxcd-appliers",
            columns: &[crd::AGE, crd::READY, crd::STATUS],
            spec: crd::schema_of::<HelmReleaseSpec>(),
            status: Some(crd::schema_of::<HelmReleaseStatus>()),
            starts_unobserved: true,
        }
        .build()
    },
};

fn release_source(object: &Value) -> String {
    let path = if object.pointer("/spec/chartRef").is_some() {
        "/spec/chartRef"
    } else {
        "/spec/chart/spec/sourceRef"
    };
    columns::reference(object, path)
}

/// The chart version of the newest release; before there is one, the revision that was tried last.
fn revision(object: &Value) -> &str {
    match columns::text(object, "/status/history/0/chartVersion") {
        "" => columns::text(object, "/status/lastAttemptedRevision"),
        version => version,
    }
}

/// The object with the chart: what `chartRef` names, else the chart object that the controller makes.
fn chart_of(object: &Value) -> Option<ObjectRef> {
    let namespace = columns::text(object, "/metadata/namespace");
    if object.pointer("/spec/chartRef").is_some() {
        return columns::object_ref(object, "/spec/chartRef");
    }
    let source = columns::object_ref(object, "/spec/chart/spec/sourceRef")?;
    Some(ObjectRef {
        kind: "HelmChart".to_owned(),
        namespace: source.namespace,
        name: format!("{namespace}-{}", columns::text(object, "/metadata/name")),
    })
}

/// The release that is wanted.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))", "message": "either chart or chartRef must be set"}
]))]
pub struct HelmReleaseSpec {
    /// How often it is reconciled.
    pub interval: Interval,
    /// The chart object to create; not together with `chartRef`.
    pub chart: Option<ChartTemplate>,
    /// An existing object with the chart; not together with `chart`.
    pub chart_ref: Option<ChartReference>,
    /// Labels and annotations that everything produced carries.
    pub common_metadata: Option<CommonMetadata>,
    /// Objects that must be ready first.
    pub depends_on: Option<Vec<Dependency>>,
    /// What is done when live objects differ from the release.
    pub drift_detection: Option<DriftDetection>,
    /// How the health of custom resources is told.
    pub health_check_exprs: Option<Vec<HealthCheckExpr>>,
    /// How the first release is made.
    pub install: Option<Install>,
    /// Another cluster to work on; this one when empty.
    pub kube_config: Option<KubeConfig>,
    /// How many releases Helm keeps; 0 keeps all.
    pub max_history: Option<i32>,
    /// Keep one client for all actions of a reconciliation.
    pub persistent_client: Option<bool>,
    /// Whether hooks pass through the post-renderers, and how.
    pub post_render_strategy: Option<PostRenderStrategy>,
    /// Changes to the rendered manifests, in this order.
    pub post_renderers: Option<Vec<PostRenderer>>,
    /// Name of the Helm release.
    #[schemars(length(min = 1, max = 53))]
    pub release_name: Option<String>,
    /// How a release is rolled back.
    pub rollback: Option<Rollback>,
    /// ServiceAccount whose identity is used.
    #[schemars(length(min = 1, max = 253))]
    pub service_account_name: Option<String>,
    /// Namespace where Helm keeps its releases.
    #[schemars(length(min = 1, max = 63))]
    pub storage_namespace: Option<String>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Namespace of the objects.
    #[schemars(length(min = 1, max = 63))]
    pub target_namespace: Option<String>,
    /// Whether and how the release is tested.
    pub test: Option<Test>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
    /// How the release is removed.
    pub uninstall: Option<Uninstall>,
    /// How a further release is made.
    pub upgrade: Option<Upgrade>,
    /// Values for the chart.
    #[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
    pub values: Option<serde_json::Value>,
    /// Objects with values, merged in this order.
    pub values_from: Option<Vec<ValuesReference>>,
    /// How the readiness of objects is waited for.
    pub wait_strategy: Option<WaitStrategy>,
}

/// The chart object to create for the release.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartTemplate {
    /// What the chart object asks for.
    pub spec: ChartTemplateSpec,
    /// Labels and annotations of the chart object.
    pub metadata: Option<CommonMetadata>,
}

/// What the created chart object asks for.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartTemplateSpec {
    /// Name of the chart, or its path in the source.
    #[schemars(length(min = 1, max = 2048))]
    pub chart: String,
    /// The source that holds the chart.
    pub source_ref: ChartTemplateSource,
    /// Go on when a values file is missing.
    pub ignore_missing_values_files: Option<bool>,
    /// How often the source is looked at; as often as the release when empty.
    pub interval: Option<Interval>,
    /// Whether a new version or any new revision makes a new chart.
    #[schemars(extend("default" = "ChartVersion"))]
    pub reconcile_strategy: Option<ReconcileStrategy>,
    /// Values files of the chart, merged in this order.
    pub values_files: Option<Vec<String>>,
    /// Who must have signed the content.
    pub verify: Option<ChartVerification>,
    /// Version or range of the chart; ignored when it comes from Git or a bucket.
    #[schemars(extend("default" = "*"))]
    pub version: Option<String>,
}

/// The source of the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartTemplateSource {
    /// Kind of the object.
    pub kind: ChartSourceKind,
    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Namespace of the object; this one when empty.
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

/// Who must have signed the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartVerification {
    /// The technology of the signature.
    #[schemars(extend("default" = "cosign"))]
    pub provider: SignatureProvider,
    /// Secret with the trusted public keys.
    pub secret_ref: Option<LocalObjectReference>,
}

/// An existing object that holds the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartReference {
    /// Kind of the object.
    pub kind: ChartReferenceKind,
    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Namespace of the object; this one when empty.
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

/// The kinds that a release can refer to.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ChartReferenceKind {
    #[default]
    OCIRepository,
    HelmChart,
    ExternalArtifact,
}

/// What is done about changes made behind Helm.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftDetection {
    /// Differences to overlook.
    pub ignore: Option<Vec<IgnoreRule>>,
    /// Whether drift is corrected, reported or not looked for.
    pub mode: Option<DriftDetectionMode>,
}

/// What is done about drift.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum DriftDetectionMode {
    #[default]
    #[serde(rename = "enabled")]
    Enabled,
    #[serde(rename = "warn")]
    Warn,
    #[serde(rename = "disabled")]
    Disabled,
}

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

/// What post-renderers see.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum PostRenderStrategy {
    #[default]
    #[serde(rename = "nohooks")]
    Nohooks,
    #[serde(rename = "combined")]
    Combined,
    #[serde(rename = "separate")]
    Separate,
}

/// A change to the rendered manifests.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostRenderer {
    /// Changes in the manner of kustomize.
    pub kustomize: Option<KustomizePostRenderer>,
}

/// Kustomize changes to the rendered manifests.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KustomizePostRenderer {
    /// Images to replace.
    pub images: Option<Vec<ImageOverride>>,
    /// Patches to apply.
    pub patches: Option<Vec<Patch>>,
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

/// Values kept in another object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValuesReference {
    /// Kind of the object.
    pub kind: ConfigKind,
    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Take the value as text, without parsing it.
    pub literal: Option<bool>,
    /// Go on when the object is missing.
    pub optional: Option<bool>,
    /// Where in the values to put it; merged at the root when empty.
    #[schemars(regex(pattern = r"^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$"), length(max = 250))]
    pub target_path: Option<String>,
    /// Key in the object; `values.yaml` when empty.
    #[schemars(regex(pattern = r"^[\-._a-zA-Z0-9]+$"), length(max = 253))]
    pub values_key: Option<String>,
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

/// What was observed of a release.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmReleaseStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// Reconciliations that failed since the last success.
    pub failures: Option<i64>,
    /// Namespace and name of the chart object.
    pub helm_chart: Option<String>,
    /// What was done, the latest first.
    pub history: Option<Vec<Snapshot>>,
    /// Installations that failed since the last success.
    pub install_failures: Option<i64>,
    /// The objects that were applied.
    pub inventory: Option<Inventory>,
    /// Digest of the values last tried.
    pub last_attempted_config_digest: Option<String>,
    /// Generation of the spec last tried.
    pub last_attempted_generation: Option<i64>,
    /// What Helm was last asked to do.
    pub last_attempted_release_action: Option<ReleaseAction>,
    /// How long that took.
    pub last_attempted_release_action_duration: Option<String>,
    /// Revision last tried.
    pub last_attempted_revision: Option<String>,
    /// Digest of the chart last tried.
    pub last_attempted_revision_digest: Option<String>,
    /// Former digest of the values last tried.
    pub last_attempted_values_checksum: Option<String>,
    /// The last request to force a release that was acted on.
    pub last_handled_force_at: Option<String>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The last request to reset the failures that was acted on.
    pub last_handled_reset_at: Option<String>,
    /// Number of the last release.
    pub last_release_revision: Option<i32>,
    /// Digest of the common metadata last used.
    pub observed_common_metadata_digest: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// Digest of the post-renderers last used.
    pub observed_post_renderers_digest: Option<String>,
    /// Namespace where Helm keeps its releases.
    #[schemars(length(min = 1, max = 63))]
    pub storage_namespace: Option<String>,
    /// Upgrades that failed since the last success.
    pub upgrade_failures: Option<i64>,
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
