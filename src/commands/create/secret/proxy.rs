//! `create secret proxy`.

use super::deliver;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::ops::secret::NewSecret;
use crate::text::GoUrl;
use crate::text::Secret;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# Address and credentials of an HTTP proxy
fluxr create secret proxy web-proxy --address=https://proxy.example.com \\
  --username=ada --password-file=./password";

/// Create or update a Kubernetes secret for proxy authentication
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretProxyArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// Address of the proxy
    #[arg(long)]
    address: String,
    /// User of the proxy
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of the proxy
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
}

impl SecretProxyArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let labels = shared.labels()?;
        anyhow::ensure!(!self.address.is_empty(), "address is required");
        GoUrl::parse(&self.address).context("invalid proxy address")?;
        let mut secret = NewSecret::of_type("Opaque").with("address", self.address);
        if !self.username.is_empty() {
            secret = secret.with("username", self.username);
        }
        if let Some(password) = self.password.filter(|password| !password.is_empty()) {
            secret = secret.with("password", password);
        }
        deliver(context, &shared, name, "proxy", &secret.with_labels(labels)).await
    }
}
