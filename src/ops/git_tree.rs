//! The files of a commit as a build reads them. Links are followed within the commit, and lead nowhere else; an
//! [`Artifact`](crate::render::Artifact) is what a source publishes of them.

use crate::git::Files;
use crate::git::Item;
use crate::git::Snapshot;
use crate::git::Workspace;
use crate::render::Entry;
use crate::render::IgnoreCache;
use crate::render::PathEntry;
use crate::render::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A commit as its source publishes it.
#[derive(Debug, Clone)]
pub struct Published {
    snapshot: Arc<Snapshot>,
    /// What the source ignores besides what the ignore files of the commit name: its `spec.ignore`.
    ignore: String,
    ignored: IgnoreCache,
}

impl Published {
    /// A commit of a source with this `spec.ignore`.
    pub(super) fn new(snapshot: Snapshot, ignore: String) -> Self {
        Self { snapshot: Arc::new(snapshot), ignore, ignored: IgnoreCache::default() }
    }

    /// Opens it for reading, on the thread that reads.
    ///
    /// # Errors
    /// As [`published`].
    pub(super) fn read<T>(&self, read: impl FnOnce(&dyn Tree) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let files = GitTree(self.snapshot.open()?);
        read(&self.ignored.artifact(&files, &self.ignore)?)
    }
}

/// Reads what a source with this `spec.ignore` publishes of a commit.
///
/// # Errors
/// A commit or an ignore file in it that cannot be read; those of `read`.
pub(super) fn published<T>(
    snapshot: &Snapshot,
    ignore: &str,
    read: impl FnOnce(&dyn Tree) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let files = GitTree(snapshot.open()?);
    read(&IgnoreCache::default().artifact(&files, ignore)?)
}

/// No path leads through more links.
const MOST_LINKS: usize = 40;

/// The tree of a commit.
pub(super) struct GitTree(Files);

impl GitTree {
    /// The files of a commit that is open already.
    pub(super) fn with(files: Files) -> Self {
        Self(files)
    }

    /// The files of a clone, with what was written into it.
    ///
    /// # Errors
    /// As [`Workspace::files`].
    pub(super) fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        Ok(Self(workspace.files()?))
    }
}

impl Tree for GitTree {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        anyhow::ensure!(!path.starts_with('/'), "\"{path}\" leads out of the repository");
        // What is still to be walked, the next part last.
        let mut left: Vec<String> = parts(path);
        let mut done: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == ".." {
                anyhow::ensure!(done.pop().is_some(), "\"{path}\" leads out of the repository");
                continue;
            }
            done.push(part);
            let here = done.join("/");
            match self.0.look(&here)? {
                None => return Ok(None),
                Some(Item::Link(to)) => {
                    links += 1;
                    anyhow::ensure!(links <= MOST_LINKS, "\"{path}\" leads through too many links");
                    anyhow::ensure!(!to.starts_with('/'), "\"{path}\" leads out of the repository");
                    done.pop();
                    left.extend(parts(&to));
                }
                Some(Item::Folder) => {}
                Some(Item::File) if left.is_empty() => return Ok(Some(PathEntry::File(here))),
                Some(Item::File) => return Ok(None),
                Some(Item::Module) => anyhow::bail!("\"{here}\" is another repository, which is not read"),
            }
        }
        Ok(Some(PathEntry::Folder(done.join("/"))))
    }

    fn leads_through_link(&self, path: &str) -> bool {
        if matches!(self.0.look(path), Ok(Some(Item::File | Item::Folder))) {
            return false;
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| matches!(self.0.look(&path[..end]), Ok(Some(Item::Link(_)))))
    }

    fn is_dangling(&self, path: &str) -> bool {
        matches!(self.0.look(path), Ok(Some(Item::Link(_)))) && matches!(self.find(path), Ok(None))
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        Ok(self.0.read(path)?)
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        let entry = |item| match item {
            Item::File => Entry::File,
            Item::Folder => Entry::Folder,
            Item::Link(_) | Item::Module => Entry::Other,
        };
        let Some(PathEntry::Folder(real)) = self.find(folder)? else {
            anyhow::bail!("there is no folder \"{folder}\"");
        };
        Ok(self.0.list(&real)?.into_iter().map(|(name, item)| (name, entry(item))).collect())
    }
}

/// The parts of a path, the last first.
fn parts(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).rev().map(str::to_owned).collect()
}
