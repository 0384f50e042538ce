//! ImageRepository: an image whose tags are scanned.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::AccessFrom;
use crate::api::meta::CloudProvider;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Timeout;
use crate::api::meta::Timestamp;
use crate::api::pinned::Pinned;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Role;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static IMAGE_REPOSITORY: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImageRepository",
    plural: "imagerepositories",
    noun: Noun {
        one: &["image", "repository"],
        one_aliases: &[],
        many: &["images", "repository"],
        many_aliases: &[],
        label: "image repository",
        short: &["imgrepo", "imagerepo"],
    },
    place: 70,
    columns: &[
        columns::NAME,
        columns::column("last scan", |_, object| {
            columns::local_time(object, "/status/lastScanResult/scanTime")
        }),
        columns::SUSPENDED,
        columns::READY,
        columns::WHOLE_MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[("/image", Empty::LeftOut)],
    roles: &[Role::Fetcher],
    controller: "image-reflector-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(13),
    outcome: scanned,
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
        kind: &IMAGE_REPOSITORY,
        category: "fluxcd-images",
        columns: &[
            crd::PrinterColumn { name: "Image", json_path: ".spec.image", date: false, priority: 0 },
            crd::PrinterColumn {
                name: "Tags",
                json_path: ".status.lastScanResult.tagCount",
                date: false,
                priority: 0,
            },
            crd::READY,
            crd::STATUS,
            crd::PrinterColumn {
                name: "Last scan",
                json_path: ".status.lastScanResult.scanTime",
                date: false,
                priority: 1,
            },
            crd::AGE,
        ],
        spec: crd::Type::of::<ImageRepositorySpec>(),
        status: Some(crd::Type::of::<ImageRepositoryStatus>()),
        starts_unobserved: true,
    }
}

fn scanned(object: &Value) -> String {
    let tags = object.pointer("/status/lastScanResult/tagCount").and_then(Value::as_i64).unwrap_or_default();
    format!("scan fetched {tags} tags")
}

/// Which image is scanned for tags.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRepositorySpec {
    /// Name of the image, without a tag.
    pub image: String,
    /// How often it is reconciled.
    pub interval: Interval,
    /// Who else may refer to it.
    pub access_from: Option<AccessFrom>,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Regular expressions; tags that match one are left out.
    #[schemars(length(max = 25), extend("default" = ["^.*\\.sig$"]))]
    pub exclusion_list: Option<Vec<String>>,
    /// Allow plain HTTP.
    pub insecure: Option<bool>,
    /// How the service is logged in to.
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<CloudProvider>,
    /// Secret with the address and credentials of a proxy.
    pub proxy_secret_ref: Option<LocalObjectReference>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity is used.
    #[schemars(length(max = 253))]
    pub service_account_name: Option<String>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    pub timeout: Option<Timeout>,
}

/// What was observed of an image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRepositoryStatus {
    /// Name of the image with its registry.
    pub canonical_image_name: Option<String>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// What the last scan found.
    pub last_scan_result: Option<ScanResult>,
    /// The exclusions of the last scan.
    pub observed_exclusion_list: Option<Vec<String>>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
}

/// What the last scan found.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    /// How many tags were found.
    pub tag_count: i32,
    /// Some of the latest tags.
    pub latest_tags: Option<Vec<String>>,
    /// Digest over the tags that were found.
    pub revision: Option<String>,
    /// When the scan ended.
    pub scan_time: Option<Timestamp>,
}
