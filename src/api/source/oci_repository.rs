//! OCIRepository: an artifact of a container registry as a source.

use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::meta::CloudProvider;
use crate::api::meta::Condition;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::SignatureProvider;
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
use crate::api::source::shared::OidcIdentity;
use crate::api::written::Empty;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static OCI_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "OCIRepository",
    plural: "ocirepositories",
    noun: Noun {
        one: &["source", "oci"],
        one_aliases: &[],
        many: &["sources", "oci"],
        many_aliases: &[],
        label: "source oci",
        short: &["ocirepo"],
    },
    place: 10,
    columns: &[columns::NAME, columns::REVISION, columns::SUSPENDED, columns::READY, columns::MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[("/ignore", Empty::Kept)],
    roles: &[Role::Fetcher, Role::OciSource],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(2),
    outcome: columns::fetched,
    source: |_| None,
    refers: |_| Vec::new(),
    past: None,
    pinned: Pinned::Reference(&["digest", "semver", "tag"]),
    events: Events::Own,
    stage: Some(&Stage {
        facts: &[
            StageFact::Always("URL", "/spec/url"),
            StageFact::Reference(&[("Tag", "tag"), ("Tag", "semver"), ("Digest", "digest")]),
            StageFact::Artifact,
            StageFact::Origin,
        ],
        is_source: true,
        tells_failure: true,
        widths: (17, 17),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &OCI_REPOSITORY,
        category: "fluxcd-sources",
        columns: &[
            crd::PrinterColumn { name: "URL", json_path: ".spec.url", date: false, priority: 0 },
            crd::READY,
            crd::STATUS,
            crd::AGE,
        ],
        spec: crd::Type::of::<OCIRepositorySpec>(),
        status: Some(crd::Type::of::<OCIRepositoryStatus>()),
        starts_unobserved: true,
    }
}

/// Which artifact is pulled from where.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositorySpec {
    /// How often it is reconciled.
    pub interval: Interval,
    /// Address of the repository, as `oci://host/name`.
    #[schemars(regex(pattern = "^oci://.*$"))]
    pub url: String,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Paths to leave out, in the syntax of .gitignore.
    pub ignore: Option<String>,
    /// Allow plain HTTP.
    pub insecure: Option<bool>,
    /// Which layer is used.
    pub layer_selector: Option<LayerSelector>,
    /// How the service is logged in to.
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<CloudProvider>,
    /// Secret with the address and credentials of a proxy.
    pub proxy_secret_ref: Option<LocalObjectReference>,
    /// The version to pull.
    pub r#ref: Option<OciReference>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    #[schemars(extend("default" = "60s"))]
    pub timeout: Option<Timeout>,
    /// Who must have signed the content.
    pub verify: Option<OciVerification>,
}

/// Which layer of the artifact is used.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerSelector {
    /// Media type of the layer; the first layer when empty.
    pub media_type: Option<String>,
    /// Whether the layer is unpacked or kept as it is.
    pub operation: Option<LayerOperation>,
}

/// What is done with the layer.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum LayerOperation {
    #[default]
    #[serde(rename = "extract")]
    Extract,
    #[serde(rename = "copy")]
    Copy,
}

/// The version of the artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OciReference {
    /// Digest to pull; comes before all else.
    pub digest: Option<String>,
    /// Range that picks the newest tag in it.
    pub semver: Option<String>,
    /// Regular expression for tags considered by the range.
    pub semver_filter: Option<String>,
    /// Tag to pull; `latest` when empty.
    pub tag: Option<String>,
}

/// Who must have signed the artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OciVerification {
    /// The technology of the signature.
    #[schemars(extend("default" = "cosign"))]
    pub provider: SignatureProvider,
    /// Identities that may have signed; one must match.
    #[serde(rename = "matchOIDCIdentity")]
    pub match_oidc_identity: Option<Vec<OidcIdentity>>,
    /// Secret with the trusted public keys.
    pub secret_ref: Option<LocalObjectReference>,
    /// Secret with the trust root of the signatures.
    pub trusted_root_secret_ref: Option<LocalObjectReference>,
}

/// What was observed of an OCI repository.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryStatus {
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
    /// The layer selection that the artifact was built with.
    pub observed_layer_selector: Option<LayerSelector>,
    /// Address of the latest artifact.
    pub url: Option<String>,
}
