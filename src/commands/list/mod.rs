//! `list`.

mod artifacts;

use crate::cli::CommandContext;
use crate::cli::group;

/// List artifacts in a registry
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifacts(artifacts::ListArtifactsArgs),
    }
}

impl ListArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
