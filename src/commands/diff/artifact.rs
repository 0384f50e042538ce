//! `diff artifact`: what a push would change.

use crate::cli::Context;
use crate::cli::IgnoreArgs;
use crate::cli::RegistryArgs;
use crate::cli::explained;
use crate::cluster;
use crate::net::Meter;
use crate::oci::Reference;
use crate::oci::Right;
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
    pub(super) async fn run(self, (): (), context: &Context) -> anyhow::Result<()> {
        let url = self.url.first().context("artifact URL is required")?;
        anyhow::ensure!(!self.path.is_empty(), "invalid path \"\"");
        let reference = Reference::parse(url)?;
        let source = self.ignore.source(&self.path, false, false)?;
        let login = self.registry.log_in(context, &reference).await?;
        let work = async {
            let registry =
                self.registry.open(context, &reference.repository, login, Right::Pull, None).await?;
            let found = explained(registry.find(reference.identifier.as_str()).await, &reference.repository)?;
            let meter = Meter::default();
            let seen = meter.clone();
            let bar = context.ui.bar("pulling", Some(found.size()), move || seen.bytes());
            let pulled = registry.pull(found, &meter).await;
            drop(bar);
            explained(pulled, &reference.repository)
        };
        let pulled = cluster::in_time(context.timeout, &format!("pulling {reference}"), work).await?;
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
