//! `build artifact`: the archive that an artifact holds, without a registry.

use crate::cli::CommandContext;
use crate::cli::IgnoreArgs;
use crate::oci::archive;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# What would be pushed, as a file
fluxr build artifact --path ./deploy --output ./deploy.tgz
# Of what another program writes
fluxr kustomize ./deploy | fluxr build artifact --path - --output ./app.tgz";

/// Build the archive of an artifact
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildArtifactArgs {
    /// Folder or file to archive, or - for standard input
    #[arg(long, short = 'p', value_hint = clap::ValueHint::AnyPath)]
    path: String,
    /// File to write the archive to
    #[arg(long, short = 'o', value_name = "format", default_value = "artifact.tgz", value_hint = clap::ValueHint::FilePath)]
    output: String,
    /// Archive what links lead to
    #[arg(long)]
    resolve_symlinks: bool,
    #[command(flatten)]
    ignore: IgnoreArgs,
}

impl BuildArtifactArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        anyhow::ensure!(!self.path.is_empty(), "invalid path \"\"");
        let source = self.ignore.source(&self.path, true, self.resolve_symlinks)?;
        source.check_links()?;
        let shown = if self.path == "-" { "standard input" } else { &self.path };
        context.ui.action(format!("building artifact from {shown}"));
        let building = context.ui.spinner("building artifact");
        let place = PathBuf::from(&self.output);
        let built = tokio::task::spawn_blocking(move || archive::build(&source)?.persist(&place)).await?;
        drop(building);
        built.map_err(|error| anyhow::anyhow!("building artifact failed, error: {error:#}"))?;
        context.ui.success(format!("artifact created at {}", self.output));
        Ok(())
    }
}
