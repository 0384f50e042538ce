//! `plugin`: programs that become commands.

mod common;
mod install;
mod list;
mod search;
mod uninstall;
mod update;

use crate::cli::CommandContext;

/// Manage plugins: programs that become commands
#[derive(clap::Args, Debug)]
pub struct PluginArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    Install(install::PluginInstallArgs),
    #[command(visible_alias = "ls")]
    List(list::PluginListArgs),
    Search(search::PluginSearchArgs),
    #[command(visible_alias = "upgrade")]
    Update(update::PluginUpdateArgs),
    #[command(visible_alias = "delete")]
    Uninstall(uninstall::PluginUninstallArgs),
}

impl PluginArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        match self.what {
            What::Install(args) => args.run(context).await,
            What::List(args) => args.run(context),
            What::Search(args) => args.run(context).await,
            What::Update(args) => args.run(context).await,
            What::Uninstall(args) => args.run(context),
        }
    }
}
