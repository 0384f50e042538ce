//! HelmChart: one version of a chart, packed.

use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::meta::ChartSourceKind;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::ReconcileStrategy;
use crate::api::meta::SignatureProvider;
use crate::api::object;
use crate::api::pinned::Pinned;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Role;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::source::bucket::BUCKET;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::source::helm_repository::HELM_REPOSITORY;
use crate::api::source::shared::Artifact;
use crate::api::source::shared::OidcIdentity;
use crate::api::word::Word;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// The kinds that `--source` offers, in this order.
pub const SOURCES: [&Kind; 3] = [&HELM_REPOSITORY, &GIT_REPOSITORY, &BUCKET];

/// Everything the verbs know about it.
pub static HELM_CHART: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "HelmChart",
    plural: "helmcharts",
    noun: Noun {
        one: &["source", "chart"],
        one_aliases: &[],
        many: &["sources", "chart"],
        many_aliases: &[],
        label: "source chart",
        short: &["hc"],
    },
    place: 50,
    columns: &[
        columns::NAME,
        // A chart version, not a digest: never shortened.
        columns::column("revision", |_, object| object::text(object, "/status/artifact/revision").to_owned()),
        columns::SUSPENDED,
        columns::READY,
        columns::MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[],
    roles: &[Role::Fetcher, Role::ChartFinder],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling {
        with_source: true,
        source_first: true,
        is_quoted: false,
        ..Reconciling::PLAIN
    },
    place_in_stats: Some(4),
    outcome: columns::fetched,
    source: columns::spec_source,
    refers: |object| HELM_CHART.sources(object),
    past: None,
    pinned: Pinned::Chart { version: &["spec", "version"], source: "/spec/sourceRef" },
    events: Events::With(|object| columns::spec_source(object).into_iter().collect()),
    stage: Some(&Stage {
        facts: &[
            StageFact::Always("Chart", "/spec/chart"),
            StageFact::Always("Version", "/spec/version"),
            StageFact::Artifact,
        ],
        is_source: false,
        tells_failure: false,
        widths: (17, 16),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &HELM_CHART,
        category: "fluxcd-sources",
        columns: &[
            crd::PrinterColumn { name: "Chart", json_path: ".spec.chart", date: false, priority: 0 },
            crd::PrinterColumn { name: "Version", json_path: ".spec.version", date: false, priority: 0 },
            crd::PrinterColumn {
                name: "Source Kind",
                json_path: ".spec.sourceRef.kind",
                date: false,
                priority: 0,
            },
            crd::PrinterColumn {
                name: "Source Name",
                json_path: ".spec.sourceRef.name",
                date: false,
                priority: 0,
            },
            crd::AGE,
            crd::READY,
            crd::STATUS,
        ],
        spec: crd::Type::of::<HelmChartSpec>(),
        status: Some(crd::Type::of::<HelmChartStatus>()),
        starts_unobserved: true,
    }
}

/// Which chart is wanted from where.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'", "message": "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'"}
]))]
pub struct HelmChartSpec {
    /// Name of the chart, or its path in the source.
    pub chart: String,
    /// How often it is reconciled.
    pub interval: Interval,
    /// The source that holds the chart.
    pub source_ref: ChartSource,
    /// Continue if a values file is missing.
    pub ignore_missing_values_files: Option<bool>,
    /// Whether a new version or any new revision makes a new chart.
    #[schemars(extend("default" = "ChartVersion"))]
    pub reconcile_strategy: Option<Word<ReconcileStrategy>>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Values files of the chart, merged in this order.
    pub values_files: Option<Vec<String>>,
    /// Who must have signed the content.
    pub verify: Option<SignatureVerification>,
    /// Version or range of the chart; ignored when it comes from Git or a bucket.
    #[schemars(extend("default" = "*"))]
    pub version: Option<String>,
}

/// The source that holds the chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartSource {
    /// Which kind of source it is.
    pub kind: ChartSourceKind,
    /// Name of the object.
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
}

/// Who must have signed the content.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureVerification {
    /// The technology of the signature.
    #[schemars(extend("default" = "cosign"))]
    pub provider: SignatureProvider,
    /// Identities that may have signed; one must match.
    #[serde(rename = "matchOIDCIdentity")]
    pub match_oidc_identity: Option<Vec<OidcIdentity>>,
    /// Secret with the trusted public keys.
    pub secret_ref: Option<LocalObjectReference>,
}

/// What was observed of a chart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// Name of the chart last found.
    pub observed_chart_name: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// Revision of the source that the chart came from.
    pub observed_source_artifact_revision: Option<String>,
    /// Values files that the chart was packed with.
    pub observed_values_files: Option<Vec<String>>,
    /// Address of the latest artifact.
    pub url: Option<String>,
}
