//! `create alert-provider`.

use super::common;
use super::common::SharedArgs;
use super::fields;
use super::fields::some;
use crate::api::notification::provider::PROVIDER;
use crate::api::notification::provider::ProviderSpec;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::ops::create::Manner;

const EXAMPLES: &str = "\
# A channel of a chat, whose webhook is in a Secret
fluxr create alert-provider chat --type=slack --channel=deployments \\
  --secret-ref=chat-webhook
# The status of commits on GitHub, written to a file that can be committed
fluxr create alert-provider commits --type=github \\
  --address=https://github.com/acme/app --secret-ref=token \\
  --export > provider.yaml";

/// Create or update a Provider resource
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AlertProviderArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&PROVIDER))]
    name: Vec<String>,
    /// The service: slack, msteams, github, gitlab, alertmanager, generic or another one that the controller knows
    #[arg(long)]
    r#type: String,
    /// Channel that messages go to
    #[arg(long)]
    channel: String,
    /// Name that messages are sent under
    #[arg(long)]
    username: String,
    /// Address of the webhook, of the repository or of the service
    #[arg(long)]
    address: String,
    /// Secret with the address or the token of the service
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
}

impl AlertProviderArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.r#type.is_empty(), "Provider type is required");
        let labels = shared.labels()?;
        shared.announce(context, PROVIDER.kind);
        let spec = ProviderSpec {
            r#type: self.r#type.as_str().into(),
            channel: some(&self.channel),
            username: some(&self.username),
            address: some(&self.address),
            secret_ref: fields::reference(&self.secret_ref),
            ..ProviderSpec::default()
        };
        let object = common::object(&PROVIDER, name, &context.namespace, labels, &spec)?;
        let manner = Manner::ready(PROVIDER.kind, name);
        common::export_or_apply(&shared, context, &PROVIDER, &object, &manner).await.map(drop)
    }
}
