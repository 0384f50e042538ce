//! `tree`: what an object manages.

use crate::api::extensions::artifact_generator::ARTIFACT_GENERATOR;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::cli::CommandContext;
use crate::cli::DocumentArgs;
use crate::cli::completion;
use crate::cli::one_word;
use crate::ops::tree;
use crate::ops::tree::Tree;
use anyhow::Context as _;

/// Show what an object of Flux manages
#[derive(clap::Args, Debug)]
pub struct TreeArgs {
    #[command(subcommand)]
    of: Of,
}

#[derive(clap::Subcommand, Debug)]
enum Of {
    Artifact(ArtifactArgs),
    /// Print the resource inventory of a Kustomization
    #[command(visible_aliases = ["ks"])]
    Kustomization(KustomizationArgs),
}

/// Print the resources that come from artifacts
#[derive(clap::Args, Debug)]
struct ArtifactArgs {
    #[command(subcommand)]
    of: OfArtifact,
}

#[derive(clap::Subcommand, Debug)]
enum OfArtifact {
    /// Print the inventory of an ArtifactGenerator
    Generator(GeneratorArgs),
}

const KUSTOMIZATION_EXAMPLES: &str = "\
# Everything that a Kustomization applied, and what those applied
fluxr tree kustomization app
# Only the objects of Flux
fluxr tree kustomization app --compact";

#[derive(clap::Args, Debug)]
#[command(after_help = KUSTOMIZATION_EXAMPLES)]
struct KustomizationArgs {
    /// Name of the Kustomization
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&KUSTOMIZATION))]
    names: Vec<String>,
    /// Only Flux's own objects
    #[arg(long)]
    compact: bool,
    #[command(flatten)]
    output: DocumentArgs,
}

const GENERATOR_EXAMPLES: &str = "\
# The artifacts of a generator
fluxr tree artifact generator app";

#[derive(clap::Args, Debug)]
#[command(after_help = GENERATOR_EXAMPLES)]
struct GeneratorArgs {
    /// Name of the ArtifactGenerator
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&ARTIFACT_GENERATOR))]
    names: Vec<String>,
    #[command(flatten)]
    output: DocumentArgs,
}

impl TreeArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let namespace = &context.namespace;
        match self.of {
            Of::Kustomization(args) => {
                let name = args.names.first().context("kustomization name is required")?;
                let format = args.output.read()?;
                let client = context.client().await?;
                let tree = tree::of_kustomization(&client, namespace, name, args.compact).await?;
                context.ui.line(&format.text(&tree, Tree::render)?)
            }
            Of::Artifact(ArtifactArgs { of: OfArtifact::Generator(args) }) => {
                let name = one_word(&args.names)?;
                let format = args.output.read()?;
                let client = context.client().await?;
                let tree = tree::of_artifact_generator(&client, namespace, name).await?;
                context.ui.line(&format.text(&tree, Tree::render)?)
            }
        }
    }
}
