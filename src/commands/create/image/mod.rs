//! `create image`: one file per kind of image automation.

mod policy;
mod repository;
mod update;

use crate::cli::CommandContext;
use crate::cli::group;
use crate::commands::create::common::SharedArgs;

/// Create or update image automation objects
#[derive(clap::Args, Debug)]
pub(super) struct ImageArgs {
    #[command(subcommand)]
    what: Image,
}

group! {
    Image(SharedArgs) {
        Repository(repository::ImageRepositoryArgs),
        Policy(policy::ImagePolicyArgs),
        Update(update::ImageUpdateArgs),
    }
}

impl ImageArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        self.what.run(shared, context).await
    }
}
