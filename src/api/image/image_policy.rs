//! ImagePolicy: which tag of an image to use.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::ImageRef;
use crate::api::meta::Interval;
use crate::api::object;
use crate::api::pinned::Pinned;
use crate::api::reference::Reference;
use crate::api::reference::Relation;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static IMAGE_POLICY: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImagePolicy",
    plural: "imagepolicies",
    noun: Noun {
        one: &["image", "policy"],
        one_aliases: &[],
        many: &["images", "policy"],
        many_aliases: &[],
        label: "image policy",
        short: &["imgpol", "imagepol"],
    },
    place: 80,
    columns: &[
        columns::NAME,
        columns::column("image", |_, object| object::text(object, "/status/latestRef/name").to_owned()),
        columns::column("tag", |_, object| object::text(object, "/status/latestRef/tag").to_owned()),
        columns::READY,
        columns::WHOLE_MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[("/filterTags/pattern", Empty::Written("")), ("/filterTags/extract", Empty::Written(""))],
    roles: &[],
    controller: "image-reflector-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(12),
    outcome: selected,
    source: |object| columns::object_ref_of(object, "/spec/imageRepositoryRef", "ImageRepository"),
    refers: |object| {
        columns::object_ref_of(object, "/spec/imageRepositoryRef", "ImageRepository")
            .map(|id| Reference::one(Relation::Repository, id))
            .into_iter()
            .collect()
    },
    past: None,
    pinned: Pinned::Nothing,
    events: Events::With(|object| {
        columns::object_ref_of(object, "/spec/imageRepositoryRef", "ImageRepository").into_iter().collect()
    }),
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &IMAGE_POLICY,
        category: "fluxcd-images",
        columns: &[
            crd::PrinterColumn {
                name: "Image",
                json_path: ".status.latestRef.name",
                date: false,
                priority: 0,
            },
            crd::PrinterColumn { name: "Tag", json_path: ".status.latestRef.tag", date: false, priority: 0 },
            crd::READY,
            crd::STATUS,
            crd::AGE,
        ],
        spec: crd::Type::of::<ImagePolicySpec>(),
        status: Some(crd::Type::of::<ImagePolicyStatus>()),
        starts_unobserved: true,
    }
}

/// `image:tag@digest`; the digest only when the policy reflects it.
fn selected(object: &Value) -> String {
    let part = |name: &str| object::text(object, &format!("/status/latestRef/{name}"));
    let digest = match part("digest") {
        "" => String::new(),
        digest => format!("@{digest}"),
    };
    format!("selected ref {}:{}{digest}", part("name"), part("tag"))
}

/// Which tag of an image is the right one.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')", "message": "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'"},
    {"rule": "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'", "message": "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"}
]))]
pub struct ImagePolicySpec {
    /// The image whose tags are considered.
    pub image_repository_ref: NamespacedReference,
    /// How the tag is chosen.
    pub policy: TagPolicy,
    /// When the digest of the chosen image is looked up.
    #[schemars(extend("default" = "Never"))]
    pub digest_reflection_policy: Option<DigestReflectionPolicy>,
    /// Which tags are considered at all.
    pub filter_tags: Option<TagFilter>,
    /// How often the digest is looked up; only with `Always`.
    pub interval: Option<Interval>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
}

/// An object of a known kind, perhaps in another namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespacedReference {
    /// Name of the object.
    pub name: String,
    /// Namespace of the object; this one when empty.
    pub namespace: Option<String>,
}

/// How tags are ordered; exactly one is set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagPolicy {
    /// Sort the tags as text.
    pub alphabetical: Option<OrderPolicy>,
    /// Sort the tags as numbers.
    pub numerical: Option<OrderPolicy>,
    /// Sort the tags as versions.
    pub semver: Option<SemverPolicy>,
}

/// Tags sorted as text or number.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPolicy {
    /// Which end of the order wins.
    #[schemars(extend("default" = "asc"))]
    pub order: Option<Order>,
}

/// Which end of the order wins.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum Order {
    #[default]
    #[serde(rename = "asc")]
    Asc,
    #[serde(rename = "desc")]
    Desc,
}

/// Tags sorted as versions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SemverPolicy {
    /// Range of versions that are considered.
    pub range: String,
}

/// When the digest of the image is looked up.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum DigestReflectionPolicy {
    Always,
    IfNotPresent,
    #[default]
    Never,
}

/// Which tags are considered.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagFilter {
    /// What of the matched tag is sorted, using groups of the pattern.
    pub extract: Option<String>,
    /// Regular expression that tags must match.
    pub pattern: Option<String>,
}

/// What was observed of a policy.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImagePolicyStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The image that the policy chose.
    pub latest_ref: Option<ImageRef>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// The image chosen before.
    pub observed_previous_ref: Option<ImageRef>,
}
