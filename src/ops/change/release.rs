//! Rolls a HelmRelease back: its manifest becomes what it was when an earlier release was deployed.

use super::edit::Draft;
use super::hold::Hold;
use super::reach::Reach;
use super::run::Landed;
use super::run::Task;
use super::wording::already;
use super::wording::is_one;
use super::wording::message;
use super::wording::title;
use crate::api::ObjectId;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::helm::history::WORKED;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::applier;
use crate::api::object::list;
use crate::api::object::text;
use crate::cluster;
use crate::git::ResolvedCommit;
use crate::git::Snapshot;
use crate::git::Workspace;
use crate::ops::Session;
use crate::ops::git_source::commit_of;
use crate::ops::git_tree::published;
use crate::ops::history::FileCommit;
use crate::ops::history::file_past;
use crate::ops::history::in_force;
use crate::render::Declaration;
use crate::render::taken_apart;
use crate::text::WithHint;
use crate::text::shorten_hex;
use crate::text::with_hint;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// Of how many commits the file is read where further objects are in it.
const MOST_READ: usize = 50;

/// What a release is rolled back to.
pub(super) enum RollbackTarget {
    /// What the manifest was at a commit.
    Commit(String),
    /// What it was when this was deployed.
    Deployed(Deployed),
}

/// A release as its object remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployed {
    chart: String,
    version: String,
    /// What tells values apart.
    config: String,
    at: Timestamp,
    has_worked: bool,
    /// Whether it was chosen as the last that worked, not with `--to`.
    is_last: bool,
    /// The present release, if it is the one that is wanted, and works.
    present: Option<String>,
}

/// The release, the Kustomization that applies it, and what it is rolled back to.
///
/// # Errors
/// One of them does not exist; nothing to roll back to.
pub(super) async fn find(
    session: &Session<'_>,
    name: &str,
    to: Option<&str>,
) -> anyhow::Result<(Value, Value, RollbackTarget)> {
    let release = cluster::get(&session.client, &HELM_RELEASE, session.namespace, name).await?;
    let id = ObjectId::of(&release);
    let owner = applier(&release).ok_or_else(|| {
        let error = anyhow::anyhow!(
            "{id} is not applied by a Kustomization, so there is no manifest in Git to roll back"
        );
        with_hint(error, "`fluxr create helmrelease` changes it in the cluster")
    })?;
    let target = target(&release, &id, to)?;
    let kustomization = cluster::get(&session.client, &KUSTOMIZATION, &owner.namespace, &owner.name).await?;
    Ok((release, kustomization, target))
}

/// The release that was named, else the last that worked before the one that is wanted now.
fn target(release: &Value, id: &ObjectId, to: Option<&str>) -> anyhow::Result<RollbackTarget> {
    let known: Vec<Deployed> = list(release, "/status/history").iter().filter_map(deployed).collect();
    if let Some(to) = to {
        if let Some(found) = known.iter().find(|one| one.version == to) {
            return Ok(RollbackTarget::Deployed(found.clone()));
        }
        let versions: Vec<&str> = known.iter().map(|one| one.version.as_str()).collect();
        return match commit_of(to) {
            Some((_, commit)) => Ok(RollbackTarget::Commit(commit.to_owned())),
            None => Err(anyhow::anyhow!("{id} has no record of version \"{to}\""))
                .hint(format!("choose one of {}, or give a full commit ID", versions.join(", "))),
        };
    }
    let tried = |one: &Deployed| {
        one.version == text(release, "/status/lastAttemptedRevision")
            && one.config == text(release, "/status/lastAttemptedConfigDigest")
    };
    let present = known.first().filter(|one| one.has_worked && tried(one)).map(Deployed::shown);
    let found = known.into_iter().find(|one| one.has_worked && !tried(one));
    let found = found.map(|one| RollbackTarget::Deployed(Deployed { is_last: true, present, ..one }));
    found
        .with_context(|| format!("{id} has no earlier release that worked, as far as the cluster remembers"))
        .hint("choose a commit with --to")
}

impl Deployed {
    /// `web@1.2.0`.
    fn shown(&self) -> String {
        format!("{}@{}", self.chart, self.version)
    }
}

fn deployed(release: &Value) -> Option<Deployed> {
    let text = |at: &str| text(release, at).to_owned();
    Some(Deployed {
        chart: text("/chartName"),
        version: text("/chartVersion"),
        config: text("/configDigest"),
        at: text("/lastDeployed").parse().ok()?,
        has_worked: WORKED.contains(&text("/status").as_str()),
        is_last: false,
        present: None,
    })
}

/// Restores the manifest. `None` if it is restored already.
///
/// # Errors
/// It is declared nowhere, more than once, or did not change; those of Git and of the forge.
pub(super) async fn land(
    task: &Task<'_>,
    (id, kustomization): (&ObjectId, &Value),
    target: &RollbackTarget,
    hold: Option<&Hold<'_>>,
) -> anyhow::Result<Option<Landed>> {
    let (declaration, is_alone) = {
        let workspace = task.publisher().clone_quietly().await?;
        let draft = Draft::of(&workspace, &task.fleet)?;
        let declaration = draft.reach(&task.fleet)?.one(id, &task.fleet)?.clone();
        let manifest = draft.manifest(&declaration.file)?;
        let documents = manifest.documents().filter(|document| !document.is_null()).count();
        let is_alone = documents == 1 && declaration.path.is_empty();
        (declaration, is_alone)
    };
    let file = &declaration.file;
    let (remote, branch) = (&task.fleet.remote, &task.fleet.branch);
    let reading = async {
        let past = file_past(remote, branch, file, kustomization).await?;
        if is_alone {
            return Ok(past);
        }
        let commits: Vec<String> = past.iter().take(MOST_READ).map(|one| one.commit.id.clone()).collect();
        let contents = remote.contents(branch, file, &commits).await?;
        Ok(of_document(past, &contents, &declaration))
    };
    let past = task.deadline.bound("the commits of the file", reading).await?;
    let (commit, taken, shown) = match target {
        RollbackTarget::Commit(commit) => {
            let later: Vec<&FileCommit> = past.iter().take_while(|one| one.commit.id != *commit).collect();
            let is_known = later.len() < past.len();
            let taken = if is_known { later.into_iter().map(FileCommit::line).collect() } else { Vec::new() };
            (commit.clone(), taken, format!("commit {}", shorten_hex(commit)))
        }
        RollbackTarget::Deployed(release) => {
            let at = match place(&past, release, id, file)? {
                RollbackPoint::At(at) => at,
                RollbackPoint::Already(present) => {
                    task.sink.success(already(id, &present));
                    return Ok(None);
                }
            };
            let commit = past[at].commit.id.clone();
            let shown = format!("{} ({})", release.shown(), shorten_hex(&commit));
            (commit, past[..at].iter().map(FileCommit::line).collect(), shown)
        }
    };
    let found = ResolvedCommit { commit: commit.clone(), reference: None, near: Some(branch.clone()) };
    let fetching = async { Ok(remote.snapshot(&found).await?) };
    let snapshot = task.deadline.bound("a commit to be fetched", fetching).await?;
    let title = title(id, &shown);
    let make = |workspace: &Workspace| {
        change(task, workspace, &snapshot, id)
            .map(|draft| draft.change(message(&title, &taken)))
            .with_context(|| format!("rolling {id} back to {shown}"))
    };
    task.land(hold, make).await.map(Some)
}

/// Leaves the commits that changed the document of an object: others may be in its file. What could not be read counts as changed.
fn of_document(
    mut past: Vec<FileCommit>,
    contents: &HashMap<String, Vec<u8>>,
    declaration: &Declaration,
) -> Vec<FileCommit> {
    let own = ObjectId::of(&declaration.object);
    for one in &mut past {
        let text = contents.get(&one.commit.id).and_then(|bytes| yaml::text(bytes.clone(), "").ok());
        let Some(manifest) = text.and_then(|text| Manifest::parse(text, &declaration.file).ok()) else {
            continue;
        };
        let mut objects = manifest.documents().flat_map(taken_apart);
        one.content = objects
            .find(|(_, object)| ObjectId::of(object).is_same(&own))
            .map(|(_, object)| object.to_string());
    }
    let same = past.iter().zip(past.iter().skip(1)).map(|(one, before)| one.content == before.content);
    let mut same = same.collect::<Vec<bool>>().into_iter();
    past.retain(|_| !same.next().unwrap_or_default());
    past
}

/// Where the manifest of a release is.
enum RollbackPoint {
    /// At one of its commits.
    At(usize),
    /// It is rolled back already, to this.
    Already(String),
}

/// Which of the commits of the manifest was in force when a release was deployed.
fn place(
    past: &[FileCommit],
    release: &Deployed,
    id: &ObjectId,
    file: &str,
) -> anyhow::Result<RollbackPoint> {
    let (chart, version) = (&release.chart, &release.version);
    let is_back = past.split_first().is_some_and(|(last, before)| {
        is_one(&last.commit.message, id) || before.iter().skip(1).any(|one| one.content == last.content)
    });
    if let Some(present) = release.present.as_ref().filter(|_| release.is_last && is_back) {
        return Ok(RollbackPoint::Already(present.clone()));
    }
    let at = in_force(past, release.at)
        .with_context(|| {
            format!("the commit of {file} with {chart}@{version} is older than those that were read")
        })
        .hint("choose a commit with --to")?;
    if at == 0 {
        return Err(anyhow::anyhow!(
            "{file} has not changed since {chart}@{version} was deployed: what changed {id} is not in its manifest"
        ))
        .hint(format!(
            "pin a chart that a range of versions finds to an exact one; values in other files are rolled back with the Kustomization ({})",
            "`fluxr rollback kustomization/<name>`"
        ));
    }
    Ok(RollbackPoint::At(at))
}

/// The document of the object as it was, in the place of the present one.
fn change<'a>(
    task: &Task<'_>,
    workspace: &'a Workspace,
    snapshot: &Snapshot,
    id: &ObjectId,
) -> anyhow::Result<Draft<'a>> {
    let mut draft = Draft::of(workspace, &task.fleet)?;
    let reach = draft.reach(&task.fleet)?;
    let now = reach.one(id, &task.fleet)?;
    let (then, bytes) = published(snapshot, &task.fleet.ignore, |tree| {
        let then = Reach::read(tree, &task.fleet)?.one(id, &task.fleet)?.clone();
        let bytes = tree.read(&then.file)?;
        Ok((then, bytes))
    })?;
    let old = Manifest::parse(yaml::text(bytes, &then.file)?, &then.file)?;
    let is_item = !now.path.is_empty() || !then.path.is_empty();
    draft.edit(&now.file, |manifest| match is_item {
        true => Ok(manifest.merge(now.document, &now.path, &then.object)?),
        false => Ok(manifest.restore(now.document, &old, then.document)?),
    })?;
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn release(tried: (&str, &str), history: &[(&str, &str, &str)]) -> Value {
        let history: Vec<Value> = history
            .iter()
            .enumerate()
            .map(|(age, (version, config, status))| {
                json!({"chartName": "web", "chartVersion": version, "configDigest": config, "status": status,
                    "lastDeployed": format!("2026-01-{:02}T00:00:00Z", 20 - age)})
            })
            .collect();
        json!({"status": {"history": history, "lastAttemptedRevision": tried.0, "lastAttemptedConfigDigest": tried.1}})
    }

    fn found(release: &Value, to: Option<&str>) -> Result<String, String> {
        let id = HELM_RELEASE.id("web", "web");
        match target(release, &id, to) {
            Ok(RollbackTarget::Commit(commit)) => Ok(commit),
            Ok(RollbackTarget::Deployed(one)) => Ok(format!("{} {}", one.version, one.config)),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    #[test]
    fn a_release_is_rolled_back_to_the_last_that_worked_with_another_chart_or_other_values() {
        let failed = release(("1.1.0", "b"), &[("1.1.0", "b", "failed"), ("1.0.0", "a", "superseded")]);
        assert_eq!(found(&failed, None).unwrap(), "1.0.0 a");
        // The controller has rolled back by itself: what is wanted is still the release that failed.
        let remedied = release(
            ("1.1.0", "b"),
            &[("1.0.0", "a", "deployed"), ("1.1.0", "b", "failed"), ("1.0.0", "a", "superseded")],
        );
        assert_eq!(found(&remedied, None).unwrap(), "1.0.0 a");
        let values = release(("1.0.0", "b"), &[("1.0.0", "b", "deployed"), ("1.0.0", "a", "superseded")]);
        assert_eq!(found(&values, None).unwrap(), "1.0.0 a");
        let only = release(("1.0.0", "a"), &[("1.0.0", "a", "deployed")]);
        assert!(found(&only, None).unwrap_err().contains("no earlier release that worked"));
    }

    #[test]
    fn a_release_is_named_by_its_version_or_a_commit() {
        let known = release(("1.1.0", "b"), &[("1.1.0", "b", "deployed"), ("1.0.0", "a", "superseded")]);
        assert_eq!(found(&known, Some("1.0.0")).unwrap(), "1.0.0 a");
        assert_eq!(found(&known, Some(&"d".repeat(40))).unwrap(), "d".repeat(40));
        assert!(found(&known, Some("0.9.0")).unwrap_err().contains("no record of version"));
    }
}
