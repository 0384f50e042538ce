//! GitRepository: a Git repository as a source.

use crate::api::Stage;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Condition;
use crate::api::meta::GitReference;
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
pub static GIT_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "GitRepository",
    plural: "gitrepositories",
    noun: Noun {
        one: &["source", "git"],
        one_aliases: &[],
        many: &["sources", "git"],
        many_aliases: &[],
        label: "source git",
        short: &["gitrepo"],
    },
    place: 30,
    columns: &[columns::NAME, columns::REVISION, columns::SUSPENDED, columns::READY, columns::MESSAGE],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[("/ignore", Empty::Kept)],
    roles: &[Role::Fetcher, Role::GitClient, Role::GitSource],
    controller: "source-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(1),
    outcome: columns::fetched,
    source: |_| None,
    refers: |_| Vec::new(),
    past: None,
    pinned: Pinned::Reference(&["commit", "name", "semver", "tag", "branch"]),
    events: Events::Own,
    stage: Some(&Stage {
        facts: &[
            StageFact::Always("URL", "/spec/url"),
            StageFact::Reference(&[("Tag", "tag"), ("Tag", "semver"), ("Branch", "branch")]),
            StageFact::Artifact,
        ],
        is_source: true,
        tells_failure: true,
        widths: (17, 15),
    }),
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &GIT_REPOSITORY,
        category: "fluxcd-sources",
        columns: &[
            crd::PrinterColumn { name: "URL", json_path: ".spec.url", date: false, priority: 0 },
            crd::AGE,
            crd::READY,
            crd::STATUS,
        ],
        spec: crd::Type::of::<GitRepositorySpec>(),
        status: Some(crd::Type::of::<GitRepositoryStatus>()),
        starts_unobserved: true,
    }
}

/// Where the repository is and what of it is wanted.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))", "message": "serviceAccountName can only be set when provider is 'azure' or 'aws'"}
]))]
pub struct GitRepositorySpec {
    /// How often it is reconciled.
    pub interval: Interval,
    /// Address of the repository, over HTTP, HTTPS or SSH.
    #[schemars(regex(pattern = "^(http|https|ssh)://.*$"))]
    pub url: String,
    /// Paths to leave out, in the syntax of .gitignore.
    pub ignore: Option<String>,
    /// Content of other repositories to add.
    pub include: Option<Vec<GitRepositoryInclude>>,
    /// How the service is logged in to.
    pub provider: Option<GitProvider>,
    /// Secret with the address and credentials of a proxy.
    pub proxy_secret_ref: Option<LocalObjectReference>,
    /// Check out submodules too.
    pub recurse_submodules: Option<bool>,
    /// The revision to check out; the branch master when empty.
    pub r#ref: Option<GitReference>,
    /// Secret with the credentials.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Folders to check out (default: all).
    pub sparse_checkout: Option<Vec<String>>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    #[schemars(extend("default" = "60s"))]
    pub timeout: Option<Timeout>,
    /// Which signatures must be good before the content is used.
    pub verify: Option<GitVerification>,
}

/// Content of another repository, put into this artifact.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryInclude {
    /// The repository to take content from.
    pub repository: LocalObjectReference,
    /// What to take; everything when empty.
    pub from_path: Option<String>,
    /// Where to put it; a folder named like the repository when empty.
    pub to_path: Option<String>,
}

/// How the Git server is logged in to.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum GitProvider {
    #[default]
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "aws")]
    Aws,
    #[serde(rename = "azure")]
    Azure,
    #[serde(rename = "github")]
    Github,
}

/// Which signatures must be good.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitVerification {
    /// Secret with the public keys of trusted authors.
    pub secret_ref: LocalObjectReference,
    /// Which Git objects must be signed.
    #[schemars(extend("default" = "HEAD"))]
    pub mode: Option<GitVerificationMode>,
}

/// Which Git objects are verified.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum GitVerificationMode {
    #[serde(rename = "head")]
    HeadLower,
    #[default]
    #[serde(rename = "HEAD")]
    Head,
    Tag,
    TagAndHEAD,
}

/// What was observed of a repository.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryStatus {
    /// The artifact of the last successful reconciliation.
    pub artifact: Option<Artifact>,
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// The artifacts whose content was included.
    pub included_artifacts: Option<Vec<Artifact>>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// The ignore rules that the artifact was built with.
    pub observed_ignore: Option<String>,
    /// The includes that the artifact was built with.
    pub observed_include: Option<Vec<GitRepositoryInclude>>,
    /// Whether the artifact was built with submodules.
    pub observed_recurse_submodules: Option<bool>,
    /// The folders that the artifact was built from.
    pub observed_sparse_checkout: Option<Vec<String>>,
    /// How the artifact was verified.
    pub source_verification_mode: Option<String>,
}
