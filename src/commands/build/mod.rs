//! `build`.

mod artifact;

use crate::cli::Context;
use crate::cli::group;

/// Build artifacts
#[derive(clap::Args, Debug)]
pub struct BuildArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::BuildArtifactArgs),
    }
}

impl BuildArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
