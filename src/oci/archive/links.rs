//! Archives of folders whose files are elsewhere, behind links (`--resolve-symlinks`).

use crate::text;
use anyhow::Context;
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// So many links are followed from one to the next.
const MOST_LINKS: usize = 255;

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
    std::fs::metadata(path).map_err(|error| anyhow::anyhow!("{}: {}", failed(path), missing(path, &error)))
}

fn failed(path: &Path) -> String {
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("resolving symlinks failed: resolving symlink {}", shown.display())
}

/// Why a link cannot be followed: what is not there at its end.
fn missing(path: &Path, error: &io::Error) -> String {
    let Ok(mut at) = text::absolute_path(path) else { return text::in_go_words(error) };
    for _ in 0..MOST_LINKS {
        let mut above: Vec<&Path> = at.ancestors().collect();
        above.reverse();
        for part in above {
            if let Err(error) = part.symlink_metadata() {
                return format!("lstat {}: {}", part.display(), text::in_go_words(&error));
            }
        }
        let Ok(link) = at.read_link() else { return text::in_go_words(error) };
        let folder = at.parent().unwrap_or(Path::new("/"));
        let Ok(next) = text::absolute_path(&folder.join(link)) else { return text::in_go_words(error) };
        at = next;
    }
    "EvalSymlinks: too many links".to_owned()
}
