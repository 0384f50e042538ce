//! `bootstrap bitbucket-server`.

use super::hosted::Choices;
use super::hosted::HostedArgs;
use super::hosted::PrivateArgs;
use super::shared::BootstrapSharedArgs;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::forge::bitbucket::BitbucketServer;
use crate::text::WithHint as _;

const EXAMPLES: &str = "\
# Connect the cluster with a repository of a project, which is created if need
# be; BITBUCKET_TOKEN holds an HTTP access token of ada
fluxr bootstrap bitbucket-server --hostname=bitbucket.example.com \\
  --owner=acme --username=ada --repository=fleet --path=clusters/production";

/// Deploy Flux on a cluster connected to a Bitbucket Server repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BitbucketServerArgs {
    #[command(flatten)]
    hosted: HostedArgs<BitbucketServer>,
    #[command(flatten)]
    private: PrivateArgs,
    /// User that the token belongs to
    #[arg(long, short = 'u', default_value = "git", help_heading = help_text::AUTHENTICATION)]
    username: String,
}

impl BitbucketServerArgs {
    pub(super) async fn run(
        self,
        shared: BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        if self.hosted.hostname().is_empty() {
            return Err(anyhow::anyhow!("invalid hostname \"\"")).hint("name the server with --hostname");
        }
        let choices = Choices { username: Some(&self.username), ..self.private.choices() };
        self.hosted.run(choices, &shared, context).await
    }
}
