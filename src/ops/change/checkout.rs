//! Which cluster of the repository is meant that a person is in.

use crate::git;
use crate::ops::clusters::SYNC;
use crate::ops::clusters::clusters;
use crate::text::with_hint;
use std::path::Path;

/// The folder of the cluster that bootstrap has put into a repository; if there is none, or the root is one, that of the working directory,
/// which a bare repository does not have.
///
/// # Errors
/// There are several, or the repository is bare.
pub(super) fn only_cluster(here: &Path, root: Option<String>) -> anyhow::Result<Option<String>> {
    let syncs = git::committed_around(here, SYNC)?;
    let clusters = clusters(&syncs);
    let listed = || clusters.keys().map(|folder| format!("./{folder}")).collect::<Vec<_>>().join(", ");
    let (error, hint) = match root {
        None if !clusters.is_empty() => (
            anyhow::anyhow!(
                "the folder of the cluster is not known: the repository is bare, and has clusters in {}",
                listed()
            ),
            "pass --fleet-path with the folder of the cluster",
        ),
        Some(_) if clusters.len() > 1 && !clusters.contains_key("") => (
            anyhow::anyhow!("the repository has several clusters, in {}", listed()),
            "run the command in the folder of the cluster, or pass it with --fleet-path",
        ),
        Some(root) => return Ok(Some(clusters.keys().next().map_or(root, |only| (*only).to_owned()))),
        None => return Ok(None),
    };
    Err(with_hint(error, hint))
}
