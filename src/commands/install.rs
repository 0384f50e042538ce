//! `install`: the controllers into the cluster, or their manifests on stdout.

use crate::cli::CommandContext;
use crate::cli::ComponentArgs;
use crate::cli::NO_WORDS;
use crate::cli::help_text;

const EXAMPLES: &str = "\
# Install Flux, or bring it up to date
fluxr install
# With the controllers of image automation
fluxr install \\
  --components-extra=image-reflector-controller,image-automation-controller
# Only write the manifests
fluxr install --export > flux-system.yaml";

/// Install or upgrade Flux
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(id = NO_WORDS)]
pub struct InstallArgs {
    #[command(flatten)]
    components: ComponentArgs,
    /// Write the manifests to stdout and do nothing else
    #[arg(long, help_heading = help_text::OUTPUT)]
    export: bool,
    /// Install over an installation that another tool manages, without asking
    #[arg(long)]
    force: bool,
}

impl InstallArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let mut options = self.components.options(context)?;
        let client = if self.export { None } else { Some(context.client().await?) };
        crate::cli::fetch_manifests(&self.components, &mut options, context).await?;
        let Some(client) = client else {
            return context.ui.data(&crate::distribution::render(&options)?);
        };
        let install = crate::ops::InstallOptions {
            components: options,
            force: self.force,
            registry_credentials: self.components.registry_credentials()?,
            verbose: context.verbose,
            timeout: context.timeout,
        };
        crate::ops::install(&context.session_with(client), install).await
    }
}
