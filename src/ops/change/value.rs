//! A change to the repository as a value: it can go into a commit, or on the screen.

use crate::git;
use crate::git::Workspace;

/// Longer new files are summed up in the plan: seven thousand lines of generated manifests tell a reader nothing.
const LONGEST_SHOWN: usize = 200;

/// Files and the message they are committed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Path in the repository and content.
    pub(super) files: Vec<(String, String)>,
    pub(super) message: String,
}

/// How one file would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileChange {
    pub(super) path: String,
    before: Option<String>,
    after: String,
}

impl Change {
    /// Writes the files into the clone.
    pub(super) fn write(&self, workspace: &Workspace) -> anyhow::Result<()> {
        for (path, content) in &self.files {
            workspace.write(path, content)?;
        }
        Ok(())
    }

    /// The files that differ from the clone; all of them where there is no clone yet.
    pub(super) fn differing(&self, workspace: Option<&Workspace>) -> anyhow::Result<Vec<FileChange>> {
        let mut changes = Vec::new();
        for (path, after) in &self.files {
            let before = match workspace {
                Some(workspace) => {
                    workspace.read(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                }
                None => None,
            };
            if before.as_ref() != Some(after) {
                changes.push(FileChange { path: path.clone(), before, after: after.clone() });
            }
        }
        Ok(changes)
    }
}

impl FileChange {
    /// A unified diff; a long new file is only counted.
    ///
    /// # Errors
    /// Texts that cannot be compared.
    pub(super) fn diff(&self) -> anyhow::Result<String> {
        let lines = self.after.lines().count();
        if self.before.is_none() && lines > LONGEST_SHOWN {
            return Ok(format!("--- /dev/null\n+++ b/{}\n(new file, {lines} lines)", self.path));
        }
        git::unified_diff(&self.path, self.before.as_deref(), &self.after)
    }
}
