//! `promote`: an environment is brought to the versions that another one runs.

use super::fields;
use super::images;
use super::matching::Choice;
use super::matching::Known;
use super::matching::plan;
use super::pin::Owner;
use super::pin::Pin;
use super::proof;
use super::running;
use super::step;
use super::step::Step;
use super::step::Told;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::git::Workspace;
use crate::ops::change::edit::Draft;
use crate::ops::change::fleet::Fleet;
use crate::ops::change::reach::Reach;
use crate::ops::change::run::Destination;
use crate::ops::change::run::Task;
use crate::ops::change::value::Change;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use anyhow::Context;
use kube::Client;
use serde_json::Map;
use serde_json::Value;

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
    /// Whether older versions are taken too.
    pub is_forced: bool,
    /// Whether what only one side has is told.
    pub tells_all: bool,
    /// Whether a dry run shows what is changed only to a program, without a diff.
    pub is_for_program: bool,
}

/// A version that is promoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Promoted {
    /// What declares it, and the name of the version beside that.
    pub object: String,
    pub name: String,
    pub from: String,
    pub to: String,
    /// The same for programs.
    pub document: Value,
}

/// Brings the folder of the task to the versions of another side. `show` is told what is changed, again where the branch has moved.
///
/// # Errors
/// A folder that is not there; older versions that are not forced; a place that cannot be edited; those of Git.
pub async fn promote(
    task: &Task<'_>,
    promotion: &Promotion,
    show: &(dyn Fn(&[Promoted]) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<()> {
    let told = Told::new(task.sink);
    let make = |workspace: &Workspace| change(task, workspace, promotion, &told, show);
    if promotion.is_for_program && task.destination == Destination::DryRun {
        return task.plan(make).await;
    }
    task.run(make).await
}

fn change(
    task: &Task<'_>,
    workspace: &Workspace,
    promotion: &Promotion,
    told: &Told<'_>,
    show: &(dyn Fn(&[Promoted]) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<Change> {
    let mut draft = Draft::of(workspace)?;
    let reach = draft.reach(&task.fleet)?;
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
    plan.left.into_iter().for_each(|line| told.warning(line));
    if promotion.tells_all {
        plan.alone.into_iter().for_each(|line| told.action(line));
    }
    step::refuse_older(&plan.steps, promotion.is_forced)?;
    step::write(&mut draft, &reach, &plan.steps)?.into_iter().for_each(|line| told.warning(line));
    proof::prove(&draft, &task.fleet, &plan.steps)?;
    show(&plan.steps.iter().map(promoted).collect::<Vec<_>>())?;
    let message = message(promotion, &task.fleet, &plan.steps);
    Ok(Change { details: step::details(&plan.steps), ..draft.change(message) })
}

/// What is declared from another folder of the repository.
fn other(draft: &Draft<'_>, fleet: &Fleet, folder: &str) -> anyhow::Result<Reach> {
    let path = clean_relative_path(folder);
    anyhow::ensure!(path != fleet.path, "--from and --to are the same folder, \"./{path}\"");
    let there = Fleet { path, sync: Value::Null, ..fleet.clone() };
    draft
        .reach(&there)
        .with_context(|| format!("looking for \"{folder}\""))
        .hint("--from names a folder of the repository, or a context of the kubeconfig")
}

/// The versions of everything that is declared; what the cluster itself follows is none of them.
fn pins(reach: &Reach, fleet: &Fleet) -> anyhow::Result<Vec<Pin>> {
    let mut pins = Vec::new();
    for root in 0..reach.roots.len() {
        pins.extend(images::of_root(reach, root)?);
    }
    let is_elsewhere = |place: &usize| {
        let id = &reach.objects[*place].id;
        KUSTOMIZATION.is_of(id) && !reach.roots.iter().any(|root| root.by.as_ref() == Some(id))
    };
    let elsewhere = (0..reach.objects.len()).filter(is_elsewhere);
    pins.extend(elsewhere.flat_map(|place| images::of_spec(reach, place)));
    let (namespace, name) = &fleet.source;
    let followed = GIT_REPOSITORY.id(namespace, name);
    let own = (0..reach.objects.len()).filter_map(|place| fields::own(reach, place));
    pins.extend(own.filter(|pin| !matches!(&pin.owner, Owner::Object(id) if id.is_same(&followed))));
    Ok(pins)
}

fn promoted(step: &Step) -> Promoted {
    let mut fields = match &step.pin.owner {
        Owner::Object(id) => {
            serde_json::to_value(id).ok().and_then(|id| id.as_object().cloned()).unwrap_or_default()
        }
        Owner::Folder(folder) => Map::from_iter([("folder".to_owned(), folder.as_str().into())]),
    };
    let present: Vec<&str> = step.pin.present().into_iter().map(|one| one.value.as_str()).collect();
    for (field, value) in [
        ("version", step.pin.name().into()),
        ("from", present.join(", ").into()),
        ("to", step.to.value.as_str().into()),
        ("files", step.files().into()),
    ] {
        fields.insert(field.to_owned(), value);
    }
    Promoted {
        object: step.pin.owner.shown(),
        name: step.pin.name().to_owned(),
        from: step.from(),
        to: step.to(),
        document: Value::Object(fields),
    }
}

/// The message. Its first line is always the same, so that a request that is open is brought up to date.
fn message(promotion: &Promotion, fleet: &Fleet, steps: &[Step]) -> String {
    let title = format!("Promote {} to ./{}", promotion.from.shown(), fleet.path);
    let line = |step: &Step| format!("- {}: {} → {}", step.name(), step.from(), step.to());
    format!("{title}\n\n{}", steps.iter().map(line).collect::<Vec<_>>().join("\n"))
}
