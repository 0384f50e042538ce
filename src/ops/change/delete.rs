//! Deletes objects: their documents, the files that held nothing else, and the entries that listed those.

use super::edit::Draft;
use super::fleet::Fleet;
use super::once::OnceSink;
use super::reach::Reach;
use super::run::Destination;
use super::run::Task;
use super::trial::Outcome;
use super::trial::prove;
use crate::api::ObjectId;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::render::Declaration;
use crate::render::Listing;
use crate::render::parent;
use crate::text::WithHint;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::at;
use serde_json::Value;

/// Asks whether the manifest of an object may be removed.
///
/// # Errors
/// It may not; no one can be asked.
pub async fn confirm_deletion(task: &Task<'_>, id: &ObjectId) -> anyhow::Result<()> {
    let Fleet { remote, branch, path, .. } = &task.fleet;
    let (verb, branch) = match &task.destination {
        Destination::Request(options) => ("propose to remove", options.base.as_ref().unwrap_or(branch)),
        Destination::Push | Destination::DryRun => ("remove", branch),
    };
    let question = format!(
        "Are you sure you want to {verb} the manifest of {id}, which \"./{path}\" applies, from branch \"{branch}\" of \"{}\"",
        remote.url
    );
    task.sink.confirm(&question, "--silent", "aborting").await
}

/// Removes an object from the repository.
///
/// # Errors
/// It is declared nowhere and never was, as far as the branch tells; it is declared more than once, or its document cannot be removed;
/// those of Git.
pub async fn delete(task: &Task<'_>, id: &ObjectId) -> anyhow::Result<()> {
    let sink = OnceSink::new(task.sink);
    task.run(|workspace| change(task, &sink, workspace, id)).await
}

/// The message of the commit that removes an object.
pub(super) fn title(id: &ObjectId) -> String {
    format!("Delete {id}")
}

fn change(
    task: &Task<'_>,
    sink: &OnceSink<'_>,
    workspace: &Workspace,
    id: &ObjectId,
) -> anyhow::Result<Change> {
    if task.fleet.is_lifeline(id) {
        return Err(anyhow::anyhow!("{id} is what the cluster follows the repository with: without it, everything that it applies is deleted"))
            .hint("`fluxr uninstall` removes Flux and leaves the rest; without --push, the object is deleted in the cluster only");
    }
    let (mut draft, reach) = Draft::begin(workspace, &task.fleet, sink)?;
    let message = title(id);
    if reach.all(id).is_empty() {
        return Ok(Change { absent: Some(reach.absent(id, &task.fleet)), ..draft.change(message) });
    }
    let declared = reach.one(id, &task.fleet)?;
    let rest = without(draft.manifest(&declared.file)?, declared)?;
    if rest.is_empty() {
        keep_folder(&reach, workspace, &declared.file)?;
        draft.remove(&declared.file);
        let listings = reach.objects.iter().filter(|one| one.file == declared.file);
        for listing in distinct(listings.filter_map(|one| one.listed.as_ref())) {
            unlist(&mut draft, &reach, listing)?;
        }
    } else {
        draft.write(&declared.file, rest.text());
    }
    prove(&draft, (&task.fleet, &reach), std::slice::from_ref(id), Outcome::Gone, sink)?;
    Ok(draft.change(message))
}

/// A file without an object: its document, or its item of a list with others.
fn without(manifest: Manifest, declared: &Declaration) -> anyhow::Result<Manifest> {
    let document = declared.document;
    if let Some((Step::Item(_), list)) = declared.path.split_last() {
        let items =
            manifest.documents().nth(document).and_then(|root| at(root, list)).and_then(Value::as_array);
        if items.is_some_and(|items| items.len() > 1) || list.len() > 1 {
            return Ok(manifest.remove(document, &declared.path)?);
        }
    }
    Ok(manifest.remove_document(document)?)
}

/// Refuses to remove the last file of a folder that a Kustomization applies: Git keeps no empty folders, and without the
/// folder the controller fails and prunes nothing.
fn keep_folder(reach: &Reach, workspace: &Workspace, file: &str) -> anyhow::Result<()> {
    let folder = parent(file);
    if !reach.has_root(folder) {
        return Ok(());
    }
    if workspace.files()?.list(folder)?.len() > 1 {
        return Ok(());
    }
    Err(anyhow::anyhow!(
        "{file} is the last file of the folder \"./{folder}\", without which the Kustomization fails"
    ))
    .hint("delete the Kustomization that applies the folder instead")
}

/// Removes an entry, and its kustomization too if that was the last one: an empty kustomization cannot be built.
fn unlist(draft: &mut Draft<'_>, reach: &Reach, listing: &Listing) -> anyhow::Result<()> {
    if draft.unlist(listing)? {
        return Ok(());
    }
    let emptied = reach.kustomizations.iter().filter(|one| one.file == listing.file);
    let above: Vec<&Listing> = distinct(emptied.filter_map(|one| one.listed.as_ref()));
    if above.is_empty() {
        return Ok(());
    }
    draft.remove(&listing.file);
    above.into_iter().try_for_each(|listing| unlist(draft, reach, listing))
}

fn distinct<'a>(listings: impl Iterator<Item = &'a Listing>) -> Vec<&'a Listing> {
    let mut distinct: Vec<&Listing> = Vec::new();
    for listing in listings {
        if !distinct.contains(&listing) {
            distinct.push(listing);
        }
    }
    distinct
}
