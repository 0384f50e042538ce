//! `plugin uninstall`.

use super::common;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::one_word;

const EXAMPLES: &str = "\
# A plugin, and what is known about it
fluxr plugin uninstall operator";

/// Remove a plugin
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PluginUninstallArgs {
    /// Name of the plugin
    #[arg(value_name = "name", num_args = 0.., add = completion::by(common::names))]
    name: Vec<String>,
}

impl PluginUninstallArgs {
    pub(super) fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let name = one_word(&self.name)?;
        common::directory(context)?.uninstall(name)?;
        context.ui.success(format!("uninstalled {name}"));
        Ok(())
    }
}
