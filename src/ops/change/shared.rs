//! Other clusters that apply what a change touches: a base of several clusters is changed for all of them.

use super::edit::Draft;
use super::fleet::Fleet;
use super::reach::Reach;
use crate::git::Files;
use crate::git::Item;
use crate::git::Workspace;
use crate::ops::clusters::SYNC;
use crate::ops::clusters::clusters;
use crate::ops::commit::Change;
use crate::ops::commit::FileChange;
use crate::render::PatchText;
use crate::render::is_below;
use crate::render::parent;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The folders of other clusters that apply files of a change, each with these files; `files` are those that differ from the clone.
///
/// # Errors
/// Files of the clone that cannot be read.
pub(super) fn others(
    workspace: &Workspace,
    change: &Change,
    files: &[FileChange],
    fleet: &Fleet,
) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    let is_own = |path: &str| fleet.path.is_empty() || is_below(path, &fleet.path);
    let foreign: Vec<_> = files.iter().filter(|file| !is_own(&file.path)).collect();
    if foreign.is_empty() {
        return Ok(found);
    }
    let before = Draft::of(workspace, fleet)?;
    let after = Draft::with(workspace, fleet, change)?;
    let own = before.reach(fleet)?;
    for other in other_clusters(&workspace.files()?, fleet, &own)? {
        let mut touched = BTreeSet::new();
        for (draft, is_gone) in [(&before, true), (&after, false)] {
            let files = foreign.iter().filter(|file| file.is_removed() == is_gone);
            let files: BTreeSet<&str> = files.map(|file| file.path.as_str()).collect();
            if files.is_empty() {
                continue;
            }
            // What another cluster cannot apply is not a reason to refuse anything here.
            let Ok(reach) = draft.reach(&other) else { continue };
            let applied = reach.objects.iter().map(|one| &one.file);
            let applied = applied.chain(reach.kustomizations.iter().map(|one| &one.file));
            let patches = reach.kustomizations.iter().flat_map(|one| one.patches.all());
            let applied = applied.chain(patches.filter_map(PatchText::file));
            touched.extend(applied.filter(|file| files.contains(file.as_str())).cloned());
        }
        if !touched.is_empty() {
            found.insert(other.path, touched);
        }
    }
    Ok(found)
}

/// The folders with objects that other clusters apply.
///
/// # Errors
/// Files that cannot be read.
pub(super) fn folders_of_others(
    draft: &Draft<'_>,
    fleet: &Fleet,
    own: &Reach,
) -> anyhow::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for other in other_clusters(&draft.files()?, fleet, own)? {
        let Ok(reach) = draft.reach(&other) else { continue };
        found.extend(reach.objects.iter().map(|one| parent(&one.file).to_owned()));
    }
    Ok(found)
}

/// Other clusters, by their folders: those that bootstrap has filled, and those beside the folder of this one. A folder from which this
/// cluster takes something is a base.
fn other_clusters(files: &Files, fleet: &Fleet, own: &Reach) -> anyhow::Result<Vec<Fleet>> {
    let syncs = files.named(SYNC)?;
    let mut folders: BTreeSet<String> = clusters(&syncs).into_keys().map(str::to_owned).collect();
    if let Some((parent, _)) = fleet.path.rsplit_once('/') {
        let beside = files.list(parent)?.into_iter().filter(|(_, item)| *item == Item::Folder);
        folders.extend(beside.map(|(name, _)| format!("{parent}/{name}")));
    }
    let entered = || own.objects.iter().map(|one| &one.file).chain(own.roots.iter().map(|root| &root.folder));
    folders.retain(|folder| *folder != fleet.path && !entered().any(|path| is_below(path, folder)));
    // What the sources of other clusters ignore besides is not known.
    let fleet_of =
        |path| Fleet { path, sync: Value::Null, is_followed: false, ignore: String::new(), ..fleet.clone() };
    Ok(folders.into_iter().map(fleet_of).collect())
}
