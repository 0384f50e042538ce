//! `bootstrap gitea`.

use super::hosted::HostedArgs;
use super::hosted::PrivateArgs;
use super::shared::BootstrapSharedArgs;
use crate::cli::CommandContext;
use crate::forge::gitea::Gitea;

const EXAMPLES: &str = "\
# Connect the cluster with a repository of an organization, which is created
# if need be; GITEA_TOKEN holds a token
fluxr bootstrap gitea --owner=acme --repository=fleet \\
  --path=clusters/production";

/// Deploy Flux on a cluster connected to a Gitea repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GiteaArgs {
    #[command(flatten)]
    hosted: HostedArgs<Gitea>,
    #[command(flatten)]
    private: PrivateArgs,
}

impl GiteaArgs {
    pub(super) async fn run(
        self,
        shared: BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        self.hosted.run(self.private.choices(), &shared, context).await
    }
}
