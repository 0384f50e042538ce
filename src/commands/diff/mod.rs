//! `diff`.

mod artifact;
mod document;
mod kustomization;
mod lines;
mod markdown;

use crate::cli::CommandContext;
use crate::cli::group;

/// Compare with a cluster, or with artifacts in a registry
#[derive(clap::Args, Debug)]
pub struct DiffArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::DiffArtifactArgs),
        #[command(visible_aliases = ["ks"])]
        Kustomization(kustomization::DiffKustomization),
    }
}

impl DiffArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
