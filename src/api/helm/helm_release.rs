//! HelmRelease: a chart installed and kept in shape.

use crate::api::ObjectId;
use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::helm::actions::Install;
use crate::api::helm::actions::Rollback;
use crate::api::helm::actions::Test;
use crate::api::helm::actions::Uninstall;
use crate::api::helm::actions::Upgrade;
use crate::api::helm::actions::WaitStrategy;
use crate::api::helm::chart::ChartReference;
use crate::api::helm::chart::ChartTemplate;
use crate::api::helm::history;
use crate::api::helm::history::ReleaseAction;
use crate::api::helm::history::Snapshot;
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
use crate::api::meta::Patch;
use crate::api::object;
use crate::api::pinned::Pinned;
use crate::api::reference::Reference;
use crate::api::reference::ReferenceTarget;
use crate::api::reference::Relation;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Role;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::source::helm_chart::HELM_CHART;
use crate::api::source::oci_repository::OCI_REPOSITORY;
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

/// The kinds that `--chart-ref` offers, in this order.
pub const CHART_HOLDERS: [&Kind; 2] = [&OCI_REPOSITORY, &HELM_CHART];

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
    place: 100,
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
    written: &[
        ("/maxHistory", Empty::Kept),
        ("/persistentClient", Empty::Kept),
        ("/install/remediation/ignoreTestFailures", Empty::Kept),
        ("/install/remediation/remediateLastFailure", Empty::Kept),
        ("/install/serverSideApply", Empty::Kept),
        ("/upgrade/remediation/ignoreTestFailures", Empty::Kept),
        ("/upgrade/remediation/remediateLastFailure", Empty::Kept),
        ("/test/filters", Empty::Kept),
    ],
    roles: &[Role::Applier, Role::ChartFinder, Role::Installer],
    controller: "helm-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling {
        with_source: true,
        can_be_forced: true,
        is_quoted: false,
        ..Reconciling::PLAIN
    },
    place_in_stats: Some(7),
    outcome: |object| format!("applied revision {}", revision(object)),
    source: chart_of,
    refers: references,
    past: Some(history::past),
    pinned: Pinned::Chart {
        version: &["spec", "chart", "spec", "version"],
        source: "/spec/chart/spec/sourceRef",
    },
    events: Events::With(chart_and_source),
    stage: Some(&Stage {
        facts: &[
            StageFact::IfSet("Target", "/spec/targetNamespace"),
            StageFact::Always("Revision", "/status/lastAttemptedRevision"),
        ],
        is_source: false,
        tells_failure: false,
        widths: (16, 16),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &HELM_RELEASE,
        category: "fluxcd-appliers",
        columns: &[crd::AGE, crd::READY, crd::STATUS],
        spec: crd::Type::of::<HelmReleaseSpec>(),
        status: Some(crd::Type::of::<HelmReleaseStatus>()),
        starts_unobserved: true,
    }
}

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
    match object::text(object, "/status/history/0/chartVersion") {
        "" => object::text(object, "/status/lastAttemptedRevision"),
        version => version,
    }
}

/// The object with the chart: what `chartRef` names, else the chart object that the controller makes.
fn chart_of(object: &Value) -> Option<ObjectId> {
    let namespace = object::namespace(object);
    if object.pointer("/spec/chartRef").is_some() {
        return columns::object_ref(object, "/spec/chartRef");
    }
    let source = columns::object_ref(object, "/spec/chart/spec/sourceRef")?;
    Some(HELM_CHART.id(&source.namespace, &format!("{namespace}-{}", object::name(object))))
}

/// The chart and what it depends on. The chart object that the controller makes may not be there yet, and is never in files: then it is its
/// source.
fn references(object: &Value) -> Vec<Reference> {
    let mut found = HELM_RELEASE.sources(object);
    let source = columns::object_ref(object, "/spec/chart/spec/sourceRef");
    if let (Some(source), Some(Reference { relation: Relation::Source, to })) = (source, found.first_mut())
        && let ReferenceTarget::One(chart) = to
        && HELM_CHART.is_of(chart)
        && object.pointer("/spec/chartRef").is_none()
    {
        *to = ReferenceTarget::Made(chart.clone(), source);
    }
    found
}

/// What the events of a release belong with: the object with the chart, and the source that the chart is packed from.
fn chart_and_source(object: &Value) -> Vec<ObjectId> {
    let source = columns::object_ref(object, "/spec/chart/spec/sourceRef")
        .filter(|_| object.pointer("/spec/chartRef").is_none());
    source.into_iter().chain(chart_of(object)).collect()
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
    /// How to judge the health of custom resources.
    pub health_check_exprs: Option<Vec<HealthCheckExpr>>,
    /// How the first release is created.
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
    /// How a further release is created.
    pub upgrade: Option<Upgrade>,
    /// Values for the chart.
    #[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
    pub values: Option<serde_json::Value>,
    /// Objects with values, merged in this order.
    pub values_from: Option<Vec<ValuesReference>>,
    /// How the readiness of objects is waited for.
    pub wait_strategy: Option<WaitStrategy>,
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
    /// Continue if the object is missing.
    pub optional: Option<bool>,
    /// Where in the values to put it; merged at the root when empty.
    #[schemars(regex(pattern = r"^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$"), length(max = 250))]
    pub target_path: Option<String>,
    /// Key in the object; `values.yaml` when empty.
    #[schemars(regex(pattern = r"^[\-._a-zA-Z0-9]+$"), length(max = 253))]
    pub values_key: Option<String>,
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
