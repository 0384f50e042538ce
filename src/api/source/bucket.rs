//! Bucket: an object store as a source.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Timeout;
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
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static BUCKET: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "Bucket",
    plural: "buckets",
    noun: Noun {
        one: &["source", "bucket"],
        one_aliases: &[],
        many: &["sources", "bucket"],
        many_aliases: &[],
        label: "source bucket",
        short: &[],
    },
    place: 20,
    columns: &[columns::NAME, columns::REVISION, columns::SUSPENDED, columns::READY, columns::MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[("/ignore", Empty::Kept)],
    roles: &[Role::Fetcher],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(5),
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
        kind: &BUCKET,
        category: "fluxcd-sources",
        columns: &[
            crd::PrinterColumn { name: "Endpoint", json_path: ".spec.endpoint", date: false, priority: 0 },
            crd::AGE,
            crd::READY,
            crd::STATUS,
        ],
        spec: crd::Type::of::<BucketSpec>(),
        status: Some(crd::Type::of::<BucketStatus>()),
        starts_unobserved: true,
    }
}

/// Where the bucket is and how it is read.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)", "message": "STS configuration is only supported for the 'aws' and 'generic' Bucket providers"},
    {"rule": "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'", "message": "'aws' is the only supported STS provider for the 'aws' Bucket provider"},
    {"rule": "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'", "message": "'ldap' is the only supported STS provider for the 'generic' Bucket provider"},
    {"rule": "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)", "message": "spec.sts.secretRef is not required for the 'aws' STS provider"},
    {"rule": "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)", "message": "spec.sts.certSecretRef is not required for the 'aws' STS provider"},
    {"rule": "self.provider != 'generic' || !has(self.serviceAccountName)", "message": "ServiceAccountName is not supported for the 'generic' Bucket provider"},
    {"rule": "!has(self.secretRef) || !has(self.serviceAccountName)", "message": "cannot set both .spec.secretRef and .spec.serviceAccountName"}
]))]
pub struct BucketSpec {
    /// Name of the bucket.
    pub bucket_name: String,
    /// Address of the object store.
    pub endpoint: String,
    /// How often it is reconciled.
    pub interval: Interval,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Paths to leave out, in the syntax of .gitignore.
    pub ignore: Option<String>,
    /// Allow plain HTTP.
    pub insecure: Option<bool>,
    /// Only objects whose key begins so.
    pub prefix: Option<String>,
    /// How the service is logged in to.
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<BucketProvider>,
    /// Secret with the address and credentials of a proxy.
    pub proxy_secret_ref: Option<LocalObjectReference>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Where temporary credentials are obtained.
    pub sts: Option<BucketSts>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    #[schemars(extend("default" = "60s"))]
    pub timeout: Option<Timeout>,
}

/// The service behind a bucket.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum BucketProvider {
    #[default]
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "aws")]
    Aws,
    #[serde(rename = "gcp")]
    Gcp,
    #[serde(rename = "azure")]
    Azure,
}

/// Where temporary credentials come from.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketSts {
    /// Address of the token service.
    #[schemars(regex(pattern = "^(http|https)://.*$"))]
    pub endpoint: String,
    /// Which token service it is.
    pub provider: BucketStsProvider,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
}

/// The token service.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum BucketStsProvider {
    #[default]
    #[serde(rename = "aws")]
    Aws,
    #[serde(rename = "ldap")]
    Ldap,
}

/// What was observed of a bucket.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// The ignore rules that the artifact was built with.
    pub observed_ignore: Option<String>,
    /// Address of the latest artifact.
    pub url: Option<String>,
}
