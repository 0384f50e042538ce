//! `create secret githubapp`.

use super::deliver;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::forge::App;
use crate::ops::secret::NewSecret;
use crate::text;
use crate::text::Secret;
use anyhow::Context as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# Credentials of a GitHub App that is installed for an organization
fluxr create secret githubapp app-login --app-id=42 \\
  --app-installation-owner=acme --app-private-key=./app.pem";

/// Create or update a Kubernetes secret for GitHub App authentication
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretGitHubAppArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// ID of the App
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    app_id: String,
    /// User or organization that the App is installed for
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    app_installation_owner: String,
    /// ID of the installation, instead of its owner
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    app_installation_id: String,
    /// File with the private key of the App
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    app_private_key: Option<PathBuf>,
    /// Address of the API, for GitHub Enterprise Server
    #[arg(long)]
    app_base_url: String,
}

impl SecretGitHubAppArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let file = self.app_private_key.unwrap_or_default();
        let key = text::read_lossy(&file).context("unable to read private key file")?;
        anyhow::ensure!(!self.app_id.is_empty(), "githubAppID is required");
        anyhow::ensure!(!key.is_empty(), "githubAppPrivateKey is required");
        anyhow::ensure!(
            self.app_installation_owner.is_empty() != self.app_installation_id.is_empty(),
            "exactly one of githubAppInstallationOwner or githubAppInstallationID must be provided"
        );
        let mut secret = NewSecret::of_type("Opaque").with(App::KEY, Secret::new(key));
        for (field, value) in [
            (App::ID, &self.app_id),
            (App::OWNER, &self.app_installation_owner),
            (App::INSTALLATION, &self.app_installation_id),
            (App::API, &self.app_base_url),
        ] {
            if !value.is_empty() {
                secret = secret.with(field, value.as_str());
            }
        }
        // As upstream, without the labels.
        deliver(context, &shared, name, "githubapp", &secret).await
    }
}
