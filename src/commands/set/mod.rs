//! `set`.

mod version;

use crate::cli::CommandContext;
use crate::cli::group;

/// Change fields of manifests in Git
#[derive(clap::Args, Debug)]
pub struct SetArgs {
    #[command(subcommand)]
    what: What,
}

group! {
    What(()) {
        Version(version::SetVersionArgs),
    }
}

impl SetArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run((), context).await
    }
}
