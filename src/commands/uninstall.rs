//! `uninstall`: Flux out of the cluster, the workloads stay.

use crate::cli::CommandContext;
use crate::cli::NO_WORDS;
use crate::cluster;
use crate::ops;

const EXAMPLES: &str = "\
# What would be deleted?
fluxr uninstall --dry-run
# Remove Flux and keep its namespace; what it deployed stays
fluxr uninstall --keep-namespace --silent";

/// Uninstall Flux and its custom resource definitions
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(id = NO_WORDS)]
pub struct UninstallArgs {
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the namespace
    #[arg(long)]
    keep_namespace: bool,
    /// Do not ask
    #[arg(long, short = 's')]
    silent: bool,
}

impl UninstallArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let client = context.client().await?;
        if !self.silent && !self.dry_run {
            let info = cluster::cluster_info(&client).await?.unwrap_or_default();
            let question = if info.is_managed_by_another_tool() {
                format!(
                    "Flux is managed by {}! Are you sure you want to delete Flux and its CRDs using Flux CLI",
                    info.managed_by
                )
            } else {
                "Are you sure you want to delete Flux and its custom resource definitions".to_owned()
            };
            context.ui.confirm(&question, "--silent", "aborting").await?;
        }
        let options = ops::UninstallOptions { dry_run: self.dry_run, keep_namespace: self.keep_namespace };
        let failures = ops::uninstall(&context.session_with(client), &options).await?;
        match failures {
            0 => {}
            1 => anyhow::bail!("uninstall is not complete: 1 failure, see above"),
            _ => anyhow::bail!("uninstall is not complete: {failures} failures, see above"),
        }
        context.ui.success("uninstall finished");
        Ok(())
    }
}
