//! Alert: which events are worth telling to whom.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::EventSourceKind;
use crate::api::meta::LocalObjectReference;
use crate::api::pinned::Pinned;
use crate::api::reference;
use crate::api::reference::Reference;
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
use serde_json::Value;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// Everything the verbs know about it.
pub static ALERT: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1beta3",
    kind: "Alert",
    plural: "alerts",
    noun: Noun {
        one: &["alert"],
        one_aliases: &[],
        many: &["alerts"],
        many_aliases: &["alert"],
        label: "alert",
        short: &[],
    },
    place: 140,
    columns: &[columns::NAME, columns::SUSPENDED, columns::READY, columns::WHOLE_MESSAGE],
    readiness: |_| Readiness::Static("Alert is Ready"),
    suspension: Suspension::Field,
    written: &[],
    roles: &[],
    controller: "notification-controller",
    verbs: Verbs { reconcile: false, ..Verbs::ALL },
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(8),
    outcome: |_| "Alert reconciliation completed".to_owned(),
    source: |object| columns::object_ref_of(object, "/spec/providerRef", "Provider"),
    refers: references,
    past: None,
    pinned: Pinned::Nothing,
    events: Events::With(|object| {
        columns::object_ref_of(object, "/spec/providerRef", "Provider").into_iter().collect()
    }),
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &ALERT,
        category: "fluxcd-notifications",
        columns: &[crd::AGE],
        spec: crd::Type::of::<AlertSpec>(),
        status: None,
        starts_unobserved: false,
    }
}

/// Where it sends events, and whose.
fn references(object: &Value) -> Vec<Reference> {
    let provider = columns::object_ref_of(object, "/spec/providerRef", "Provider");
    let provider = provider.map(|id| Reference::one(Relation::Provider, id));
    let watched = reference::listed(object, "/spec/eventSources", Relation::Watches);
    provider.into_iter().chain(watched).collect()
}

/// Which events go to which provider.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertSpec {
    /// Whose events are forwarded.
    pub event_sources: Vec<EventSource>,
    /// The Provider to notify, in the same namespace.
    pub provider_ref: LocalObjectReference,
    /// Keys and values added to every forwarded event.
    pub event_metadata: Option<BTreeMap<String, String>>,
    /// Forward events of this severity: all with `info`, failures only with `error`.
    #[schemars(extend("default" = "info"))]
    pub event_severity: Option<Word<EventSeverity>>,
    /// Regular expressions; an event whose message matches one is dropped.
    pub exclusion_list: Option<Vec<String>>,
    /// Regular expressions; only events whose message matches one are forwarded.
    pub inclusion_list: Option<Vec<String>>,
    /// A line about the impact or the affected part, added to the event.
    #[schemars(length(max = 255))]
    pub summary: Option<String>,
    /// Forward nothing until this is unset.
    pub suspend: Option<bool>,
}

/// The objects whose events are of interest.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventSource {
    /// Kind of the objects.
    pub kind: Word<EventSourceKind>,
    /// Name of the object; `*` means every one in the namespace.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Labels that the objects must carry, all of them.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Namespace of the object; this one when empty.
    #[schemars(length(min = 1, max = 253))]
    pub namespace: Option<String>,
}

/// How grave an event must be.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum EventSeverity {
    #[default]
    #[serde(rename = "info")]
    Info,
    #[serde(rename = "error")]
    Error,
}
