//! Receiver: a webhook that makes objects reconcile at once.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::EventSourceKind;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
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
use crate::api::word::Word;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// Everything the verbs know about it.
pub static RECEIVER: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1",
    kind: "Receiver",
    plural: "receivers",
    noun: Noun {
        one: &["receiver"],
        one_aliases: &[],
        many: &["receivers"],
        many_aliases: &["receiver"],
        label: "receiver",
        short: &[],
    },
    place: 120,
    columns: &[columns::NAME, columns::SUSPENDED, columns::READY, columns::WHOLE_MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[],
    roles: &[],
    controller: "notification-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(10),
    outcome: |_| "Receiver reconciliation completed".to_owned(),
    source: |_| None,
    refers: |object| reference::listed(object, "/spec/resources", Relation::Triggers),
    past: None,
    pinned: Pinned::Nothing,
    events: Events::Own,
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &RECEIVER,
        category: "fluxcd-notifications",
        columns: &[crd::AGE, crd::READY, crd::STATUS],
        spec: crd::Type::of::<ReceiverSpec>(),
        status: Some(crd::Type::of::<ReceiverStatus>()),
        starts_unobserved: true,
    }
}

/// Which webhook triggers what.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)", "message": "generic-oidc receivers must define at least one oidcProvider"},
    {"rule": "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0", "message": "oidcProviders can only be set when type is generic-oidc"},
    {"rule": "self.type != 'generic-oidc' || !has(self.secretRef)", "message": "secretRef cannot be set when type is generic-oidc"},
    {"rule": "self.type == 'generic-oidc' || has(self.secretRef)", "message": "secretRef is required when type is not generic-oidc"}
]))]
pub struct ReceiverSpec {
    /// Objects that a call makes reconcile.
    pub resources: Vec<ReceiverResource>,
    /// Who calls the webhook, and so how a call is verified.
    pub r#type: ReceiverType,
    /// Events of the caller that count; all when empty.
    pub events: Option<Vec<String>>,
    /// How often it is reconciled.
    #[schemars(extend("default" = "10m"))]
    pub interval: Option<Interval>,
    /// Issuers whose tokens are accepted.
    #[schemars(extend("x-kubernetes-list-type" = "map"), extend("x-kubernetes-list-map-keys" = ["issuerURL"]))]
    pub oidc_providers: Option<Vec<OidcProvider>>,
    /// CEL expression that tells for which objects a call counts.
    pub resource_filter: Option<String>,
    /// Secret with the token of the webhook.
    pub secret_ref: Option<LocalObjectReference>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
}

/// The objects to reconcile.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverResource {
    /// Kind of the objects.
    pub kind: Word<EventSourceKind>,
    /// Name of the object; `*` means every one in the namespace.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// CEL expression that tells whether the call is about this object.
    pub filter: Option<String>,
    /// Labels that the objects must carry, all of them.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Namespace of the object; this one when empty.
    #[schemars(length(min = 1, max = 253))]
    pub namespace: Option<String>,
}

/// Who calls the webhook.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ReceiverType {
    #[default]
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "generic-hmac")]
    GenericHmac,
    #[serde(rename = "generic-oidc")]
    GenericOidc,
    #[serde(rename = "github")]
    Github,
    #[serde(rename = "gitlab")]
    Gitlab,
    #[serde(rename = "bitbucket")]
    Bitbucket,
    #[serde(rename = "harbor")]
    Harbor,
    #[serde(rename = "dockerhub")]
    Dockerhub,
    #[serde(rename = "quay")]
    Quay,
    #[serde(rename = "gcr")]
    Gcr,
    #[serde(rename = "nexus")]
    Nexus,
    #[serde(rename = "acr")]
    Acr,
    #[serde(rename = "cdevents")]
    Cdevents,
}

/// An issuer whose tokens are accepted.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OidcProvider {
    /// Address of the issuer.
    #[serde(rename = "issuerURL")]
    #[schemars(regex(pattern = "^https?://"))]
    pub issuer_url: String,
    /// Rules that tokens must meet.
    #[schemars(length(min = 1))]
    pub validations: Vec<ClaimValidation>,
    /// Audience that tokens must be meant for.
    pub audience: Option<String>,
    /// Values computed from the claims, for the rules.
    pub variables: Option<Vec<ClaimVariable>>,
}

/// A rule that a token must meet.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimValidation {
    /// CEL expression over the claims; must be true.
    pub expression: String,
    /// Message if it is not.
    pub message: String,
}

/// A value computed from a token.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimVariable {
    /// CEL expression over the claims.
    pub expression: String,
    /// Name of the variable.
    pub name: String,
}

/// What was observed of a receiver.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// Path of the webhook.
    pub webhook_path: Option<String>,
}
