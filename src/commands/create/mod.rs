//! `create`: an object from flags, on stdout or into the cluster.

mod common;
mod kustomization;
mod secret_git;
mod source_git;

use crate::cli::Context;
use crate::cli::go_duration;
use common::SharedArgs;
use kustomization::KustomizationArgs;
use secret_git::SecretGitArgs;
use source_git::SourceGitArgs;
use std::time::Duration;

/// Create or update sources and resources
#[derive(clap::Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    shared: SharedArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Create or update sources
    Source(SourceArgs),
    #[command(alias = "ks")]
    Kustomization(KustomizationArgs),
    /// Create or update Kubernetes secrets
    Secret(SecretArgs),
}

#[derive(clap::Args, Debug)]
struct SourceArgs {
    /// Limit of one fetch; the default of the controller when zero
    #[arg(long, global = true, hide_short_help = true, default_value = "0s", value_parser = go_duration)]
    fetch_timeout: Duration,
    #[command(subcommand)]
    kind: Source,
}

#[derive(clap::Subcommand, Debug)]
enum Source {
    Git(SourceGitArgs),
}

#[derive(clap::Args, Debug)]
struct SecretArgs {
    #[command(subcommand)]
    kind: SecretKind,
}

#[derive(clap::Subcommand, Debug)]
enum SecretKind {
    Git(SecretGitArgs),
}

impl CreateArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        match self.what {
            What::Source(SourceArgs { fetch_timeout, kind: Source::Git(args) }) => {
                args.run(self.shared, fetch_timeout, context).await
            }
            What::Kustomization(args) => args.run(self.shared, context).await,
            What::Secret(SecretArgs { kind: SecretKind::Git(args) }) => args.run(self.shared, context).await,
        }
    }
}
