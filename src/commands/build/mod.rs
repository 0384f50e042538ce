//! `build`.

mod artifact;
mod kustomization;

use crate::cli::group;

group! {
    /// Build artifacts and Kustomizations
    pub struct BuildArgs {
        Artifact(artifact::BuildArtifactArgs),
        #[command(visible_aliases = ["ks"])]
        Kustomization(kustomization::BuildKustomization),
    }
}
