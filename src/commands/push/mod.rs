//! `push`.

mod artifact;

use crate::cli::group;

group! {
    /// Push artifacts to a registry
    pub struct PushArgs {
        Artifact(artifact::PushArtifactArgs),
    }
}
