//! `create secret oci`.

use super::deliver;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::oci;
use crate::ops::secret::NewSecret;
use crate::text::Secret;

const EXAMPLES: &str = "\
# User and token of a container registry
fluxr create secret oci registry-login --url=ghcr.io/acme/app \\
  --username=ada --password-file=./token";

/// Create or update a Kubernetes secret for OCI registry authentication
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretOciArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// Address of the repository in the registry, without a scheme
    #[arg(long)]
    url: String,
    /// User of the registry
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of the registry
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
}

impl SecretOciArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.url.is_empty(), "--url is required");
        anyhow::ensure!(!self.username.is_empty(), "--username is required");
        let password = self.password.unwrap_or_default();
        anyhow::ensure!(!password.is_empty(), "--password is required");
        anyhow::ensure!(
            oci::is_reference(&self.url),
            "error parsing url: 'could not parse reference: {}'",
            self.url
        );
        // As upstream, without the labels.
        let secret = NewSecret::registry(&self.url, &self.username, &password);
        deliver(context, &shared, name, "oci", &secret).await
    }
}
