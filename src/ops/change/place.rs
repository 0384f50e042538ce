//! Chooses the file for a new object: next to similar objects, where the cluster applies it.

use super::edit::Draft;
use super::fleet::Fleet;
use super::reach::Reach;
use super::shared;
use crate::api::ObjectId;
use crate::render::Declaration;
use crate::render::is_below;
use crate::render::join;
use crate::render::parent;
use crate::text::WithHint;
use std::collections::BTreeMap;

/// How the names of files that bootstrap writes begin.
const OF_BOOTSTRAP: &str = "gotk-";

/// The file for a new object, which does not exist yet.
///
/// # Errors
/// All names are taken; files that cannot be read.
pub(super) fn file(
    draft: &Draft<'_>,
    reach: &Reach,
    fleet: &Fleet,
    id: &ObjectId,
    word: &str,
) -> anyhow::Result<String> {
    let folder = folder(draft, reach, fleet, id)?;
    for name in [id.name.clone(), format!("{}-{}", id.name, word.to_lowercase())] {
        let file = join(&folder, &format!("{name}.yaml"));
        if draft.text(&file)?.is_none() {
            return Ok(file);
        }
    }
    Err(anyhow::anyhow!("\"{}\" already exists", join(&folder, &format!("{}.yaml", id.name))))
        .hint("choose a file with --manifest-file; an existing file gets the object as a further document")
}

/// The folder with most similar objects: of the same kind and namespace, else of the same kind, else of the same namespace; else the
/// folder of the cluster.
fn folder(draft: &Draft<'_>, reach: &Reach, fleet: &Fleet, id: &ObjectId) -> anyhow::Result<String> {
    let tiers: [&dyn Fn(&Declaration) -> bool; 3] = [
        &|one| one.id.kind == id.kind && one.id.namespace == id.namespace,
        &|one| one.id.kind == id.kind,
        &|one| one.id.namespace == id.namespace && !id.namespace.is_empty(),
    ];
    for is_relative in tiers {
        let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
        for one in reach.objects.iter().filter(|one| is_home(one, id) && is_relative(one)) {
            *folders.entry(parent(&one.file)).or_default() += 1;
        }
        let most = folders.values().max().copied();
        let equal: Vec<&str> =
            folders.iter().filter(|(_, count)| Some(**count) == most).map(|(folder, _)| *folder).collect();
        match equal[..] {
            [] => {}
            [one] => return Ok(one.to_owned()),
            _ => return Ok(nearest(draft, reach, fleet, &equal)?.to_owned()),
        }
    }
    Ok(fleet.path.clone())
}

/// Of folders with equally many relatives, the only one below the folder of the cluster, else the only one that no other cluster applies;
/// where that does not tell, the folder of the cluster.
fn nearest<'a>(
    draft: &Draft<'_>,
    reach: &Reach,
    fleet: &'a Fleet,
    folders: &[&'a str],
) -> anyhow::Result<&'a str> {
    let own: Vec<&str> = folders.iter().copied().filter(|folder| is_below(folder, &fleet.path)).collect();
    let own = if own.is_empty() {
        let others = shared::folders_of_others(draft, fleet, reach)?;
        folders.iter().copied().filter(|folder| !others.contains(*folder)).collect()
    } else {
        own
    };
    Ok(if let [one] = own[..] { one } else { fleet.path.as_str() })
}

/// Whether an object of this namespace could be declared next to another one.
fn is_home(one: &Declaration, id: &ObjectId) -> bool {
    let has_room = !one.has_foreign_namespace || one.id.namespace == id.namespace;
    // Bases are shared: a new object of one cluster does not belong there.
    let is_own = one.listed.as_ref().is_none_or(|listed| !listed.entry.starts_with("../"));
    has_room && is_own && !is_of_bootstrap(&one.file)
}

/// Whether bootstrap writes a file, and would overwrite it.
pub(super) fn is_of_bootstrap(file: &str) -> bool {
    file.rsplit('/').next().unwrap_or_default().starts_with(OF_BOOTSTRAP)
}

/// The kustomization that has to list a file, and the entry; `None` if files are found without being listed.
pub(super) fn listing(reach: &Reach, file: &str) -> Option<(String, String)> {
    let mut folder = parent(file);
    loop {
        if let Some(found) = reach.kustomizations.iter().find(|one| one.folder == folder) {
            let entry = if folder.is_empty() { file } else { &file[folder.len() + 1..] };
            return Some((found.file.clone(), entry.to_owned()));
        }
        if folder.is_empty() || reach.has_root(folder) {
            return None;
        }
        folder = parent(folder);
    }
}
