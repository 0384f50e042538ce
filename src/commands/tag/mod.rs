//! `tag`.

mod artifact;

use crate::cli::group;

group! {
    /// Tag artifacts in a registry
    pub struct TagArgs {
        Artifact(artifact::TagArtifactArgs),
    }
}
