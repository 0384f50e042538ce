//! ArtifactGenerator: artifacts put together from several sources.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::CommonMetadata;
use crate::api::meta::Condition;
use crate::api::pinned::Pinned;
use crate::api::reference;
use crate::api::reference::Relation;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static ARTIFACT_GENERATOR: Kind = Kind {
    group: "source.extensions.fluxcd.io",
    version: "v1beta1",
    kind: "ArtifactGenerator",
    plural: "artifactgenerators",
    noun: Noun {
        one: &["artifact", "generator"],
        one_aliases: &[],
        many: &["artifacts", "generators"],
        many_aliases: &["generator"],
        label: "artifactgenerator",
        short: &["ag"],
    },
    place: 150,
    columns: &[columns::NAME, columns::SUSPENDED, columns::READY, columns::WHOLE_MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Annotation("source.extensions.fluxcd.io/reconcile"),
    written: &[],
    roles: &[],
    controller: "source-watcher",
    verbs: Verbs::READ,
    reconciling: Reconciling::PLAIN,
    place_in_stats: None,
    outcome: |object| ARTIFACT_GENERATOR.ready(object).1,
    source: |_| None,
    refers: |object| reference::listed(object, "/spec/sources", Relation::Source),
    past: None,
    pinned: Pinned::Nothing,
    events: Events::Own,
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &ARTIFACT_GENERATOR,
        category: "fluxcd-sources",
        columns: &[crd::AGE, crd::READY, crd::STATUS],
        spec: crd::Type::of::<ArtifactGeneratorSpec>(),
        status: Some(crd::Type::of::<ArtifactGeneratorStatus>()),
        starts_unobserved: false,
    }
}

/// What is combined into which artifacts.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))", "message": "artifact names must be valid Kubernetes object names when pathPattern is not set"}
]))]
pub struct ArtifactGeneratorSpec {
    /// The artifacts to produce.
    #[schemars(length(min = 1, max = 1000))]
    pub artifacts: Vec<OutputArtifact>,
    /// The inputs.
    #[schemars(length(min = 1, max = 1000))]
    pub sources: Vec<InputSource>,
    /// Labels and annotations that everything produced carries.
    pub common_metadata: Option<CommonMetadata>,
    /// A pattern over an input: one artifact is produced for every match.
    #[schemars(regex(pattern = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"), length(max = 1024))]
    pub path_pattern: Option<String>,
}

/// One artifact to produce.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputArtifact {
    /// The copies that make up the artifact, in this order.
    #[schemars(length(min = 1))]
    pub copy: Vec<CopyOperation>,
    /// Name of the artifact that is produced.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Alias of the input whose origin revision the artifact reports, as `@alias`.
    #[schemars(regex(pattern = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"), length(max = 64))]
    pub origin_revision: Option<String>,
    /// Alias of the input whose revision the artifact takes, as `@alias`.
    #[schemars(regex(pattern = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"), length(max = 64))]
    pub revision: Option<String>,
}

/// One copy from an input into the artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyOperation {
    /// What to copy: `@alias/` and a glob.
    #[schemars(regex(pattern = "^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"), length(min = 1, max = 1024))]
    pub from: String,
    /// Where it goes: `@artifact/` and a path.
    #[schemars(
        regex(
            pattern = "^@artifact/([^/]{0,1}|[^./][^/]|[.][^./]|[^/]{3,})(/([^/]{0,1}|[^./][^/]|[.][^./]|[^/]{3,}))*$"
        ),
        length(min = 1, max = 1024)
    )]
    pub to: String,
    /// Globs of what is left out of the copy.
    #[schemars(length(max = 100), inner(length(max = 1024)))]
    pub exclude: Option<Vec<String>>,
    /// What happens to files that exist already; overwritten by default.
    pub strategy: Option<CopyStrategy>,
}

/// What happens when a file is there already.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum CopyStrategy {
    #[default]
    Overwrite,
    Merge,
    Extract,
}

/// An input, known by its alias.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InputSource {
    /// Name of the input in copy operations.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"), length(max = 63))]
    pub alias: String,
    /// Kind of the input.
    pub kind: InputSourceKind,
    /// Name of the input.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 253))]
    pub name: String,
    /// Namespace of the input; that of the generator when empty.
    #[schemars(regex(pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

/// The kinds that can be an input.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum InputSourceKind {
    #[default]
    Bucket,
    GitRepository,
    OCIRepository,
    HelmChart,
    ExternalArtifact,
}

/// What was observed of a generator.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactGeneratorStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The artifacts that exist because of this object.
    pub inventory: Option<Vec<GeneratedArtifact>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// Digest over the revisions of the inputs last used.
    pub observed_sources_digest: Option<String>,
}

/// One artifact that was produced.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneratedArtifact {
    /// Digest of the artifact.
    pub digest: String,
    /// File name of the artifact in the storage.
    pub filename: String,
    /// Name of the object.
    pub name: String,
    /// Namespace of the object; this one when empty.
    pub namespace: String,
}
