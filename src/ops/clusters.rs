//! The clusters of a repository. Each is known by the file with its own source and Kustomization, which bootstrap writes into a folder below
//! that of the cluster.

use crate::render::parent;
use std::collections::BTreeMap;

/// The name of the objects that bootstrap creates where nothing else is asked for, and of their namespace.
pub(super) const NAME: &str = "flux-system";

/// The name of the file.
pub(super) const SYNC: &str = "gotk-sync.yaml";

/// The folders of the clusters that have such a file among these, each with the first of them; the root is empty.
pub(super) fn clusters<'a>(files: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, &'a str> {
    let mut found = BTreeMap::new();
    for file in files {
        // Bootstrap writes none into the root.
        if let Some((folder, SYNC)) = file.rsplit_once('/') {
            found.entry(parent(folder)).or_insert(file.as_str());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::clusters;

    #[test]
    fn clusters_are_known_by_their_files() {
        let files = [
            "a/flux-system/gotk-sync.yaml",
            "a/other/gotk-sync.yaml",
            "a/flux-system/gotk-components.yaml",
            "b/c/flux/gotk-sync.yaml",
            "flux-system/gotk-sync.yaml",
            "gotk-sync.yaml",
            "not-gotk-sync.yaml",
        ];
        let files = files.map(str::to_owned);
        let found: Vec<_> = clusters(&files).into_iter().collect();
        let wanted = [
            ("", "flux-system/gotk-sync.yaml"),
            ("a", "a/flux-system/gotk-sync.yaml"),
            ("b/c", "b/c/flux/gotk-sync.yaml"),
        ];
        assert_eq!(found, wanted);
    }
}
