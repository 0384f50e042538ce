//! `tag artifact`: further tags for an artifact that is in a registry.

use crate::cli::CommandContext;
use crate::cli::RegistryArgs;
use crate::cli::explained;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cluster;
use crate::oci::Reference;
use crate::oci::Right;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# What was pushed is what production takes
fluxr tag artifact oci://ghcr.io/acme/app:6d8f2c1 --tag stable --tag latest";

/// Add tags to an artifact in a registry
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TagArtifactArgs {
    /// Artifact to tag: oci://<registry>/<repository>:<tag>, or @<digest>
    #[arg(value_name = "URL")]
    url: Vec<String>,
    /// Tag to add; may be repeated
    #[arg(long, value_parser = items)]
    tag: Vec<Items>,
    #[command(flatten)]
    registry: RegistryArgs,
}

impl TagArtifactArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let url = self.url.first().context("artifact name is required")?;
        let tags = list_flag::all(&self.tag);
        anyhow::ensure!(!tags.is_empty(), "--tag is required");
        let reference = Reference::parse(url)?;
        for tag in &tags {
            // Anything else would become part of the address that is written to.
            Reference::parse(&format!("oci://{}:{tag}", reference.repository))
                .ok()
                .filter(|tagged| tagged.repository == reference.repository)
                .with_context(|| format!("\"{tag}\" cannot be a tag"))?;
        }
        let login = self.registry.log_in(context, &reference).await?;
        context.ui.action("tagging artifact");
        let work = async {
            let opened = self.registry.open(context, &reference.repository, login, Right::Push, None).await;
            let registry = opened.with_context(|| format!("fetching \"{reference}\""))?;
            for tag in &tags {
                let tagged = registry.tag(&reference, tag).await;
                explained(tagged, &reference.repository)?;
                context.ui.success(format!("artifact tagged as {}", reference.repository.at(tag)));
            }
            Ok(())
        };
        cluster::in_time(context.timeout, "tagging", work).await.context("tagging artifact failed")
    }
}
