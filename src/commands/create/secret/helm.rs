//! `create secret helm`.

use super::deliver;
use super::tls_args::TlsArgs;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::ops::secret::NewSecret;
use crate::text::Secret;

const EXAMPLES: &str = "\
# User and password of a chart repository
fluxr create secret helm charts --username=ada --password-file=./password";

/// Create or update a Kubernetes secret for Helm repository authentication
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretHelmArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// User of basic authentication
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of basic authentication
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
    #[command(flatten)]
    tls: TlsArgs,
}

impl SecretHelmArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let labels = shared.labels()?;
        let files = self.tls.read()?;
        let password = self.password.unwrap_or_default();
        let secret =
            NewSecret::helm(&self.username, &password, &files.certificate, &files.key, &files.authority)?;
        deliver(context, &shared, name, "helm", &secret.with_labels(labels)).await
    }
}
