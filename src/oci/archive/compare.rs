//! Comparing an archive with what would be archived: by names, kinds and contents, not by how they were compressed.

use super::Source;
use super::entries;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;

/// In what a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only here, not in the archive.
    Added,
    /// In both, with other content.
    Modified,
    /// In both, but only one of them can be run.
    Mode,
    /// Only in the archive.
    Removed,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub path: String,
    pub change: Change,
}

/// What is compared of a file.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    hash: [u8; 32],
    can_be_run: bool,
}

/// The files in which the source differs from an archive of `size` bytes, by name. Folders are not compared.
///
/// # Errors
/// As [`Source`]'s; an archive that cannot be read.
pub fn compare(archive: &File, size: u64, source: &Source) -> anyhow::Result<Vec<Changed>> {
    let mut theirs = BTreeMap::new();
    entries::walk(BufReader::new(archive), size, |entry| {
        if let Some(content) = entry.content {
            let facts = facts(content, entry.mode).map_err(entries::broken)?;
            theirs.insert(plain(&entry.name), facts);
        }
        Ok(())
    })?;
    let mut changes = Vec::new();
    source.walk(&mut |entry| {
        let Some((_, content)) = entry.content else { return Ok(()) };
        let ours = facts(content, entry.mode)?;
        let change = match theirs.remove(entry.name) {
            None => Some(Change::Added),
            Some(theirs) if theirs.hash != ours.hash => Some(Change::Modified),
            Some(theirs) if theirs != ours => Some(Change::Mode),
            Some(_) => None,
        };
        changes.extend(change.map(|change| Changed { path: entry.name.to_owned(), change }));
        Ok(())
    })?;
    changes.extend(theirs.into_keys().map(|path| Changed { path, change: Change::Removed }));
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

fn facts(content: &mut dyn Read, mode: u32) -> io::Result<Facts> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok(Facts { hash: hash.finalize().into(), can_be_run: mode & 0o100 != 0 });
        }
        hash.update(&buffer[..read]);
    }
}

/// Other programs write `./a` for `a`.
fn plain(name: &str) -> String {
    name.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}
