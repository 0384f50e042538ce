//! Where a build reads from: a folder of the disk, or files in memory. Nothing is written, no path leads out of the root, and only
//! regular files are read: a pipe or a device could keep a build waiting for ever.

use crate::text::path_parts;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::FileType;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::path::PathBuf;

/// What is at a path, with the path it really has: links and `..` resolved, relative to the root, `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathEntry {
    File(String),
    Folder(String),
}

/// The type of an entry in a folder. Links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    File,
    Folder,
    Other,
}

/// A tree of files.
pub trait Tree {
    /// What is at this path; `None` if there is nothing.
    ///
    /// # Errors
    /// A path that leads out of the root, a place that cannot be looked at.
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>>;

    /// Whether there is a link at this path that leads to nothing.
    fn is_dangling(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Whether a path, which has neither `.` nor `..`, leads through a link of the tree, or is one.
    fn leads_through_link(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Whether it is an artifact: what its source ignores is left out already.
    fn is_artifact(&self) -> bool {
        false
    }

    /// Why nothing is found where something is, for messages: it continues "which".
    fn why_left_out(&self, path: &str) -> Option<&'static str> {
        let _ = path;
        None
    }

    /// The content of the file at a path that [`Tree::find`] gave.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>>;

    /// The content of such a file as its author wrote it, for messages about its lines; `None` where no one has.
    fn written(&self, path: &str) -> Option<Vec<u8>> {
        self.read(path).ok()
    }

    /// What is in a folder, by name. Names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// A folder that is not there or cannot be read.
    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>>;

    /// The name of a path in messages.
    fn name(&self, path: &str) -> String {
        if path.is_empty() { ".".to_owned() } else { path.to_owned() }
    }
}

/// A folder of the disk.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The tree below this folder.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn new(root: &Path) -> anyhow::Result<Self> {
        let root = root.canonicalize().with_context(|| format!("reading \"{}\"", root.display()))?;
        Ok(Self { root })
    }
}

impl Tree for Disk {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        // A path that begins with a slash replaces the root; it may lead into it nevertheless.
        let wanted = if path.starts_with('/') { path.to_owned() } else { normal(path)? };
        let real = match self.root.join(&wanted).canonicalize() {
            Ok(real) => real,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error).with_context(|| format!("reading \"{}\"", self.name(&wanted))),
        };
        let Ok(inside) = real.strip_prefix(&self.root) else {
            anyhow::bail!("\"{path}\" leads out of \"{}\"", self.root.display());
        };
        let Some(inside) = inside.to_str() else {
            anyhow::bail!("the name of \"{}\" is not UTF-8", real.display());
        };
        let kind = real.metadata().with_context(|| format!("reading \"{}\"", real.display()))?.file_type();
        if let Some(other) = irregular(kind) {
            anyhow::bail!("\"{}\" is {other}, not a file", self.name(inside));
        }
        let inside = inside.to_owned();
        Ok(Some(if kind.is_dir() { PathEntry::Folder(inside) } else { PathEntry::File(inside) }))
    }

    fn leads_through_link(&self, path: &str) -> bool {
        let wanted = self.root.join(path);
        match wanted.canonicalize() {
            // The root has no link in it.
            Ok(real) => real != wanted,
            Err(_) => {
                let mut above = wanted.ancestors().take_while(|above| *above != self.root);
                above.any(Path::is_symlink)
            }
        }
    }

    fn is_dangling(&self, path: &str) -> bool {
        let wanted = self.root.join(path);
        wanted.symlink_metadata().is_ok_and(|found| found.is_symlink()) && !wanted.exists()
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        std::fs::read(self.root.join(path)).with_context(|| format!("reading \"{}\"", self.name(path)))
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        let entries = std::fs::read_dir(self.root.join(folder))
            .with_context(|| format!("reading \"{}\"", self.name(folder)))?;
        let named = entries.flatten().filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            let entry_kind = if kind.is_dir() {
                Entry::Folder
            } else if kind.is_file() {
                Entry::File
            } else {
                Entry::Other
            };
            Some((entry.file_name().into_string().ok()?, entry_kind))
        });
        Ok(named.collect())
    }

    fn name(&self, path: &str) -> String {
        let is_everything = self.root == Path::new("/");
        match path {
            path if is_everything => format!("/{path}"),
            "" => ".".to_owned(),
            path => path.to_owned(),
        }
    }
}

/// What is neither a file nor a folder, in words.
fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_fifo() {
        Some("a named pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device")
    } else {
        None
    }
}

/// Files in memory, by their paths.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Tree for Memory {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        anyhow::ensure!(!path.starts_with('/'), "\"{path}\" leads out of the tree of files");
        let path = normal(path)?;
        if self.0.contains_key(&path) {
            return Ok(Some(PathEntry::File(path)));
        }
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let next = self.0.range(prefix.clone()..).next();
        let holds_something = next.is_some_and(|(name, _)| name.starts_with(&prefix));
        Ok(holds_something.then_some(PathEntry::Folder(path)))
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.0.get(path).cloned().with_context(|| format!("there is no \"{path}\""))
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        let prefix = join(&normal(folder)?, "");
        let behind = self.0.range(prefix.clone()..);
        let inside = behind.map_while(|(path, _)| path.strip_prefix(&prefix));
        let named: BTreeMap<String, Entry> = inside
            .map(|inside| match inside.split_once('/') {
                Some((name, _)) => (name.to_owned(), Entry::Folder),
                None => (inside.to_owned(), Entry::File),
            })
            .collect();
        anyhow::ensure!(!named.is_empty(), "there is no \"{folder}\"");
        Ok(named)
    }
}

/// The path without `.`, `..` and doubled slashes.
pub(in crate::render) fn normal(path: &str) -> anyhow::Result<String> {
    let (parts, climbs) = path_parts(path);
    anyhow::ensure!(climbs == 0, "\"{path}\" leads out of the tree of files");
    Ok(parts.join("/"))
}

/// Whether a path is the folder or something below it.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A path as messages tell it: the shortest, if it stays in the tree.
pub(in crate::render) fn tidy(path: String) -> String {
    normal(&path).unwrap_or(path)
}

/// The folder that a path is in; empty for the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A name below a folder.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
