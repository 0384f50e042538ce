//! `migrate`: objects in the versions of their APIs that Flux wants, in a cluster or in files.

use crate::api::RELEASES;
use crate::cli::CommandContext;
use crate::cli::NO_WORDS;
use crate::cli::completion;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::ops::migrate;
use crate::ops::migrate::FilesRequest;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# After an upgrade of Flux: write every object in its present version
fluxr migrate
# Bring the manifests of a folder to the versions of this release
fluxr migrate -f ./clusters
# Those of a repository that is still at an older release, without a question
fluxr migrate -f . --version=2.7 --yes";

/// Bring objects to the present versions of their APIs, in the cluster or in files
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(id = NO_WORDS)]
pub struct MigrateArgs {
    /// File or folder of manifests to change, within the working directory, instead of the cluster
    #[arg(long, value_hint = clap::ValueHint::AnyPath, short = 'f')]
    path: String,
    /// File extensions to consider
    #[arg(long, short = 'e', default_value = ".yaml,.yml", value_parser = items)]
    extensions: Vec<Items>,
    /// Minor release of Flux whose versions files are brought to (default: the present one)
    #[arg(long, short = 'v', add = completion::words(RELEASES))]
    version: String,
    /// Change files without being asked
    #[arg(long, short = 'y')]
    yes: bool,
    /// Show what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl MigrateArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        if self.path.is_empty() {
            context.ui.action("starting migration of custom resources");
            return migrate::migrate_cluster(&context.session().await?, self.dry_run).await;
        }
        let release = if self.version.is_empty() { RELEASES[0] } else { self.version.as_str() };
        let known = RELEASES.iter().find(|known| **known == release);
        let release = known.with_context(|| {
            format!("version {release} is not supported, supported versions are: {}", RELEASES.join(", "))
        })?;
        let request = FilesRequest {
            path: self.path,
            extensions: list_flag::all(&self.extensions),
            release,
            dry_run: self.dry_run,
            yes: self.yes,
        };
        migrate::migrate_files(&context.ui, &request).await
    }
}
