//! `set`.

mod version;

use crate::cli::group;

group! {
    /// Change fields of manifests in Git
    pub struct SetArgs {
        Version(version::SetVersionArgs),
    }
}
