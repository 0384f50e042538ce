//! `create secret receiver`.

use super::deliver;
use crate::api::notification::receiver::RECEIVER;
use crate::api::notification::receiver::ReceiverType;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::receiver_type::TYPES;
use crate::commands::create::receiver_type::receiver_type;
use crate::ops::secret::NewSecret;
use crate::ops::secret::random_token;
use crate::ops::secret::webhook_path;
use crate::text::Secret;

const EXAMPLES: &str = "\
# Token and address of a webhook of GitHub
fluxr create secret receiver webhook --type=github --hostname=flux.example.com
# With a token that is there already
fluxr create secret receiver webhook --type=github \\
  --hostname=flux.example.com --token-file=./token";

/// Create or update a Kubernetes secret for a Receiver webhook
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretReceiverArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// Type of the Receiver
    #[arg(long, value_parser = receiver_type, value_name = TYPES)]
    r#type: Option<ReceiverType>,
    /// Token of the webhook (default: a random one)
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    token: Option<Secret>,
    /// Host under which the webhook is reached
    #[arg(long)]
    hostname: String,
    /// Email address of the service account that calls, for the type gcr
    #[arg(long)]
    email_claim: String,
    /// Audience of the tokens that are accepted, for the type gcr (default: the address of the webhook)
    #[arg(long)]
    audience_claim: String,
}

impl SecretReceiverArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let Some(kind) = self.r#type else { anyhow::bail!("--type is required") };
        anyhow::ensure!(!self.hostname.is_empty(), "--hostname is required");
        let is_gcr = kind == ReceiverType::Gcr;
        anyhow::ensure!(
            !is_gcr || !self.email_claim.is_empty(),
            "--email-claim is required for gcr receiver type"
        );
        let labels = shared.labels()?;
        let token = match self.token.filter(|token| !token.is_empty()) {
            Some(token) => token,
            None => random_token()?,
        };
        let path = webhook_path(&token, name, &context.namespace);
        let url = format!("https://{}{path}", self.hostname);
        let mut secret =
            NewSecret::default().with_labels(labels).with_annotation(&RECEIVER.mark("webhook"), url.clone());
        if is_gcr {
            let audience = if self.audience_claim.is_empty() { &url } else { &self.audience_claim };
            secret = secret.with("email", self.email_claim.as_str()).with("audience", audience.as_str());
        }
        deliver(context, &shared, name, "receiver", &secret.with("token", token)).await
    }
}
