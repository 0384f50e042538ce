//! ImageUpdateAutomation: new image tags written to Git.

use crate::api::columns;
use crate::api::crd;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::api::meta::Condition;
use crate::api::meta::GitReference;
use crate::api::meta::ImageRef;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Timestamp;
use crate::api::object;
use crate::api::pinned::Pinned;
use crate::api::reference::Reference;
use crate::api::reference::ReferenceTarget;
use crate::api::reference::Relation;
use crate::api::resource::Events;
use crate::api::resource::Kind;
use crate::api::resource::Noun;
use crate::api::resource::Readiness;
use crate::api::resource::Reconciling;
use crate::api::resource::Role;
use crate::api::resource::Suspension;
use crate::api::resource::Verbs;
use crate::api::source::git_repository::GIT_REPOSITORY;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

/// Everything the verbs know about it.
pub static IMAGE_UPDATE_AUTOMATION: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImageUpdateAutomation",
    plural: "imageupdateautomations",
    noun: Noun {
        one: &["image", "update"],
        one_aliases: &[],
        many: &["images", "update"],
        many_aliases: &[],
        label: "image update automation",
        short: &["iua", "imgupd", "imgauto"],
    },
    place: 90,
    columns: &[
        columns::NAME,
        columns::column("last run", |_, object| last_run(object)),
        columns::SUSPENDED,
        columns::READY,
        columns::WHOLE_MESSAGE,
    ],
    readiness: |_| Readiness::Conditions,
    suspension: Suspension::Field,
    written: &[],
    roles: &[Role::GitClient, Role::GitWriter],
    controller: "image-automation-controller",
    verbs: Verbs::ALL,
    reconciling: Reconciling { after: Some("ImagePolicy"), ..Reconciling::PLAIN },
    place_in_stats: Some(11),
    outcome: ran,
    source: columns::spec_source,
    refers: references,
    past: None,
    pinned: Pinned::Nothing,
    events: Events::Own,
    stage: None,
};

/// Its CustomResourceDefinition, made from the types below.
pub fn definition() -> crd::Definition {
    crd::Definition {
        kind: &IMAGE_UPDATE_AUTOMATION,
        category: "fluxcd-images",
        columns: &[
            crd::READY,
            crd::STATUS,
            crd::PrinterColumn {
                name: "Last run",
                json_path: ".status.lastAutomationRunTime",
                date: false,
                priority: 1,
            },
            crd::AGE,
        ],
        spec: crd::Type::of::<ImageUpdateAutomationSpec>(),
        status: Some(crd::Type::of::<ImageUpdateAutomationStatus>()),
        starts_unobserved: true,
    }
}

/// The repository that it writes to, and the policies that it reads.
fn references(object: &Value) -> Vec<Reference> {
    let repository = columns::spec_source(object).map(|mut id| {
        // The API server adds the only kind that is possible.
        if id.kind.is_empty() {
            id.kind = GIT_REPOSITORY.kind.to_owned();
        }
        Reference::one(Relation::Updates, id)
    });
    let policies = ReferenceTarget::Labelled {
        kind: IMAGE_POLICY.kind.to_owned(),
        namespace: object::namespace(object).to_owned(),
        selector: object.pointer("/spec/policySelector").cloned().unwrap_or_default(),
    };
    repository.into_iter().chain([Reference { relation: Relation::Policy, to: policies }]).collect()
}

fn last_run(object: &Value) -> String {
    columns::local_time(object, "/status/lastAutomationRunTime")
}

/// The message of the Ready condition; before there is one, when it last ran.
fn ran(object: &Value) -> String {
    match (object::condition(object, "Ready"), last_run(object)) {
        (Some(ready), _) => object::text(ready, "/message").to_owned(),
        (None, moment) if moment.is_empty() => "automation not yet run".to_owned(),
        (None, moment) => format!("last run {moment}"),
    }
}

/// Where images are updated in Git.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageUpdateAutomationSpec {
    /// How often it is reconciled.
    pub interval: Interval,
    /// The repository that is written to.
    pub source_ref: AutomationSource,
    /// How Git is read and written.
    pub git: Option<AutomationGit>,
    /// Which policies are used; all in the namespace when empty.
    pub policy_selector: Option<PolicySelector>,
    /// Pause reconciliation until this is unset.
    pub suspend: Option<bool>,
    /// How files are changed.
    #[schemars(extend("default" = {"strategy": "Setters"}))]
    pub update: Option<Update>,
}

/// The repository to write to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutomationSource {
    /// Which kind of source it is.
    #[schemars(extend("default" = "GitRepository"))]
    pub kind: AutomationSourceKind,
    /// Name of the object.
    pub name: String,
    /// API version of the object.
    pub api_version: Option<String>,
    /// Namespace of the object; this one when empty.
    pub namespace: Option<String>,
}

/// The kinds that can be written to.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum AutomationSourceKind {
    #[default]
    GitRepository,
}

/// How Git is read and written.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutomationGit {
    /// What the commits look like.
    pub commit: CommitSpec,
    /// What is checked out; what the source says when empty.
    pub checkout: Option<Checkout>,
    /// Where the commits go; the branch checked out when empty.
    pub push: Option<Push>,
}

/// What the commits look like.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitSpec {
    /// Who the commits are from.
    pub author: CommitAuthor,
    /// Go template of the commit message.
    pub message_template: Option<String>,
    /// Values for the template.
    pub message_template_values: Option<BTreeMap<String, String>>,
    /// What the commits are signed with.
    pub signing_key: Option<SigningKey>,
}

/// Who the commits are from.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitAuthor {
    /// Address of the author.
    pub email: String,
    /// Name of the author.
    pub name: Option<String>,
}

/// What the commits are signed with.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// Secret with the signing key and its passphrase.
    pub secret_ref: LocalObjectReference,
    /// The kind of the key.
    pub r#type: Option<SigningKeyType>,
}

/// The kind of a signing key.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum SigningKeyType {
    #[default]
    #[serde(rename = "gpg")]
    Gpg,
    #[serde(rename = "ssh")]
    Ssh,
}

/// What is checked out before the update.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkout {
    /// The revision to start from.
    pub r#ref: GitReference,
}

/// Where the commits are pushed to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Push {
    /// Branch to push to; the one checked out when empty.
    pub branch: Option<String>,
    /// Push options for the server.
    pub options: Option<BTreeMap<String, String>>,
    /// Refspec to push; may go together with a branch.
    #[schemars(regex(pattern = "^$|^[^+:]"))]
    pub refspec: Option<String>,
}

/// Which image policies count, by their labels.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct PolicySelector {
    /// Requirements on labels, all of them.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub match_expressions: Option<Vec<LabelExpression>>,
    /// Labels that the objects must carry, all of them.
    pub match_labels: Option<BTreeMap<String, String>>,
}

/// A requirement on one label.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelExpression {
    /// Key of the label.
    pub key: String,
    /// How the label relates to the values.
    pub operator: String,
    /// Values of the label.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub values: Option<Vec<String>>,
}

/// How files are changed.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// Folder to look for markers in; the root when empty.
    pub path: Option<String>,
    /// The way of changing files.
    #[schemars(extend("default" = "Setters"))]
    pub strategy: Option<UpdateStrategy>,
}

/// The way of changing files.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum UpdateStrategy {
    #[default]
    Setters,
}

/// What was observed of an automation.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageUpdateAutomationStatus {
    /// Conditions of the object.
    pub conditions: Option<Vec<Condition>>,
    /// When the automation last ran.
    pub last_automation_run_time: Option<Timestamp>,
    /// The last request to reconcile that was acted on.
    pub last_handled_reconcile_at: Option<String>,
    /// The commit last pushed.
    pub last_push_commit: Option<String>,
    /// When it was pushed.
    pub last_push_time: Option<Timestamp>,
    /// The generation of the spec that was last reconciled.
    pub observed_generation: Option<i64>,
    /// The policies that were used, with the images they chose.
    pub observed_policies: Option<BTreeMap<String, ImageRef>>,
    /// Revision of the source last used.
    pub observed_source_revision: Option<String>,
}
