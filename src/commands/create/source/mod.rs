//! `create source`: one file per kind of source.

mod bucket;
mod chart;
mod git;
mod helm;
mod oci;
mod verification;

use crate::cli::CommandContext;
use crate::cli::go_duration;
use crate::cli::group;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::common::SourceFlags;
use std::time::Duration;

/// Create or update sources
#[derive(clap::Args, Debug)]
pub(super) struct SourceArgs {
    /// Time limit of one fetch (0: the default of the controller)
    #[arg(long, global = true, hide_short_help = true, default_value = "0s", value_parser = go_duration)]
    fetch_timeout: Duration,
    #[command(subcommand)]
    what: Source,
}

group! {
    Source(SourceFlags) {
        Git(git::SourceGitArgs),
        Bucket(bucket::SourceBucketArgs),
        Helm(helm::SourceHelmArgs),
        Chart(chart::SourceChartArgs),
        Oci(oci::SourceOciArgs),
    }
}

impl SourceArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run(SourceFlags { shared, fetch_timeout: self.fetch_timeout }, context).await
    }
}
