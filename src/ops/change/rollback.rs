//! Rolls back to a state that worked, with one commit: everything below the folder of a Kustomization, or the manifest of a release.

use super::folder;
use super::hold::Hold;
use super::release;
use super::release::RollbackTarget;
use super::run::Landed;
use super::run::Task;
use super::wording::already;
use super::wording::message;
use super::wording::title;
use super::worked::Choice;
use super::worked::Folder;
use super::worked::Known;
use super::worked::nothing_worked;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::cluster;
use crate::git::ResolvedCommit;
use crate::git::Workspace;
use crate::ops::Session;
use crate::ops::commit::Change;
use crate::ops::git_source::commit_of;
use crate::ops::history;
use crate::ops::history::Entry;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use crate::text::shorten_hex;
use anyhow::Context;
use serde_json::Value;

/// What is rolled back, where to, and what that reverts.
pub struct Rollback {
    /// The object as the cluster has it.
    pub object: Value,
    /// The Kustomization that applies it: itself, or that of a release.
    pub kustomization: Value,
    id: ObjectId,
    way: Way,
}

/// How it is rolled back.
enum Way {
    /// The folder of the Kustomization becomes what it was.
    Folder(Wish),
    /// The manifest of the release becomes what it was.
    Manifest(RollbackTarget),
}

/// What a Kustomization is rolled back to.
enum Wish {
    /// To the revision that was named.
    Revision(String),
    /// To the last that worked before the present one.
    Worked(Box<Known>),
}

/// What is done around the commit.
#[derive(Default)]
pub struct Around<'a> {
    /// The object is suspended until the commit is on the branch.
    pub hold: Option<Hold<'a>>,
    /// Whether to wait until the cluster has applied it.
    pub waits: bool,
}

impl Rollback {
    /// Chooses what a Kustomization is rolled back to: the given revision, else the last that worked before the present one.
    ///
    /// # Errors
    /// A Kustomization that does not exist, or does not come from Git; nothing to roll back to.
    pub async fn of_kustomization(
        session: &Session<'_>,
        name: &str,
        to: Option<&str>,
    ) -> anyhow::Result<Self> {
        let kustomization = cluster::get(&session.client, &KUSTOMIZATION, session.namespace, name).await?;
        let entries = history::of_object(session, &KUSTOMIZATION, &kustomization).await;
        let id = KUSTOMIZATION.id(session.namespace, name);
        let wish = match to {
            Some(to) => Wish::Revision(named(&entries, to)?),
            None => Wish::Worked(Box::new(Known::of(&entries).ok_or_else(|| nothing_worked(&id))?)),
        };
        Ok(Self { object: kustomization.clone(), kustomization, id, way: Way::Folder(wish) })
    }

    /// The same for a HelmRelease: to a version of its chart or to a commit, else to the last release that worked before the present one.
    ///
    /// # Errors
    /// A HelmRelease that does not exist, or that no Kustomization applies; nothing to roll back to.
    pub async fn of_release(session: &Session<'_>, name: &str, to: Option<&str>) -> anyhow::Result<Self> {
        let (release, kustomization, target) = release::find(session, name, to).await?;
        let id = ObjectId::of(&release);
        Ok(Self { object: release, kustomization, id, way: Way::Manifest(target) })
    }
}

/// The revision that `--to` means: one of the past, by its beginning, or any commit by its full ID.
fn named(entries: &[Entry], to: &str) -> anyhow::Result<String> {
    let is_it = |entry: &&Entry| {
        entry.revision == to || commit_of(&entry.revision).is_some_and(|(_, commit)| commit.starts_with(to))
    };
    let mut found: Vec<&str> = entries.iter().filter(is_it).map(|entry| entry.revision.as_str()).collect();
    found.dedup();
    match found[..] {
        [one] => Ok(one.to_owned()),
        [] if commit_of(to).is_some() => Ok(to.to_owned()),
        [] => Err(anyhow::anyhow!("unknown revision \"{to}\""))
            .hint("choose one that `fluxr history` shows, or give a full commit ID"),
        _ => anyhow::bail!("\"{to}\" is the beginning of several revisions: {}", found.join(", ")),
    }
}

/// Rolls an object back, in the repository that it comes from.
///
/// # Errors
/// A folder or a manifest that did not exist then, or that cannot be restored; what the cluster cannot apply, if that is waited for; those of
/// Git and of the forge.
pub async fn rollback(task: &Task<'_>, rollback: &Rollback, around: Around<'_>) -> anyhow::Result<()> {
    let hold = around.hold.as_ref();
    let landed = match &rollback.way {
        Way::Manifest(target) => {
            match release::land(task, (&rollback.id, &rollback.kustomization), target, hold).await? {
                Some(landed) => landed,
                None => return Ok(()),
            }
        }
        Way::Folder(wish) => match land_folder(task, rollback, wish, hold).await? {
            Some(landed) => landed,
            None => return Ok(()),
        },
    };
    if !landed.is_there {
        if hold.is_some() && landed.is_proposed {
            task.sink.waiting("when it is merged, run the same command again to resume what is suspended");
        }
        return Ok(());
    }
    if let Some(hold) = hold {
        hold.end(&landed.title).await?;
    }
    if !around.waits {
        return Ok(());
    }
    let carrier = ObjectId::of(&rollback.kustomization);
    let release = Some(&rollback.id).filter(|_| matches!(rollback.way, Way::Manifest(_)));
    task.arrive(&[carrier], release).await
}

/// Rolls the folder back. `None` if someone has done so already.
async fn land_folder(
    task: &Task<'_>,
    rollback: &Rollback,
    wish: &Wish,
    hold: Option<&Hold<'_>>,
) -> anyhow::Result<Option<Landed>> {
    let id = &rollback.id;
    let path = clean_relative_path(text(&rollback.kustomization, "/spec/path"));
    let folder = Folder::read(task, &path).await?;
    let revision = match wish {
        Wish::Revision(revision) => revision.clone(),
        Wish::Worked(known) => match folder.choose(known, id)? {
            Choice::To(revision) => revision,
            Choice::Already(present) => {
                task.sink.success(already(id, &present));
                if let Some(hold) = hold {
                    hold.end(&title(id, &present)).await?;
                }
                return Ok(None);
            }
        },
    };
    let (_, commit) =
        commit_of(&revision).with_context(|| format!("{id} was at {revision}, which is not a Git commit"))?;
    let found =
        ResolvedCommit { commit: commit.to_owned(), reference: None, near: Some(task.fleet.branch.clone()) };
    let fetching = async { Ok(task.fleet.remote.snapshot(&found).await?) };
    let snapshot = task.deadline.bound("a commit to be fetched", fetching).await?;
    let reverted = folder.since(commit, snapshot.open()?.name(&path)?);
    let title = title(id, &shorten_hex(&revision));
    let make = |workspace: &Workspace| {
        let files = folder::differences(&snapshot.open()?, workspace, &path)
            .with_context(|| format!("rolling \"./{path}\" back to {}", shorten_hex(commit)))?;
        Ok(Change::of(files, message(&title, &reverted)))
    };
    task.land(hold, make).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::WORKED;

    #[test]
    fn a_revision_is_named_by_its_beginning_or_in_full() {
        let entry = |digit: char| {
            let revision = format!("main@sha1:{}", digit.to_string().repeat(40));
            Entry { revision, status: WORKED.to_owned(), ..Entry::default() }
        };
        let past = [entry('c'), entry('a'), entry('a')];
        assert_eq!(named(&past, "aaaa").unwrap(), past[1].revision);
        assert_eq!(named(&past, &past[0].revision).unwrap(), past[0].revision);
        assert_eq!(named(&past, &"d".repeat(40)).unwrap(), "d".repeat(40));
        assert!(named(&past, "dddd").is_err());
    }
}
