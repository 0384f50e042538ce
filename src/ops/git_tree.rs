//! The files of a commit as a build reads them: links are followed within the commit, and lead nowhere else.

use crate::git::Files;
use crate::git::Item;
use crate::git::Snapshot;
use crate::git::Workspace;
use crate::render::Entry;
use crate::render::PathEntry;
use crate::render::Tree;
use std::collections::BTreeMap;

/// No path leads through more links.
const MOST_LINKS: usize = 40;

/// The tree of a commit.
pub(super) struct GitTree(Files);

impl GitTree {
    /// Opens a snapshot, on the thread that builds.
    ///
    /// # Errors
    /// As [`Snapshot::open`].
    pub(super) fn open(snapshot: &Snapshot) -> anyhow::Result<Self> {
        Ok(Self(snapshot.open()?))
    }

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
