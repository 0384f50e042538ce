//! ExternalArtifact: an artifact that another controller produces.

use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::ObjectReference;
use crate::api::pinned::Pinned;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::source::shared::Artifact;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static EXTERNAL_ARTIFACT: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "ExternalArtifact",
    plural: "externalartifacts",
    noun: Noun {
        one: &["source", "external"],
        one_aliases: &[],
        many: &["sources", "external"],
        many_aliases: &[],
        label: "source external-artifact",
        short: &["ea"],
    },
    place: 60,
    columns: &[
        columns::NAME,
        columns::REVISION,
        columns::column("source", |_, object| columns::written_reference(object, "/spec/sourceRef")),
        columns::READY,
        columns::MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::None,
    written: &[],
    roles: &[],
    controller: "source-watcher",
    verbs: Verbs::READ,
    reconciling: Reconciling::PLAIN,
    place_in_stats: None,
    outcome: columns::fetched,
    source: columns::spec_source,
    refers: |object| EXTERNAL_ARTIFACT.sources(object),
    past: None,
    pinned: Pinned::Nothing,
    events: Events::None,
    stage: Some(&Stage {
        facts: &[StageFact::Producer, StageFact::Artifact, StageFact::Origin],
        is_source: true,
        tells_failure: true,
        widths: (17, 17),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &EXTERNAL_ARTIFACT,
        category: "fluxcd-sources",
        columns: &[
            crd::AGE,
            crd::READY,
            crd::STATUS,
            crd::PrinterColumn {
                name: "Source",
                json_path: ".spec.sourceRef.name",
                date: false,
                priority: 0,
            },
        ],
        spec: crd::Type::of::<ExternalArtifactSpec>(),
        status: Some(crd::Type::of::<ExternalArtifactStatus>()),
        starts_unobserved: false,
    }
}

/// Who makes the artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalArtifactSpec {
    /// The object that produces the artifact.
    pub source_ref: Option<ObjectReference>,
}

/// What was observed of an external artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalArtifactStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
}
