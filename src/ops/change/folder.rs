//! Differences below a folder between a commit and a clone.

use crate::git::Files;
use crate::git::Item;
use crate::git::Workspace;
use crate::render::join;
use crate::text::WithHint;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// An entry of a folder in a repository.
#[derive(PartialEq, Eq)]
enum Kept {
    File(Vec<u8>),
    /// A file that can be run.
    Program(Vec<u8>),
    Link(String),
    /// A submodule.
    Module,
}

/// The files to write or remove to restore a folder.
pub(super) fn differences(
    before: &Files,
    workspace: &Workspace,
    folder: &str,
) -> anyhow::Result<Vec<(String, Option<String>)>> {
    anyhow::ensure!(before.look(folder)? == Some(Item::Folder), "the folder did not exist then");
    let (mut then, mut now) = (BTreeMap::new(), BTreeMap::new());
    read_commit(before, folder, &mut then)?;
    let present = workspace.files()?;
    match present.look(folder)? {
        Some(Item::Folder) => read_commit(&present, folder, &mut now)?,
        // A file has taken its place.
        Some(Item::File) => drop(now.insert(folder.to_owned(), Kept::File(Vec::new()))),
        _ => {}
    }
    let paths: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let is_above =
        |path: &str, other: &String| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let (mut files, mut kept) = (Vec::new(), Vec::new());
    for path in paths {
        match (then.get(path), now.get(path)) {
            (then, now) if then == now => {}
            // Submodules are left as they are, where nothing has to take their place.
            (None | Some(Kept::Module), Some(Kept::Module)) | (Some(Kept::Module), None) => {
                let is_in_the_way = then.iter().any(|(other, item)| {
                    !matches!(item, Kept::Module) && (is_above(path, other) || is_above(other, path))
                });
                if is_in_the_way {
                    kept.push(path.as_str());
                }
            }
            (None, Some(Kept::File(_) | Kept::Program(_))) => files.push((path.clone(), None)),
            (Some(Kept::File(bytes)), None | Some(Kept::File(_)))
            | (Some(Kept::Program(bytes)), Some(Kept::Program(_))) => {
                match String::from_utf8(bytes.clone()) {
                    Ok(text) => files.push((path.clone(), Some(text))),
                    Err(_) => kept.push(path.as_str()),
                }
            }
            _ => kept.push(path.as_str()),
        }
    }
    if kept.is_empty() {
        return Ok(files);
    }
    Err(anyhow::anyhow!(
        "symbolic links, submodules, binary files or file modes have changed: {}",
        kept.join(", ")
    ))
    .hint("revert these with Git, then run the command again")
}

/// Everything below a folder of a commit.
fn read_commit(files: &Files, folder: &str, found: &mut BTreeMap<String, Kept>) -> anyhow::Result<()> {
    for (name, item) in files.list(folder)? {
        let path = join(folder, &name);
        match item {
            Item::Folder => read_commit(files, &path, found)?,
            Item::File => {
                let kept = if files.is_executable(&path)? { Kept::Program } else { Kept::File };
                found.insert(path.clone(), kept(files.read(&path)?));
            }
            Item::Link(to) => drop(found.insert(path, Kept::Link(to))),
            Item::Module => drop(found.insert(path, Kept::Module)),
        }
    }
    Ok(())
}
