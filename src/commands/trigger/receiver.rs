//! `trigger receiver`.

use crate::cli::CommandContext;
use crate::cli::go_duration;
use crate::cli::go_int;
use crate::cli::help_text;
use crate::cli::one_word;
use crate::ops;
use crate::ops::trigger::Proof;
use crate::ops::trigger::Trigger;
use crate::text::Secret;
use crate::text::quoted;
use std::time::Duration;

const GENERIC: &str = "generic";
const HMAC: &str = "generic-hmac";
const OIDC: &str = "generic-oidc";
const PROVIDERS: [&str; 2] = ["github", "forgejo"];
/// Where a token is looked for that no flag gives.
const TOKEN_VARIABLE: &str = "FLUX_TRIGGER_RECEIVER_OIDC_TOKEN";

const EXAMPLES: &str = "\
# Call the webhook of a Receiver
fluxr trigger receiver app --url=https://flux-webhook.example.com \\
  --token-file=./token
# With a signature of the payload
fluxr trigger receiver app --url=https://flux-webhook.example.com \\
  --token-file=./token --type=generic-hmac --payload='{\"tag\":\"v1.2.3\"}'
# From a workflow of GitHub that has the permission `id-token: write`
fluxr trigger receiver app --url=https://flux-webhook.example.com \\
  --type=generic-oidc --oidc-provider=github";

/// Call the webhook of a Receiver; no access to the cluster is needed
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TriggerReceiverArgs {
    /// Name of the Receiver
    #[arg(value_name = "name", num_args = 0..)]
    name: Vec<String>,
    /// Address of the webhooks of notification-controller, which may have a path
    #[arg(long)]
    url: String,
    /// Type of the Receiver: generic, generic-hmac or generic-oidc
    #[arg(long, default_value = GENERIC)]
    r#type: String,
    /// Token of the Receiver; one of the type generic-oidc has none
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    token: Option<Secret>,
    /// Who issues the OIDC token: the workflow that runs at github or forgejo
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    oidc_provider: String,
    /// OIDC token, instead of --oidc-provider; else that of FLUX_TRIGGER_RECEIVER_OIDC_TOKEN
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    oidc_token: Option<Secret>,
    /// Audience of the OIDC token (default: notification-controller)
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    oidc_audience: String,
    /// Body of the call, in JSON
    #[arg(long, default_value = "{}")]
    payload: String,
    /// Number of retries after failures that may pass
    #[arg(long, default_value = "10", value_parser = go_int)]
    retries: i64,
    /// Pause before another call
    #[arg(long, default_value = "10s", value_parser = go_duration)]
    retry_delay: Duration,
}

impl TriggerReceiverArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let name = one_word(&self.name)?.to_owned();
        anyhow::ensure!(!self.url.is_empty(), "--url is required");
        let proof = self.proof(context)?;
        let wanted = Trigger {
            url: self.url,
            namespace: context.namespace.clone(),
            name,
            proof,
            payload: self.payload,
            retries: self.retries,
            pause: self.retry_delay,
            proxy: context.proxy(),
        };
        ops::trigger::trigger(&context.ui, context.deadline, &wanted).await
    }

    /// What shows that the call is allowed.
    fn proof(&self, context: &CommandContext) -> anyhow::Result<Proof> {
        let some = |secret: &Option<Secret>| secret.clone().filter(|secret| !secret.is_empty());
        let (token, oidc_token) = (some(&self.token), some(&self.oidc_token));
        let kind = self.r#type.as_str();
        anyhow::ensure!(
            [GENERIC, HMAC, OIDC].contains(&kind),
            "invalid --type {}, must be one of: {GENERIC}, {HMAC}, {OIDC}",
            quoted(kind)
        );
        let has_provider = !self.oidc_provider.is_empty();
        if kind != OIDC {
            let token = token.ok_or_else(|| anyhow::anyhow!("--token is required for --type={kind}"))?;
            anyhow::ensure!(
                !has_provider && oidc_token.is_none() && self.oidc_audience.is_empty(),
                "--oidc-provider, --oidc-token and --oidc-audience can only be set for --type={OIDC}"
            );
            return Ok(if kind == HMAC { Proof::Signature(token) } else { Proof::Path(token) });
        }
        anyhow::ensure!(
            token.is_none(),
            "--token must not be set for --type={OIDC}, the Receiver of this type has no secret"
        );
        anyhow::ensure!(
            !has_provider || oidc_token.is_none(),
            "--oidc-provider and --oidc-token are mutually exclusive"
        );
        anyhow::ensure!(
            !has_provider || PROVIDERS.contains(&self.oidc_provider.as_str()),
            "invalid --oidc-provider {}, must be one of: {}",
            quoted(&self.oidc_provider),
            PROVIDERS.join(", ")
        );
        anyhow::ensure!(
            self.oidc_audience.is_empty() || has_provider,
            "--oidc-audience can only be set together with --oidc-provider"
        );
        if has_provider {
            return Proof::of_workflow(|name| context.env.get(name), &self.oidc_audience);
        }
        let of_environment = || context.env.non_empty(TOKEN_VARIABLE).map(Secret::new);
        match oidc_token.or_else(of_environment) {
            Some(token) => {
                context.ui.redact(&token);
                Ok(Proof::Issued(token))
            }
            None => anyhow::bail!(
                "no OIDC token provided: set --oidc-provider, --oidc-token or the {TOKEN_VARIABLE} environment variable"
            ),
        }
    }
}
