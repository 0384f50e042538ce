//! A change to a repository as a value: committed, or shown as a diff.

use crate::api::ObjectId;
use crate::git;
use crate::git::Workspace;
use crate::text::with_hint;
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Longer new files are only counted: no one reads seven thousand lines of generated manifests.
const LONGEST_SHOWN: usize = 200;

/// A moment in RFC 3339.
static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z").ok());

/// Files and the message they are committed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct Change {
    /// Path in the repository and content. `None` removes the file.
    pub(in crate::ops) files: Vec<(String, Option<String>)>,
    pub(in crate::ops) message: String,
    /// Lines of Markdown for the description of a request, after the list of files.
    pub(in crate::ops) details: Vec<String>,
    /// What is to be removed and is not there. An earlier run may have removed it.
    pub(in crate::ops) absent: Option<Absent>,
}

/// An object that is not declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct Absent {
    pub(in crate::ops) id: ObjectId,
    /// Why it can be neither edited nor removed, and what to do.
    pub(in crate::ops) what: String,
    pub(in crate::ops) hint: String,
}

impl Absent {
    pub(in crate::ops) fn into_error(self) -> anyhow::Error {
        with_hint(anyhow::anyhow!(self.what), self.hint)
    }
}

/// How one file would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct FileChange {
    pub(in crate::ops) path: String,
    before: Option<String>,
    after: Option<String>,
}

impl Change {
    /// Files that are written or removed.
    pub(in crate::ops) fn of(files: Vec<(String, Option<String>)>, message: String) -> Self {
        Self { files, message, details: Vec::new(), absent: None }
    }

    /// The first line of the message.
    pub(in crate::ops) fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Files that are written.
    pub(in crate::ops) fn writing(files: Vec<(String, String)>, message: String) -> Self {
        Self::of(files.into_iter().map(|(path, content)| (path, Some(content))).collect(), message)
    }

    /// Writes the files into the clone, or removes them.
    pub(in crate::ops) fn write(&self, workspace: &Workspace) -> anyhow::Result<()> {
        // A file may take the place of a folder, and the other way round.
        for (path, _) in self.files.iter().filter(|(_, content)| content.is_none()) {
            workspace.remove(path)?;
        }
        for (path, content) in &self.files {
            if let Some(content) = content {
                workspace.write(path, content)?;
            }
        }
        Ok(())
    }

    /// The folders from which files are removed.
    fn emptied(&self) -> HashSet<&str> {
        let removed = self.files.iter().filter(|(_, content)| content.is_none());
        removed.flat_map(|(path, _)| path.match_indices('/').map(|(at, _)| &path[..at])).collect()
    }

    /// The files that differ from the clone; all of them if there is no clone yet.
    pub(in crate::ops) fn differing(&self, workspace: Option<&Workspace>) -> anyhow::Result<Vec<FileChange>> {
        let emptied = self.emptied();
        let mut changes = Vec::new();
        for (path, after) in &self.files {
            let before = match workspace {
                // There is a folder, whose files are listed one by one.
                Some(_) if after.is_some() && emptied.contains(path.as_str()) => None,
                Some(workspace) => {
                    workspace.read(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                }
                None => None,
            };
            if before != *after {
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
    pub(in crate::ops) fn diff(&self) -> anyhow::Result<String> {
        let lines = self.after.as_deref().unwrap_or_default().lines().count();
        if self.before.is_none() && lines > LONGEST_SHOWN {
            return Ok(format!("--- /dev/null\n+++ b/{}\n(new file, {lines} lines)", self.path));
        }
        git::unified_diff(&self.path, self.before.as_deref(), self.after.as_deref())
    }

    /// Whether only times differ: notes say when they were written.
    pub(in crate::ops) fn is_of_times_only(&self) -> bool {
        let without = |text: &Option<String>| {
            let text = text.as_deref()?;
            Some(
                TIME.as_ref().map_or_else(|| text.to_owned(), |time| time.replace_all(text, "").into_owned()),
            )
        };
        without(&self.before) == without(&self.after)
    }

    pub(in crate::ops) fn is_removed(&self) -> bool {
        self.after.is_none()
    }

    /// What happens to the file, in a word.
    pub(in crate::ops) fn word(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "add",
            (_, None) => "remove",
            _ => "edit",
        }
    }
}
