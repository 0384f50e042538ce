//! `create secret`: one file per use of a Secret.

mod deliver;
mod git;
mod githubapp;
mod helm;
mod notation;
mod oci;
mod proxy;
mod receiver;
mod tls;
mod tls_args;

use crate::cli::CommandContext;
use crate::cli::group;
use crate::commands::create::common::SharedArgs;
use deliver::deliver;

/// Create or update Kubernetes secrets
#[derive(clap::Args, Debug)]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    what: Secret,
}

group! {
    Secret(SharedArgs) {
        Git(git::SecretGitArgs),
        #[command(name = "githubapp")]
        GitHubApp(githubapp::SecretGitHubAppArgs),
        Helm(helm::SecretHelmArgs),
        Notation(notation::SecretNotationArgs),
        Oci(oci::SecretOciArgs),
        Proxy(proxy::SecretProxyArgs),
        Receiver(receiver::SecretReceiverArgs),
        Tls(tls::SecretTlsArgs),
    }
}

impl SecretArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run(shared, context).await
    }
}
