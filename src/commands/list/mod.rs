//! `list`.

mod artifacts;

use crate::cli::group;

group! {
    /// List artifacts in a registry
    pub struct ListArgs {
        Artifacts(artifacts::ListArtifactsArgs),
    }
}
