//! `diff`.

mod artifact;

use crate::cli::Context;
use crate::cli::group;

/// Compare with artifacts in a registry
#[derive(clap::Args, Debug)]
pub struct DiffArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Artifact(artifact::DiffArtifactArgs),
    }
}

impl DiffArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
