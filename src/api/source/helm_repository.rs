//! HelmRepository: an index or registry of charts.

use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::meta::AccessFrom;
use crate::api::meta::CloudProvider;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Timeout;
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
use crate::api::source::shared::Artifact;
use crate::api::word::Word;
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static HELM_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "HelmRepository",
    plural: "helmrepositories",
    noun: Noun {
        one: &["source", "helm"],
        one_aliases: &[],
        many: &["sources", "helm"],
        many_aliases: &[],
        label: "source helm",
        short: &["helmrepo"],
    },
    place: 40,
    columns: &[columns::NAME, columns::REVISION, columns::SUSPENDED, columns::READY, columns::MESSAGE],
    readiness,
    suspension: Suspension::Field,
    written: &[("/interval", Empty::Written("0s"))],
    roles: &[Role::Fetcher, Role::ChartSource],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(3),
    outcome: columns::fetched,
    source: |_| None,
    refers: |_| Vec::new(),
    past: None,
    pinned: Pinned::Nothing,
    events: Events::Own,
    stage: Some(&Stage {
        facts: &[StageFact::Always("URL", "/spec/url"), StageFact::Artifact, StageFact::Origin],
        is_source: true,
        tells_failure: false,
        widths: (17, 16),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &HELM_REPOSITORY,
        category: "fluxcd-sources",
        columns: &[
            crd::PrinterColumn { name: "URL", json_path: ".spec.url", date: false, priority: 0 },
            crd::AGE,
            crd::READY,
            crd::STATUS,
        ],
        spec: crd::Type::of::<HelmRepositorySpec>(),
        status: Some(crd::Type::of::<HelmRepositoryStatus>()),
        starts_unobserved: true,
    }
}

/// A registry has no index to fetch, so no controller writes a status for it.
fn readiness(object: &Value) -> Readiness {
    match object::text(object, "/spec/type") {
        "oci" => Readiness::Static("Helm repository is Ready"),
        _ => Readiness::Conditions,
    }
}

/// Where the charts are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmRepositorySpec {
    /// Address of the index or registry.
    #[schemars(regex(pattern = "^(http|https|oci)://.*$"))]
    pub url: String,
    /// Who else may refer to it.
    pub access_from: Option<AccessFrom>,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Allow plain HTTP.
    pub insecure: Option<bool>,
    /// How often it is reconciled.
    pub interval: Option<Interval>,
    /// Send the credentials also to other hosts that the index names.
    pub pass_credentials: Option<bool>,
    /// How the service is logged in to.
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<Word<CloudProvider>>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    pub timeout: Option<Timeout>,
    /// Whether it is an HTTP index or an OCI registry.
    pub r#type: Option<HelmRepositoryType>,
}

/// An HTTP index or an OCI registry.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum HelmRepositoryType {
    #[default]
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "oci")]
    Oci,
}

/// What was observed of a chart repository.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmRepositoryStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// Address of the latest artifact.
    pub url: Option<String>,
}
