//! What several kinds share: references, durations, conditions, artifacts.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// How often something happens: a Go duration of milliseconds, seconds, minutes and hours.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"))]
pub struct Interval(pub String);

/// How long something may take: as an [`Interval`], without hours.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$"))]
pub struct Timeout(pub String);

/// A moment, in RFC 3339.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[schemars(extend("format" = "date-time"))]
pub struct Timestamp(pub String);

impl From<std::time::Duration> for Interval {
    fn from(duration: std::time::Duration) -> Self {
        Self(crate::text::GoDuration(duration).to_string())
    }
}

impl From<std::time::Duration> for Timeout {
    fn from(duration: std::time::Duration) -> Self {
        Self(crate::text::GoDuration(duration).to_string())
    }
}

/// The kinds that emit events.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum EventSourceKind {
    #[default]
    Bucket,
    GitRepository,
    Kustomization,
    HelmRelease,
    HelmChart,
    HelmRepository,
    ImageRepository,
    ImagePolicy,
    ImageUpdateAutomation,
    OCIRepository,
    ArtifactGenerator,
    ExternalArtifact,
}

/// The name of an object in the same namespace.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalObjectReference {
    /// Name of the object.
    pub name: String,
}

/// Labels and annotations for everything that is created.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommonMetadata {
    /// Annotations to add.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels to add.
    pub labels: Option<BTreeMap<String, String>>,
}

/// One aspect of the observed state.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// When the condition last changed its status.
    pub last_transition_time: Timestamp,
    /// What happened, for people.
    #[schemars(length(max = 32768))]
    pub message: String,
    /// What happened, in one CamelCase word.
    #[schemars(regex(pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"), length(min = 1, max = 1024))]
    pub reason: String,
    /// Whether the condition holds.
    pub status: ConditionStatus,
    /// Name of the condition.
    #[schemars(
        regex(
            pattern = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
        ),
        length(max = 316)
    )]
    pub r#type: String,
    /// Generation of the spec that the condition speaks of.
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ConditionStatus {
    #[default]
    True,
    False,
    Unknown,
}

/// An object of any kind.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReference {
    /// Kind of the object.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Namespace of the object; this one when empty.
    pub namespace: Option<String>,
}

/// The revision to check out.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitReference {
    /// Branch to check out.
    pub branch: Option<String>,
    /// Commit to check out.
    pub commit: Option<String>,
    /// Full name of a ref, such as `refs/heads/main`; comes before branch, tag and semver.
    pub name: Option<String>,
    /// Range that picks the newest tag in it.
    pub semver: Option<String>,
    /// Tag to check out.
    pub tag: Option<String>,
}

/// The kinds that hold charts.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ChartSourceKind {
    #[default]
    HelmRepository,
    GitRepository,
    Bucket,
}

/// What counts as a new chart.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ReconcileStrategy {
    #[default]
    ChartVersion,
    Revision,
}

/// The technology of a signature.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum SignatureProvider {
    #[default]
    #[serde(rename = "cosign")]
    Cosign,
    #[serde(rename = "notation")]
    Notation,
}

/// An object that must be ready first.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// Name of the object.
    pub name: String,
    /// Namespace of the object; this one when empty.
    pub namespace: Option<String>,
    /// CEL expression over `self` and `dep` that tells whether the dependency is ready.
    pub ready_expr: Option<String>,
}

/// Fields that may differ.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoreRule {
    /// JSON pointers of fields.
    pub paths: Vec<String>,
    /// Objects that the rule is about; all when empty.
    pub target: Option<Selector>,
}

/// Which objects are meant; empty fields match all.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// Selector over annotations.
    pub annotation_selector: Option<String>,
    /// API group.
    pub group: Option<String>,
    /// Kind, as a regular expression.
    pub kind: Option<String>,
    /// Selector over labels.
    pub label_selector: Option<String>,
    /// Name, as a regular expression.
    pub name: Option<String>,
    /// Namespace, as a regular expression.
    pub namespace: Option<String>,
    /// API version without its group.
    pub version: Option<String>,
}

/// How to judge the health of a custom resource, in CEL.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheckExpr {
    /// API version of the custom resource.
    pub api_version: String,
    /// CEL expression: the object is as it should be.
    pub current: String,
    /// CEL expression: the object has failed.
    pub failed: Option<String>,
    /// CEL expression: the object is still reconciling.
    pub in_progress: Option<String>,
    /// Kind of the custom resource.
    pub kind: Option<String>,
}

/// Access to another cluster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.configMapRef) || has(self.secretRef)", "message": "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified"},
    {"rule": "!has(self.configMapRef) || !has(self.secretRef)", "message": "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified"}
]))]
pub struct KubeConfig {
    /// ConfigMap with the address of the cluster and how to log in.
    pub config_map_ref: Option<LocalObjectReference>,
    /// Secret with a kubeconfig.
    pub secret_ref: Option<SecretKeyReference>,
}

/// A key of a Secret in the same namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyReference {
    /// What the Secret is called.
    pub name: String,
    /// Key in the Secret; a default of the controller when empty.
    pub key: Option<String>,
}

/// Another name, tag or digest for an image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageOverride {
    /// The image as it is written in the manifests.
    pub name: String,
    /// Digest to use; comes before the tag.
    pub digest: Option<String>,
    /// Name to use instead.
    pub new_name: Option<String>,
    /// Tag to use instead.
    pub new_tag: Option<String>,
}

/// A patch and what it applies to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Patch {
    /// The patch: strategic merge or JSON 6902.
    pub patch: String,
    /// Objects to patch.
    pub target: Option<Selector>,
}

/// The kinds that hold configuration.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ConfigKind {
    #[default]
    Secret,
    ConfigMap,
}

/// The objects that were applied.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// The objects.
    pub entries: Vec<InventoryEntry>,
}

/// One object that was applied.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryEntry {
    /// Namespace, name, group and kind, joined by underscores.
    pub id: String,
    /// API version of the object.
    pub v: String,
}

/// Who else may refer to this object.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessFrom {
    /// Namespaces that may refer to it.
    pub namespace_selectors: Vec<NamespaceSelector>,
}

/// Namespaces by their labels.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Labels that the objects must carry, all of them.
    pub match_labels: Option<BTreeMap<String, String>>,
}

/// How the registry or bucket is logged in to.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum CloudProvider {
    #[default]
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "aws")]
    Aws,
    #[serde(rename = "azure")]
    Azure,
    #[serde(rename = "gcp")]
    Gcp,
}

/// An image with its tag.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRef {
    /// Name of the image.
    pub name: String,
    /// Tag of the image.
    pub tag: String,
    /// Digest of the image.
    pub digest: Option<String>,
}
