//! `pull artifact`: the files of an artifact into a folder.

use crate::cli::CommandContext;
use crate::cli::RegistryArgs;
use crate::oci::Reference;
use crate::oci::archive;
use crate::text;
use anyhow::Context as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# The files of an artifact
mkdir -p ./app
fluxr pull artifact oci://ghcr.io/acme/app:latest --output ./app
# From a registry that asks for a login
fluxr pull artifact oci://ghcr.io/acme/app:latest --output ./app \\
  --creds \"ada:$TOKEN\"";

/// Pull an artifact from a registry into a folder
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PullArtifactArgs {
    /// Artifact to pull: oci://<registry>/<repository>:<tag>, or @<digest>
    #[arg(value_name = "URL")]
    url: Vec<String>,
    /// Folder to write the files to
    #[arg(long, short = 'o', value_name = "format", value_hint = clap::ValueHint::DirPath)]
    output: String,
    #[command(flatten)]
    registry: RegistryArgs,
}

impl PullArtifactArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let url = self.url.first().context("artifact URL is required")?;
        anyhow::ensure!(!self.output.is_empty(), "output path cannot be empty");
        let folder = PathBuf::from(&self.output);
        let invalid = || format!("invalid output path \"{}\"", self.output);
        let is_folder = text::stat(&folder).with_context(invalid)?.is_dir();
        anyhow::ensure!(is_folder, "{}: it is not a directory", invalid());
        let reference = Reference::parse(url)?;
        let login = self.registry.log_in(context, &reference).await?;
        context.ui.action(format!("pulling artifact from {reference}"));
        let pulled = self.registry.pull(context, &reference, login).await?;
        let (source, revision) = (pulled.annotations.source(), pulled.annotations.revision());
        let (source, revision, digest) = (source.to_owned(), revision.to_owned(), pulled.digest.clone());
        let extracting = context.ui.spinner("extracting");
        let extracted =
            tokio::task::spawn_blocking(move || archive::extract(&pulled.archive, pulled.size, &folder))
                .await?;
        drop(extracting);
        extracted?;
        let ui = &context.ui;
        if !source.is_empty() {
            ui.success(format!("source {source}"));
        }
        if !revision.is_empty() {
            ui.success(format!("revision {revision}"));
        }
        ui.success(format!("digest {}", reference.repository.at(&digest)));
        ui.success(format!("artifact content extracted to {}", self.output));
        Ok(())
    }
}
