//! `pull`.

mod artifact;

use crate::cli::group;

group! {
    /// Pull artifacts from a registry
    pub struct PullArgs {
        Artifact(artifact::PullArtifactArgs),
    }
}
