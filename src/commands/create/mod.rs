//! `create`: an object from flags, on stdout or into the cluster.

mod common;
mod kustomization;
mod receiver_type;
mod secret;
mod source;

use crate::cli::Context;
use crate::cli::group;
use common::SharedArgs;

/// Create or update sources and resources
#[derive(clap::Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    shared: SharedArgs,
    #[command(subcommand)]
    what: What,
}

group! {
    What(SharedArgs) {
        Source(source::SourceArgs),
        #[command(alias = "ks")]
        Kustomization(kustomization::KustomizationArgs),
        Secret(secret::SecretArgs),
    }
}

impl CreateArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        self.what.run(self.shared, context).await
    }
}
