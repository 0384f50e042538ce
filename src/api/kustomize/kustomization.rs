//! Kustomization: manifests of a source, built and applied.

use crate::api::ObjectId;
use crate::api::Stage;
use crate::api::StageFact;
use crate::api::applied::Past;
use crate::api::columns;
use crate::api::crd;
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
use crate::api::meta::ObjectReference;
use crate::api::meta::Patch;
use crate::api::meta::Timestamp;
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
use crate::api::source::oci_repository::OCI_REPOSITORY;
use crate::text::shorten_hex;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// How a revision ended that was applied, with everything healthy.
pub const WORKED: &str = "ReconciliationSucceeded";

/// Why an attempt failed that is repeated by itself: what it waits for was not there yet.
pub const PASSING: [&str; 2] = ["ArtifactFailed", "DependencyNotReady"];

/// Everything the verbs know about it.
pub static KUSTOMIZATION: Kind = Kind {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    plural: "kustomizations",
    noun: Noun {
        one: &["kustomization"],
        one_aliases: &["ks"],
        many: &["kustomizations"],
        many_aliases: &["ks", "kustomization"],
        label: "kustomization",
        short: &["ks"],
    },
    place: 110,
    columns: &[
        columns::NAME,
        columns::source_column(|_, object| columns::reference(object, "/spec/sourceRef")),
        columns::column("revision", |_, object| {
            shorten_hex(object::text(object, "/status/lastAppliedRevision"))
        }),
        columns::SUSPENDED,
        columns::READY,
        columns::MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[],
    roles: &[Role::Applier, Role::Builder],
    controller: "kustomize-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling {
        with_source: true,
        follows_source: true,
        is_quoted: false,
        ..Reconciling::PLAIN
    },
    place_in_stats: Some(6),
    outcome: |object| format!("applied revision {}", object::text(object, "/status/lastAppliedRevision")),
    source: columns::spec_source,
    refers: |object| KUSTOMIZATION.sources(object),
    past: Some(past),
    pinned: Pinned::Images("images"),
    events: Events::With(|object| columns::spec_source(object).into_iter().collect()),
    stage: Some(&Stage {
        facts: &[
            StageFact::IfSet("Target", "/spec/targetNamespace"),
            StageFact::Always("Path", "/spec/path"),
            StageFact::Always("Revision", "/status/lastAppliedRevision"),
        ],
        is_source: false,
        tells_failure: false,
        widths: (17, 17),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &KUSTOMIZATION,
        category: "fluxcd-appliers",
        columns: &[crd::AGE, crd::READY, crd::STATUS],
        spec: crd::Type::of::<KustomizationSpec>(),
        status: Some(crd::Type::of::<KustomizationStatus>()),
        starts_unobserved: true,
    }
}

/// The Kustomization that applies an object, by the labels that its controller puts there.
pub fn applier(object: &Value) -> Option<ObjectId> {
    let [name, namespace] = KUSTOMIZATION.owner_labels();
    let name = object::label(object, &name).filter(|name| !name.is_empty())?;
    Some(KUSTOMIZATION.id(object::label(object, &namespace).unwrap_or_default(), name))
}

/// The revision that it was last reconciled with, well or badly. While it still says Ready for the old revision, the
/// attempted one may be the new one already.
pub fn tried_revision(object: &Value) -> &str {
    let ready = object::condition_with(object, "Ready", "True").is_some();
    object::text(object, if ready { "/status/lastAppliedRevision" } else { "/status/lastAttemptedRevision" })
}

/// What was applied, and how that ended.
fn past(object: &Value) -> Vec<Past> {
    let read = |record: &Value| {
        let text = |at: &str| object::text(record, at).to_owned();
        Past {
            revision: text("/metadata/revision"),
            origin: text("/metadata/originRevision"),
            digest: text("/digest"),
            status: text("/lastReconciledStatus"),
            first: text("/firstReconciled"),
            last: text("/lastReconciled"),
            took: text("/lastReconciledDuration"),
            count: object::number(record, "/totalReconciliations"),
            ..Past::default()
        }
    };
    object::list(object, "/status/history").iter().map(read).collect()
}

/// What is applied from which source, and how.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KustomizationSpec {
    /// How often it is reconciled.
    pub interval: Interval,
    /// Delete objects that are no longer in the source.
    pub prune: bool,
    /// The source of the manifests.
    pub source_ref: KustomizationSource,
    /// Annotations about the origin of objects to add.
    pub build_metadata: Option<Vec<BuildMetadata>>,
    /// Labels and annotations that everything produced carries.
    pub common_metadata: Option<CommonMetadata>,
    /// Folders of kustomize components to add.
    pub components: Option<Vec<String>>,
    /// How secrets in the source are decrypted.
    pub decryption: Option<Decryption>,
    /// What happens to the objects when this one is deleted.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Objects that must be ready first.
    pub depends_on: Option<Vec<Dependency>>,
    /// Replace objects whose immutable fields changed.
    #[schemars(extend("default" = false))]
    pub force: Option<bool>,
    /// How to judge the health of custom resources.
    pub health_check_exprs: Option<Vec<HealthCheckExpr>>,
    /// Objects that must be healthy.
    pub health_checks: Option<Vec<ObjectReference>>,
    /// Fields of live objects that are left alone.
    pub ignore: Option<Vec<IgnoreRule>>,
    /// Continue if a component is missing.
    pub ignore_missing_components: Option<bool>,
    /// Images to replace.
    pub images: Option<Vec<ImageOverride>>,
    /// Another cluster to work on; this one when empty.
    pub kube_config: Option<KubeConfig>,
    /// Put before the name of every object.
    #[schemars(length(min = 1, max = 200))]
    pub name_prefix: Option<String>,
    /// Put after the name of every object.
    #[schemars(length(min = 1, max = 200))]
    pub name_suffix: Option<String>,
    /// Patches to apply.
    pub patches: Option<Vec<Patch>>,
    /// Folder in the source; its root when empty.
    pub path: Option<String>,
    /// What is done to the manifests after the build.
    pub post_build: Option<PostBuild>,
    /// How long to wait after a failure; the interval when empty.
    pub retry_interval: Option<Interval>,
    /// ServiceAccount on whose behalf objects are applied.
    pub service_account_name: Option<String>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Namespace of the objects.
    #[schemars(length(min = 1, max = 63))]
    pub target_namespace: Option<String>,
    /// Limit of one operation.
    pub timeout: Option<Interval>,
    /// Wait until everything applied is ready.
    pub wait: Option<bool>,
}

/// The source of the manifests.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KustomizationSource {
    /// Which kind of source it is.
    pub kind: KustomizationSourceKind,
    /// What the source is called.
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Namespace of the object; this one when empty.
    pub namespace: Option<String>,
}

/// The kinds that `--source` offers, in this order.
pub const SOURCES: [&Kind; 3] = [&OCI_REPOSITORY, &GIT_REPOSITORY, &BUCKET];

/// The kinds that hold manifests.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum KustomizationSourceKind {
    #[default]
    OCIRepository,
    GitRepository,
    Bucket,
    ExternalArtifact,
}

/// What a build notes on its objects.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum BuildMetadata {
    #[default]
    #[serde(rename = "originAnnotations")]
    OriginAnnotations,
    #[serde(rename = "transformerAnnotations")]
    TransformerAnnotations,
}

/// How secrets in the source are decrypted.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decryption {
    /// The technology of decryption.
    pub provider: DecryptionProvider,
    /// Secret with the private keys.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity unlocks the keys.
    pub service_account_name: Option<String>,
}

/// The technology of decryption.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum DecryptionProvider {
    #[default]
    #[serde(rename = "sops")]
    Sops,
}

/// What happens to the objects when this one is deleted.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum DeletionPolicy {
    #[default]
    MirrorPrune,
    Delete,
    WaitForTermination,
    Orphan,
}

/// What is done to the manifests after the build.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostBuild {
    /// Variables and their values.
    pub substitute: Option<BTreeMap<String, String>>,
    /// Objects with variables, later ones winning.
    pub substitute_from: Option<Vec<SubstituteReference>>,
    /// Whether substitution runs also without variables.
    pub substitute_strategy: Option<SubstituteStrategy>,
}

/// Variables kept in another object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubstituteReference {
    /// Kind of the object.
    pub kind: ConfigKind,
    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Continue if the object is missing.
    #[schemars(extend("default" = false))]
    pub optional: Option<bool>,
}

/// When substitution runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum SubstituteStrategy {
    #[default]
    WithVariables,
    Always,
}

/// What was observed of a Kustomization.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KustomizationStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// What was done, the latest first.
    pub history: Option<Vec<ReconciliationRecord>>,
    /// The objects that were applied.
    pub inventory: Option<Inventory>,
    /// Origin revision of what was last applied.
    pub last_applied_origin_revision: Option<String>,
    /// Revision last applied.
    pub last_applied_revision: Option<String>,
    /// Revision last tried.
    pub last_attempted_revision: Option<String>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
}

/// Reconciliations with the same outcome.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationRecord {
    /// Digest of what was applied.
    pub digest: String,
    /// When it was first so.
    pub first_reconciled: Timestamp,
    /// When it was last so.
    pub last_reconciled: Timestamp,
    /// How long the last one took.
    pub last_reconciled_duration: String,
    /// How the last one ended.
    pub last_reconciled_status: String,
    /// How many there were.
    pub total_reconciliations: i64,
    /// Further facts about it.
    pub metadata: Option<BTreeMap<String, String>>,
}
