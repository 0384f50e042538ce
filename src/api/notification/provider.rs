//! Provider: a service that receives events.

use crate::api::columns;
use crate::api::crd;
use crate::api::meta::Interval;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::Timeout;
use crate::api::pinned::Pinned;
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
use serde_with::skip_serializing_none;

/// Everything the verbs know about it.
pub static PROVIDER: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1beta3",
    kind: "Provider",
    plural: "providers",
    noun: Noun {
        one: &["alert-provider"],
        one_aliases: &[],
        many: &["alert-providers"],
        many_aliases: &["alert-provider"],
        label: "alert provider",
        short: &[],
    },
    place: 130,
    columns: &[columns::NAME, columns::READY, columns::WHOLE_MESSAGE],
    readiness: |_| Readiness::Static("Provider is Ready"),
    suspension: Suspension::Field,
    written: &[],
    roles: &[],
    controller: "notification-controller",
    verbs: Verbs { reconcile: false, ..Verbs::ALL },
    reconciling: Reconciling::PLAIN,
    place_in_stats: Some(9),
    outcome: |_| "Provider reconciliation completed".to_owned(),
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
        kind: &PROVIDER,
        category: "fluxcd-notifications",
        columns: &[crd::AGE],
        spec: crd::Type::of::<ProviderSpec>(),
        status: None,
        starts_unobserved: false,
    }
}

/// Where events are sent to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)", "message": "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types"}
]))]
pub struct ProviderSpec {
    /// The service that is notified.
    pub r#type: Word<ProviderType>,
    /// Address that events are posted to.
    #[schemars(length(max = 2048))]
    pub address: Option<String>,
    /// Secret with the TLS certificates (`ca.crt`, `tls.crt`, `tls.key`).
    pub cert_secret_ref: Option<LocalObjectReference>,
    /// Channel that messages go to.
    #[schemars(length(max = 2048))]
    pub channel: Option<String>,
    /// CEL expression that makes the name of the commit status.
    pub commit_status_expr: Option<String>,
    /// Unused; kept so that older objects are still accepted.
    pub interval: Option<Interval>,
    /// Address of a proxy; `proxySecretRef` says it better.
    #[schemars(regex(pattern = "^(http|https)://.*$"), length(max = 2048))]
    pub proxy: Option<String>,
    /// Secret with the address and credentials of a proxy.
    pub proxy_secret_ref: Option<LocalObjectReference>,
    /// Secret with the address or token of the service.
    pub secret_ref: Option<LocalObjectReference>,
    /// ServiceAccount whose identity is used.
    pub service_account_name: Option<String>,
    /// Send nothing until this is unset.
    pub suspend: Option<bool>,
    /// Limit of one operation.
    pub timeout: Option<Timeout>,
    /// Name that messages are sent under.
    #[schemars(length(max = 2048))]
    pub username: Option<String>,
}

/// The service that is notified.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub enum ProviderType {
    #[default]
    #[serde(rename = "slack")]
    Slack,
    #[serde(rename = "discord")]
    Discord,
    #[serde(rename = "msteams")]
    Msteams,
    #[serde(rename = "rocket")]
    Rocket,
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "generic-hmac")]
    GenericHmac,
    #[serde(rename = "github")]
    Github,
    #[serde(rename = "gitlab")]
    Gitlab,
    #[serde(rename = "gitea")]
    Gitea,
    #[serde(rename = "giteapullrequestcomment")]
    Giteapullrequestcomment,
    #[serde(rename = "bitbucketserver")]
    Bitbucketserver,
    #[serde(rename = "bitbucket")]
    Bitbucket,
    #[serde(rename = "azuredevops")]
    Azuredevops,
    #[serde(rename = "googlechat")]
    Googlechat,
    #[serde(rename = "googlepubsub")]
    Googlepubsub,
    #[serde(rename = "webex")]
    Webex,
    #[serde(rename = "sentry")]
    Sentry,
    #[serde(rename = "azureeventhub")]
    Azureeventhub,
    #[serde(rename = "telegram")]
    Telegram,
    #[serde(rename = "lark")]
    Lark,
    #[serde(rename = "matrix")]
    Matrix,
    #[serde(rename = "opsgenie")]
    Opsgenie,
    #[serde(rename = "alertmanager")]
    Alertmanager,
    #[serde(rename = "grafana")]
    Grafana,
    #[serde(rename = "githubdispatch")]
    Githubdispatch,
    #[serde(rename = "githubpullrequestcomment")]
    Githubpullrequestcomment,
    #[serde(rename = "gitlabmergerequestcomment")]
    Gitlabmergerequestcomment,
    #[serde(rename = "pagerduty")]
    Pagerduty,
    #[serde(rename = "datadog")]
    Datadog,
    #[serde(rename = "nats")]
    Nats,
    #[serde(rename = "zulip")]
    Zulip,
    #[serde(rename = "otel")]
    Otel,
}
