//! `set version`: the versions of one object.

use super::find::Finder;
use super::proof;
use super::step;
use super::step::Step;
use super::step::Told;
use super::wanted::Wanted;
use crate::api::ObjectId;
use crate::git::Workspace;
use crate::ops::change::edit::Draft;
use crate::ops::change::run::Task;
use crate::ops::change::value::Change;

/// Sets versions of an object where they are declared.
///
/// # Errors
/// Nothing has such a version, or more than one thing; an older version that is not forced; a place that cannot be edited; those of Git.
pub async fn set_version(
    task: &Task<'_>,
    id: &ObjectId,
    wanted: &[Wanted],
    is_forced: bool,
) -> anyhow::Result<()> {
    let told = Told::new(task.sink);
    task.run(|workspace| change(task, workspace, id, (wanted, is_forced), &told)).await
}

fn change(
    task: &Task<'_>,
    workspace: &Workspace,
    id: &ObjectId,
    (wanted, is_forced): (&[Wanted], bool),
    told: &Told<'_>,
) -> anyhow::Result<Change> {
    let mut draft = Draft::of(workspace)?;
    let reach = draft.reach(&task.fleet)?;
    let finder = Finder { reach: &reach, fleet: &task.fleet, id };
    let mut steps: Vec<Step> = Vec::new();
    for wanted in wanted {
        let step = finder.step(wanted)?;
        if let Some(same) =
            steps.iter().find(|one| one.pin.what == step.pin.what && one.pin.owner == step.pin.owner)
        {
            anyhow::ensure!(
                same.to == step.to,
                "{} is given twice: {} and {}",
                step.name(),
                same.to(),
                step.to()
            );
            continue;
        }
        steps.push(step);
    }
    let message = message(&steps, id);
    let (done, steps): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(Step::is_done);
    for step in &done {
        told.action(format!("nothing to change: {} is {} already", step.name(), step.to()));
    }
    for step in &steps {
        told.action(format!("setting {} from {} to {}", step.name(), step.from(), step.to()));
    }
    step::refuse_older(&steps, is_forced)?;
    step::write(&mut draft, &reach, &steps)?.into_iter().for_each(|line| told.warning(line));
    proof::prove(&draft, &task.fleet, &steps)?;
    Ok(Change { details: step::details(&steps), ..draft.change(message) })
}

/// The message. Its first line says only what is wanted, so that the same request is found again.
fn message(steps: &[Step], id: &ObjectId) -> String {
    let wanted = |step: &Step| format!("{} {}", step.pin.name(), step.to.beside(&step.to));
    match steps {
        [one] => format!("Set {} to {}", one.name(), one.to.beside(&one.to)),
        several => {
            let all: Vec<String> = several.iter().map(wanted).collect();
            format!("Set versions of {id}: {}", all.join(", "))
        }
    }
}
