//! `bootstrap github`.

use super::hosted::HostedArgs;
use super::hosted::PrivateArgs;
use super::shared::BootstrapSharedArgs;
use crate::cli::CommandContext;
use crate::forge::github::GitHub;

const EXAMPLES: &str = "\
# Connect the cluster with a repository of an organization, which is created
# if need be; GITHUB_TOKEN holds a token with the scope repo
fluxr bootstrap github --owner=acme --repository=fleet \\
  --path=clusters/production
# What would that do to a repository of your own?
fluxr bootstrap github --owner=ada --personal --repository=fleet \\
  --path=clusters/production --dry-run";

/// Deploy Flux on a cluster connected to a GitHub repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GitHubArgs {
    #[command(flatten)]
    hosted: HostedArgs<GitHub>,
    #[command(flatten)]
    private: PrivateArgs,
}

impl GitHubArgs {
    pub(super) async fn run(
        self,
        shared: BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        self.hosted.run(self.private.choices(), &shared, context).await
    }
}
