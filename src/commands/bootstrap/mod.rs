//! `bootstrap`: Flux into a repository and from there into the cluster.

mod git;
mod github;
mod hosted;
mod shared;
mod signing;

use crate::cli::Context;
use shared::SharedArgs;

// Flags may precede and follow the word of the place.
/// Deploy Flux on a cluster the GitOps way
#[derive(clap::Args, Debug)]
#[command(mut_args(|arg| arg.global(true)))]
pub struct BootstrapArgs {
    #[command(flatten)]
    shared: SharedArgs,
    #[command(subcommand)]
    place: Place,
}

/// Where the repository is: a line for each command, with its word.
macro_rules! places {
    ($($word:literal => $module:ident :: $args:ident),+ $(,)?) => {
        #[derive(clap::Subcommand, Debug)]
        enum Place {
            $(#[command(name = $word)] $args($module::$args)),+
        }

        impl BootstrapArgs {
            pub async fn run(self, context: &Context) -> anyhow::Result<()> {
                match self.place {
                    $(Place::$args(args) => args.run(self.shared, context).await),+
                }
            }
        }
    };
}

places! {
    "github" => github::GitHubArgs,
    "git" => git::GitArgs,
}
