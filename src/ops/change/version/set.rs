//! `set version`: changes versions of one object where they are declared.

use super::change;
use super::change::VersionChange;
use super::find::Finder;
use super::proof;
use super::wanted::VersionRequest;
use super::write::write;
use crate::api::ObjectId;
use crate::git::Workspace;
use crate::ops::change::edit::Draft;
use crate::ops::change::once::OnceSink;
use crate::ops::change::run::Task;
use crate::ops::commit::Change;

/// Sets versions of an object where they are declared.
///
/// # Errors
/// Nothing has such a version, or more than one thing does; an older version that is not forced; a place that cannot be edited; errors
/// of Git.
pub async fn set_version(
    task: &Task<'_>,
    id: &ObjectId,
    wanted: &[VersionRequest],
    is_forced: bool,
) -> anyhow::Result<()> {
    let sink = OnceSink::new(task.sink);
    task.run(|workspace| setting(task, workspace, id, (wanted, is_forced), &sink)).await
}

fn setting(
    task: &Task<'_>,
    workspace: &Workspace,
    id: &ObjectId,
    (wanted, is_forced): (&[VersionRequest], bool),
    sink: &OnceSink<'_>,
) -> anyhow::Result<Change> {
    let (mut draft, reach) = Draft::begin(workspace, &task.fleet, sink)?;
    let finder = Finder { reach: &reach, fleet: &task.fleet, id };
    let mut changes: Vec<VersionChange> = Vec::new();
    for wanted in wanted {
        let new = finder.change(wanted)?;
        let is_same = |one: &&VersionChange| one.pin.what == new.pin.what && one.pin.owner == new.pin.owner;
        if let Some(same) = changes.iter().find(is_same) {
            anyhow::ensure!(
                same.to == new.to,
                "{} is given twice: {} and {}",
                new.name(),
                same.to(),
                new.to()
            );
            continue;
        }
        changes.push(new);
    }
    let message = message(&changes, id);
    let (done, changes): (Vec<VersionChange>, Vec<VersionChange>) =
        changes.into_iter().partition(VersionChange::is_done);
    for change in &done {
        sink.action(format!("nothing to change: {} is {} already", change.name(), change.to()));
    }
    for change in &changes {
        sink.action(format!("setting {} from {} to {}", change.name(), change.from(), change.to()));
    }
    change::refuse_older(&changes, is_forced)?;
    write(&mut draft, &reach, &changes)?.into_iter().for_each(|line| sink.warning(line));
    proof::prove(&draft, &task.fleet, &reach, &changes)?.into_iter().for_each(|line| sink.warning(line));
    Ok(Change { details: change::details(&changes), ..draft.change(message) })
}

/// The commit message. Its first line says only what is wanted, so that the same request is found again.
fn message(changes: &[VersionChange], id: &ObjectId) -> String {
    let wanted = |change: &VersionChange| format!("{} {}", change.pin.name(), change.to.beside(&change.to));
    match changes {
        [one] => format!("Set {} to {}", one.name(), one.to.beside(&one.to)),
        several => {
            let all: Vec<String> = several.iter().map(wanted).collect();
            format!("Set versions of {id}: {}", all.join(", "))
        }
    }
}
