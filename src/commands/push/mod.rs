//! `push`.

mod artifact;

use crate::cli::CommandContext;
use crate::cli::group;

/// Push artifacts to a registry
#[derive(clap::Args, Debug)]
pub struct PushArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::PushArtifactArgs),
    }
}

impl PushArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
