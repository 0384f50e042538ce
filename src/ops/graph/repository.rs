//! The clusters of a repository, and what each applies of a folder of it.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::ops::clusters;
use crate::ops::clusters::NAME;
use crate::ops::follow::Built;
use crate::ops::follow::follow;
use crate::render::Artifact;
use crate::render::Declaration;
use crate::render::Disk;
use crate::render::Entry;
use crate::render::IgnoreFiles;
use crate::render::PathEntry;
use crate::render::Tree;
use crate::render::declared_as_far_as_readable;
use crate::render::is_below;
use crate::text::clean_relative_path;
use crate::text::yaml;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A cluster that bootstrap has put into a repository.
pub(super) struct Cluster {
    /// Its folder in the tree; empty for the root.
    folder: String,
    /// Where the tree is in the repository; empty for all of it.
    above: String,
    /// The Kustomization that applies the folder; null if it cannot be read.
    sync: Value,
    /// The `spec.ignore` of its source, where that is declared beside it.
    ignore: String,
}

/// The clusters, by the files that bootstrap has written.
pub(super) fn clusters(tree: &dyn Tree, files: &[String]) -> Vec<Cluster> {
    let mut found: Vec<Cluster> = Vec::new();
    for (folder, file) in clusters::clusters(files) {
        let read = tree.read(file).and_then(|bytes| Ok(yaml::documents(&yaml::text(bytes, file)?, file)?));
        let objects = read.unwrap_or_default();
        let of = |kind: &Kind| objects.iter().find(|object| kind.is_of(&ObjectId::of(object)));
        let sync = of(&KUSTOMIZATION).cloned().unwrap_or_default();
        let above = above(&clean_relative_path(text(&sync, "/spec/path")), folder);
        let source = of(&GIT_REPOSITORY).unwrap_or(&Value::Null);
        let ignore = text(source, "/spec/ignore").to_owned();
        found.push(Cluster { folder: folder.to_owned(), above, sync, ignore });
    }
    found
}

/// Where a tree is in its repository, by the path of a folder in both.
fn above(path: &str, folder: &str) -> String {
    let rest = if folder.is_empty() { Some(path) } else { path.strip_suffix(folder) };
    let rest = rest.filter(|rest| folder.is_empty() || rest.is_empty() || rest.ends_with('/'));
    rest.unwrap_or_default().trim_end_matches('/').to_owned()
}

impl Cluster {
    /// Its name: the folder.
    pub(super) fn name(&self) -> String {
        if self.folder.is_empty() { ".".to_owned() } else { format!("./{}", self.folder) }
    }

    /// What its source publishes of the tree, which has these ignore files.
    pub(super) fn published<'t>(&self, tree: &'t dyn Tree, ignored: &IgnoreFiles) -> Artifact<'t> {
        let rules = ignored.below(&self.above).of_source(&self.ignore);
        Artifact::new(tree, rules).below(&self.above)
    }

    /// What it applies from the tree, and the sources that are not followed, each with the reason. Files that cannot be read become
    /// failures.
    pub(super) fn applied(
        &self,
        tree: &dyn Tree,
        failures: &mut Vec<anyhow::Error>,
    ) -> (Vec<Declaration>, BTreeMap<ObjectId, String>) {
        let by = self.sync.is_object().then(|| ObjectId::of(&self.sync));
        let home = text_if_set(&self.sync, "/metadata/namespace").unwrap_or(NAME);
        let source = GIT_REPOSITORY.id(
            text_if_set(&self.sync, "/spec/sourceRef/namespace").unwrap_or(home),
            text_if_set(&self.sync, "/spec/sourceRef/name").unwrap_or(NAME),
        );
        let first = Built::first(self.folder.clone(), self.sync["spec"].clone(), by);
        let place = |path: String| {
            let is_inside = is_below(&path, &self.above);
            is_inside.then(|| path[self.above.len()..].trim_start_matches('/').to_owned())
        };
        let read = |built: &Built| {
            let (path, spec) = (&built.folder, &built.spec);
            if matches!(tree.find(path), Ok(None)) {
                return Ok(None);
            }
            match declared_as_far_as_readable(tree, path, spec, failures) {
                Ok(found) => Ok(Some(found)),
                Err(error) => {
                    failures.push(error);
                    Ok(None)
                }
            }
        };
        // Nothing fails, as failures are kept.
        let Ok(reached) = follow(first, source, place, read) else { return Default::default() };
        failures.extend(reached.unfollowed.iter().map(|one| anyhow::anyhow!("{}", one.reason())));
        (reached.folders.into_iter().flat_map(|(_, found)| found.objects).collect(), reached.others)
    }
}

/// A folder of the disk that remembers which files were read.
pub(super) struct Remembering<'a> {
    disk: &'a Disk,
    read: RefCell<HashSet<String>>,
}

impl<'a> Remembering<'a> {
    pub(super) fn new(disk: &'a Disk) -> Self {
        Self { disk, read: RefCell::default() }
    }

    /// The files that were read.
    pub(super) fn into_read(self) -> HashSet<String> {
        self.read.into_inner()
    }
}

impl Tree for Remembering<'_> {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        self.disk.find(path)
    }

    fn leads_through_link(&self, path: &str) -> bool {
        self.disk.leads_through_link(path)
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.read.borrow_mut().insert(path.to_owned());
        self.disk.read(path)
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        self.disk.list(folder)
    }

    fn name(&self, path: &str) -> String {
        self.disk.name(path)
    }
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn a_part_of_a_repository_is_known_by_the_path_of_its_cluster() {
        for (path, folder, wanted) in [
            ("clusters/one", "clusters/one", ""),
            ("clusters/one", "one", "clusters"),
            ("clusters/one", "", "clusters/one"),
            ("", "", ""),
            ("clusters/one", "ne", ""),
            ("clusters/one", "clusters/two", ""),
        ] {
            assert_eq!(above(path, folder), wanted, "{path} {folder}");
        }
    }
}
