//! `bootstrap`: Flux into a repository and from there into the cluster.

mod bitbucket_server;
mod git;
mod gitea;
mod github;
mod gitlab;
mod hosted;
mod shared;
mod signing;

use crate::cli::CommandContext;
use crate::cli::group;
use shared::BootstrapSharedArgs;

// Flags may precede and follow the word of the place.
/// Deploy Flux on a cluster the GitOps way
#[derive(clap::Args, Debug)]
#[command(mut_args(|arg| arg.global(true)))]
pub struct BootstrapArgs {
    #[command(flatten)]
    shared: BootstrapSharedArgs,
    #[command(subcommand)]
    place: Place,
}

// Where the repository is.
group! {
    Place(BootstrapSharedArgs) {
        #[command(name = "github")]
        GitHub(github::GitHubArgs),
        #[command(name = "gitlab")]
        GitLab(gitlab::GitLabArgs),
        Gitea(gitea::GiteaArgs),
        BitbucketServer(bitbucket_server::BitbucketServerArgs),
        Git(git::GitArgs),
    }
}

impl BootstrapArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.place.run(self.shared, context).await
    }
}
