//! `pull`.

mod artifact;

use crate::cli::Context;
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
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
