//! `pull`.

mod artifact;

use crate::cli::CommandContext;
use crate::cli::group;

/// Pull artifacts from a registry
#[derive(clap::Args, Debug)]
pub struct PullArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::PullArtifactArgs),
    }
}

impl PullArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
