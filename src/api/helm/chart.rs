//! Which chart a release is built from.

use crate::api::meta::ChartSourceKind;
use crate::api::meta::CommonMetadata;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::ReconcileStrategy;
use crate::api::meta::SignatureProvider;
use crate::api::word::Word;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

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
    /// Continue if a values file is missing.
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
    #[serde(skip_serializing_if = "Word::is_empty")]
    pub kind: Word<ChartSourceKind>,
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
