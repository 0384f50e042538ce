//! `diff artifact`: what a push would change.

use crate::cli::CommandContext;
use crate::cli::IgnoreArgs;
use crate::cli::RegistryArgs;
use crate::oci::Reference;
use crate::oci::archive;
use crate::oci::archive::Change;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# Which files differ from what was pushed last
fluxr diff artifact oci://ghcr.io/acme/app:latest --path ./deploy";

/// Compare files with an artifact in a registry
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DiffArtifactArgs {
    /// Artifact to compare with: oci://<registry>/<repository>:<tag>, or @<digest>
    #[arg(value_name = "URL")]
    url: Vec<String>,
    /// Folder or file to compare
    #[arg(long, value_hint = clap::ValueHint::AnyPath)]
    path: String,
    #[command(flatten)]
    ignore: IgnoreArgs,
    #[command(flatten)]
    registry: RegistryArgs,
}

impl DiffArtifactArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let url = self.url.first().context("artifact URL is required")?;
        anyhow::ensure!(!self.path.is_empty(), "invalid path \"\"");
        let reference = Reference::parse(url)?;
        let source = self.ignore.source(&self.path, false, false)?;
        let login = self.registry.log_in(context, &reference).await?;
        let pulled = self.registry.pull(context, &reference, login).await?;
        let comparing = context.ui.spinner("comparing");
        let compared =
            tokio::task::spawn_blocking(move || archive::compare(&pulled.archive, pulled.size, &source))
                .await?;
        drop(comparing);
        let changes = compared.with_context(|| format!("comparing with {reference}"))?;
        if changes.is_empty() {
            context.ui.success("no changes detected");
            return Ok(());
        }
        for changed in &changes {
            let word = match changed.change {
                Change::Added => "added",
                Change::Modified => "modified",
                Change::Mode => "mode changed",
                Change::Removed => "removed",
            };
            context.ui.line(&format!("{}: {word}", changed.path))?;
        }
        anyhow::bail!("the remote artifact contents differs from the local one")
    }
}
