//! `plugin update`.

use super::common;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::completion;
use crate::cli::word_at_most;
use crate::ops::plugins;
use crate::ops::plugins::Catalog;
use crate::ops::plugins::Directory;
use crate::text::quoted;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# All that came from the catalog
fluxr plugin update
# One of them
fluxr plugin update operator";

/// Update plugins to their newest versions
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PluginUpdateArgs {
    /// Name of the plugin (default: all)
    #[arg(value_name = "name", num_args = 0.., add = completion::by(common::names))]
    name: Vec<String>,
}

impl PluginUpdateArgs {
    pub(super) async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let wanted = word_at_most(&self.name)?;
        let (directory, catalog) = (common::directory(context)?, common::catalog(context));
        let mut plugins = common::installed(context, &directory);
        if plugins.is_empty() {
            return context.ui.line("No plugins found");
        }
        if let Some(wanted) = wanted {
            plugins.retain(|plugin| plugin.name == wanted);
            anyhow::ensure!(!plugins.is_empty(), "plugin {} is not installed", quoted(wanted));
        }
        let mut has_failed = false;
        for plugin in plugins {
            if let Err(error) = update(context, &directory, &catalog, &plugin.name).await {
                context.ui.error(&error);
                has_failed = true;
            }
        }
        if has_failed { Err(Exit::silent(1).into()) } else { Ok(()) }
    }
}

async fn update(
    context: &CommandContext,
    directory: &Directory,
    catalog: &Catalog,
    name: &str,
) -> anyhow::Result<()> {
    let ui = &context.ui;
    let Some(receipt) = directory.receipt(name) else {
        ui.warning(format!("skipping {name} (manually installed)"));
        return Ok(());
    };
    let checking = || format!("error checking {name}");
    let manifest = catalog.manifest(name).await.with_context(checking)?;
    if manifest.newest().is_some_and(|newest| newest == receipt.version) {
        ui.success(format!("{name} already up to date (v{})", receipt.version));
        return Ok(());
    }
    let offer = manifest.offer("").with_context(checking)?;
    let change = format!("{name} v{} → v{}", receipt.version, offer.version);
    let (doing, at) = (format!("updating {change}"), (context.now)());
    let installed = plugins::install(ui, directory, &manifest, &offer, &catalog.fetch, &at, &doing).await;
    installed.with_context(|| format!("error updating {name}"))?;
    ui.success(format!("updated {change}"));
    Ok(())
}
