//! `promote`: an environment is brought to the versions that another one runs.

use super::change;
use super::change::VersionChange;
use super::fields;
use super::images;
use super::matching::Choice;
use super::matching::Known;
use super::matching::plan;
use super::pin::Owner;
use super::pin::Pin;
use super::proof;
use super::running;
use super::write::write;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::git::Workspace;
use crate::ops::change::edit::Draft;
use crate::ops::change::fleet::Fleet;
use crate::ops::change::once::OnceSink;
use crate::ops::change::reach::Reach;
use crate::ops::change::run::Destination;
use crate::ops::change::run::Task;
use crate::ops::commit::Change;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use anyhow::Context;
use kube::Client;
use serde_json::Map;
use serde_json::Value;
use std::collections::HashSet;

/// Where versions come from.
pub enum Side {
    /// A folder of the repository.
    Folder(String),
    /// A cluster, by its context, and what it runs.
    Cluster(String, Running),
}

/// What a cluster runs.
pub struct Running(Vec<Known>);

impl Side {
    /// Reads what a cluster runs.
    ///
    /// # Errors
    /// Objects that cannot be listed.
    pub async fn of_cluster(context: &str, client: &Client) -> anyhow::Result<Self> {
        Ok(Self::Cluster(context.to_owned(), Running(running::read(client).await?)))
    }

    fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => format!("./{}", clean_relative_path(folder)),
            Self::Cluster(context, _) => context.clone(),
        }
    }
}

/// What is promoted.
pub struct Promotion {
    pub from: Side,
    /// The names and patterns that were given.
    pub only: Vec<String>,
    pub except: Vec<String>,
    /// Whether older versions are promoted, too.
    pub is_forced: bool,
    /// Whether what only one side has is shown.
    pub tells_all: bool,
    /// Whether a dry run shows the changes only as a document, without a diff.
    pub is_for_program: bool,
}

/// A version that is promoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Promoted {
    /// What declares it, and the name of the version in that.
    pub object: String,
    pub name: String,
    pub from: String,
    pub to: String,
    /// The same for programs.
    pub document: Value,
}

/// Brings the folder of the task to the versions of another side. `show` gets the changes, and gets them again if the branch has moved.
///
/// # Errors
/// A folder that is not there; older versions that are not forced; a place that cannot be edited; errors of Git.
pub async fn promote(
    task: &Task<'_>,
    promotion: &Promotion,
    show: &(dyn Fn(&[Promoted]) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<()> {
    let sink = OnceSink::new(task.sink);
    let make = |workspace: &Workspace| promoting(task, workspace, promotion, &sink, show);
    if promotion.is_for_program && task.destination == Destination::DryRun {
        return task.plan(make).await;
    }
    task.run(make).await
}

fn promoting(
    task: &Task<'_>,
    workspace: &Workspace,
    promotion: &Promotion,
    sink: &OnceSink<'_>,
    show: &(dyn Fn(&[Promoted]) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<Change> {
    let (mut draft, reach) = Draft::begin(workspace, &task.fleet, sink)?;
    let pins = pins(&reach, &task.fleet)?;
    let known = match &promotion.from {
        Side::Cluster(_, Running(known)) => known.clone(),
        Side::Folder(folder) => {
            let there = other(&draft, &task.fleet, folder)?;
            self::pins(&there, &task.fleet)?.iter().map(Known::of).collect()
        }
    };
    let choice = Choice { only: promotion.only.clone(), except: promotion.except.clone() };
    choice.check(&pins)?;
    let plan = plan(&known, pins, &choice);
    plan.skipped.into_iter().for_each(|line| sink.warning(line));
    if promotion.tells_all {
        plan.alone.into_iter().for_each(|line| sink.action(line));
    }
    let changes = plan.changes;
    change::refuse_older(&changes, promotion.is_forced)?;
    write(&mut draft, &reach, &changes)?.into_iter().for_each(|line| sink.warning(line));
    proof::prove(&draft, &task.fleet, &reach, &changes)?.into_iter().for_each(|line| sink.warning(line));
    show(&changes.iter().map(promoted).collect::<Vec<_>>())?;
    let message = message(promotion, &task.fleet, &changes);
    Ok(Change { details: change::details(&changes), ..draft.change(message) })
}

/// What another folder of the repository declares.
fn other(draft: &Draft<'_>, fleet: &Fleet, folder: &str) -> anyhow::Result<Reach> {
    let path = clean_relative_path(folder);
    anyhow::ensure!(path != fleet.path, "--from and --to are the same folder, \"./{path}\"");
    let there = Fleet { path, sync: Value::Null, ..fleet.clone() };
    draft
        .reach(&there)
        .with_context(|| format!("looking for \"{folder}\""))
        .hint("--from names a folder of the repository, or a context of the kubeconfig")
}

/// The versions of everything that is declared, without that of the source that the cluster itself follows.
fn pins(reach: &Reach, fleet: &Fleet) -> anyhow::Result<Vec<Pin>> {
    let mut pins = Vec::new();
    for root in 0..reach.roots.len() {
        pins.extend(images::of_root(reach, root)?);
    }
    let built: HashSet<&ObjectId> = reach.roots.iter().filter_map(|root| root.by.as_ref()).collect();
    let is_elsewhere = |place: &usize| {
        let id = &reach.objects[*place].id;
        KUSTOMIZATION.is_of(id) && !built.contains(id)
    };
    let elsewhere = (0..reach.objects.len()).filter(is_elsewhere);
    pins.extend(elsewhere.flat_map(|place| images::of_spec(reach, place)));
    let own = (0..reach.objects.len()).filter_map(|place| fields::own(reach, place));
    pins.extend(own.filter(|pin| !matches!(&pin.owner, Owner::Object(id) if id.is_same(&fleet.source))));
    Ok(pins)
}

fn promoted(change: &VersionChange) -> Promoted {
    let mut fields = match &change.pin.owner {
        Owner::Object(id) => {
            serde_json::to_value(id).ok().and_then(|id| id.as_object().cloned()).unwrap_or_default()
        }
        Owner::Folder(folder) => Map::from_iter([("folder".to_owned(), folder.as_str().into())]),
    };
    let present: Vec<&str> = change.pin.present().into_iter().map(|one| one.value.as_str()).collect();
    for (field, value) in [
        ("version", change.pin.name().into()),
        ("from", present.join(", ").into()),
        ("to", change.to.value.as_str().into()),
        ("files", change.files().into()),
    ] {
        fields.insert(field.to_owned(), value);
    }
    Promoted {
        object: change.pin.owner.shown(),
        name: change.pin.name().to_owned(),
        from: change.from(),
        to: change.to(),
        document: Value::Object(fields),
    }
}

/// The commit message. Its first line is always the same, so that an open request is found again and updated.
fn message(promotion: &Promotion, fleet: &Fleet, changes: &[VersionChange]) -> String {
    let title = format!("Promote {} to ./{}", promotion.from.shown(), fleet.path);
    let line = |change: &VersionChange| format!("- {}: {} → {}", change.name(), change.from(), change.to());
    format!("{title}\n\n{}", changes.iter().map(line).collect::<Vec<_>>().join("\n"))
}
