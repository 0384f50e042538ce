//! `plugin install`.

use super::common;
use crate::cli::CommandContext;
use crate::cli::one_word;
use crate::ops::plugins;

const EXAMPLES: &str = "\
# The newest version
fluxr plugin install operator
# A certain version, by its number or its digest
fluxr plugin install operator@0.45.0";

/// Install a plugin from the catalog
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PluginInstallArgs {
    /// Name of the plugin, optionally with @<version> or @<digest>
    #[arg(value_name = "name[@version|@digest]", num_args = 0..)]
    name: Vec<String>,
}

impl PluginInstallArgs {
    pub(super) async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let word = one_word(&self.name)?;
        let (name, version) = word.split_once('@').unwrap_or((word, ""));
        let manifest = common::catalog(context).manifest(name).await?;
        let offer = manifest.offer(version)?;
        let directory = common::directory(context)?;
        let doing = format!("installing {name} v{}", offer.version);
        let (ui, at) = (&context.ui, (context.now)());
        plugins::install(ui, &directory, &manifest, &offer, &common::fetch(context), &at, &doing).await?;
        ui.success(format!("installed {name} v{}", offer.version));
        if (context.tree.has)(name) {
            ui.warning(format!("the command \"{name}\" of {} hides the plugin", context.program));
        }
        Ok(())
    }
}
