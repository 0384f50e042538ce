//! MadeUp: a kind that no controller knows. `real::made_up_kind` adds it to a copy of the sources.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::pinned::Pinned;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Role;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::source::shared::Artifact;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static MADE_UP: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "MadeUp",
    plural: "madeups",
    noun: Noun {
        one: &["source", "made-up"],
        one_aliases: &[],
        many: &["sources", "made-up"],
        many_aliases: &[],
        label: "source made-up",
        short: &["mu"],
    },
    place: 65,
    columns: &[columns::NAME, columns::REVISION, columns::SUSPENDED, columns::READY, columns::MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[],
    roles: &[Role::Fetcher],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(14),
    outcome: columns::fetched,
    source: |_| None,
    refers: |_| Vec::new(),
    past: None,
    pinned: Pinned::Nothing,
    events: Events::Own,
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &MADE_UP,
        category: "fluxcd-sources",
        columns: &[crd::AGE, crd::READY, crd::STATUS],
        spec: crd::Type::of::<MadeUpSpec>(),
        status: Some(crd::Type::of::<MadeUpStatus>()),
        starts_unobserved: true,
    }
}

/// What is made up, and how often.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeUpSpec {
    /// How often it is made up again.
    pub interval: Interval,
    /// Whether nothing is made up for now.
    pub suspend: Option<bool>,
}

/// What was observed of it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeUpStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was handled.
    pub last_handled_reconcile_at: Option<String>,
    /// The last generation that was reconciled.
    pub observed_generation: Option<i64>,
}
