//! `diff`.

mod artifact;
mod document;
mod kustomization;
mod lines;
mod markdown;

use crate::cli::group;

group! {
    /// Compare with a cluster, or with artifacts in a registry
    pub struct DiffArgs {
        Artifact(artifact::DiffArtifactArgs),
        #[command(visible_aliases = ["ks"])]
        Kustomization(kustomization::DiffKustomization),
    }
}
