//! `create secret tls`.

use super::deliver;
use super::tls_args::TlsArgs;
use crate::cli::CommandContext;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::ops::secret::NewSecret;

const EXAMPLES: &str = "\
# Client certificate and authority, encrypted before they are committed
fluxr create secret tls registry-tls --tls-crt-file=./client.crt \\
  --tls-key-file=./client.key --ca-crt-file=./ca.crt --export > tls.yaml";

/// Create or update a Kubernetes secret with TLS certificates
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretTlsArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    #[command(flatten)]
    tls: TlsArgs,
}

impl SecretTlsArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let labels = shared.labels()?;
        let files = self.tls.read()?;
        let secret = NewSecret::tls(&files.certificate, &files.key, &files.authority)?;
        deliver(context, &shared, name, "tls", &secret.with_labels(labels)).await
    }
}
