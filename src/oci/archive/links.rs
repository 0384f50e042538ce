//! Archives of folders whose files are elsewhere, behind links (`--resolve-symlinks`).

use anyhow::Context;
use std::fs::Metadata;
use std::path::Path;
use std::path::PathBuf;

/// The folders that the walk is in, by their real places: a link to one of them is a cycle.
#[derive(Debug, Default)]
pub(super) struct Trail(Vec<PathBuf>);

impl Trail {
    /// Goes into a folder, unless the walk is in it already.
    pub(super) fn enter(&mut self, folder: &Path) -> anyhow::Result<bool> {
        let real = folder.canonicalize().with_context(|| failed(folder))?;
        if self.0.contains(&real) {
            return Ok(false);
        }
        self.0.push(real);
        Ok(true)
    }

    /// Back to the folder above.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }
}

/// What a link leads to.
pub(super) fn target(path: &Path) -> anyhow::Result<Metadata> {
    std::fs::metadata(path).with_context(|| failed(path))
}

fn failed(path: &Path) -> String {
    format!("resolving symlinks failed: resolving symlink {}", path.display())
}
