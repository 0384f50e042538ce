//! `create`: an object from flags, on stdout or into the cluster.

mod common;
mod kustomization;
mod secret_git;
mod source_git;

use crate::cli::Context;
use crate::cli::go_duration;
use crate::cli::group;
use common::SharedArgs;
use common::SourceFlags;
use std::time::Duration;

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
        Source(SourceArgs),
        #[command(alias = "ks")]
        Kustomization(kustomization::KustomizationArgs),
        Secret(SecretArgs),
    }
}

/// Create or update sources
#[derive(clap::Args, Debug)]
struct SourceArgs {
    /// Limit of one fetch; the default of the controller when zero
    #[arg(long, global = true, hide_short_help = true, default_value = "0s", value_parser = go_duration)]
    fetch_timeout: Duration,
    #[command(subcommand)]
    what: Source,
}

group! {
    Source(SourceFlags) {
        Git(source_git::SourceGitArgs),
    }
}

/// Create or update Kubernetes secrets
#[derive(clap::Args, Debug)]
struct SecretArgs {
    #[command(subcommand)]
    what: Secret,
}

group! {
    Secret(SharedArgs) {
        Git(secret_git::SecretGitArgs),
    }
}

impl CreateArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        self.what.run(self.shared, context).await
    }
}

impl SourceArgs {
    async fn run(self, shared: SharedArgs, context: &Context) -> anyhow::Result<()> {
        self.what.run(SourceFlags { shared, fetch_timeout: self.fetch_timeout }, context).await
    }
}

impl SecretArgs {
    async fn run(self, shared: SharedArgs, context: &Context) -> anyhow::Result<()> {
        self.what.run(shared, context).await
    }
}
