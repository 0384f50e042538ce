//! `build`.

mod artifact;
mod kustomization;

use crate::cli::CommandContext;
use crate::cli::group;

/// Build artifacts and Kustomizations
#[derive(clap::Args, Debug)]
pub struct BuildArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::BuildArtifactArgs),
        #[command(visible_aliases = ["ks"])]
        Kustomization(kustomization::BuildKustomization),
    }
}

impl BuildArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
