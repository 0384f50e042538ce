//! The file by which the folder of a cluster is known in a repository: bootstrap writes it into a folder below that of the cluster.

use crate::render::parent;

/// Its name.
pub(super) const SYNC: &str = "gotk-sync.yaml";

/// The folder of the cluster, by the path of the file; empty for the root. `None` for a file that bootstrap has not written there.
pub(super) fn cluster_of(sync: &str) -> Option<&str> {
    sync.contains('/').then(|| parent(parent(sync)))
}
