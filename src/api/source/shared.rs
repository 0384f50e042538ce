//! What several sources share.

use crate::api::meta::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// The stored result of a reconciliation.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Digest of the content.
    #[schemars(regex(pattern = "^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"))]
    pub digest: String,
    /// When the artifact was stored.
    pub last_update_time: Timestamp,
    /// Path of the artifact in the storage.
    pub path: String,
    /// Revision of the content.
    pub revision: String,
    /// Address from which other controllers fetch the artifact.
    pub url: String,
    /// What the producer noted about the content.
    pub metadata: Option<BTreeMap<String, String>>,
    /// Size in bytes.
    pub size: Option<i64>,
}

/// An identity that may have signed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OidcIdentity {
    /// Regular expression for the issuer of the identity.
    pub issuer: String,
    /// Regular expression for the subject of the identity.
    pub subject: String,
}
