//! `build kustomization`: the objects of a Kustomization from local files.

use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::cli::BuildKustomizationArgs;
use crate::cli::CommandContext;
use crate::cli::ShownPath;
use crate::cli::completion;
use crate::ops;
use crate::text::yaml;

const EXAMPLES: &str = "\
# What the files of this checkout make of a Kustomization in the cluster
fluxr build kustomization apps --path ./deploy
# The same without a cluster
fluxr build ks apps --path ./deploy --kustomization-file apps.yaml --dry-run
# With the Kustomizations that it contains
fluxr build ks apps --path ./deploy -r --local-sources GitRepository/a/app=.
# All of a fleet repository, each before those that depend on it
fluxr build ks --all --local-sources GitRepository/flux-system/app=.";

/// Build a Kustomization from local files
///
/// The Kustomization comes from the cluster, or from a file. What it adds to a build is added, variables are replaced, and values that SOPS has encrypted are masked. No file is written.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildKustomization {
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&KUSTOMIZATION))]
    names: Vec<String>,
    #[command(flatten)]
    build: BuildKustomizationArgs,
    /// Do not contact a cluster
    #[arg(long)]
    dry_run: bool,
}

impl BuildKustomization {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let wanted = self.build.wanted(&self.names, ShownPath::FromRoot)?;
        let without_file = self.dry_run && self.build.file().is_none();
        anyhow::ensure!(!without_file, "dry-run mode requires a kustomization file");
        let like = self.build.request(context)?;
        let client = if self.dry_run { None } else { Some(context.client().await?) };
        let deadline = context.deadline;
        let building = context.ui.spinner("building");
        let deprecations = like.settings.deprecations.clone();
        let several = ops::several::requests(client.as_ref(), wanted, like, deadline).await?;
        let built = async {
            let mut objects = Vec::new();
            for request in &several.requests {
                objects.extend(ops::build::build(client.as_ref(), request, deadline).await?);
            }
            anyhow::Ok(objects)
        };
        let built = built.await;
        drop(building);
        deprecations.tell(&context.ui);
        let objects = built?;
        several.skipped.iter().for_each(|reason| context.ui.warning(reason));
        for object in &objects {
            context.ui.data(&format!("{}---\n", yaml::to_string(object)))?;
        }
        Ok(())
    }
}
