//! `create secret`: one file per use of a Secret.

mod git;

use crate::cli::Context;
use crate::cli::group;
use crate::commands::create::common::SharedArgs;

/// Create or update Kubernetes secrets
#[derive(clap::Args, Debug)]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    what: Secret,
}

group! {
    Secret(SharedArgs) {
        Git(git::SecretGitArgs),
    }
}

impl SecretArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &Context) -> anyhow::Result<()> {
        self.what.run(shared, context).await
    }
}
