//! `tag`.

mod artifact;

use crate::cli::CommandContext;
use crate::cli::group;

/// Tag artifacts in a registry
#[derive(clap::Args, Debug)]
pub struct TagArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::TagArtifactArgs),
    }
}

impl TagArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
