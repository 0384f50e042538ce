//! Rolls back to a state that worked, with one commit: everything below the folder of a Kustomization, or the manifest of a release.

use super::folder;
use super::hold::Hold;
use super::release;
use super::release::Target;
use super::run::Task;
use super::value::Change;
use super::wording::already;
use super::wording::message;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::WORKED;
use crate::api::object::text;
use crate::cluster;
use crate::git::Found;
use crate::git::Workspace;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::git_source::commit_of;
use crate::ops::history;
use crate::ops::history::Entry;
use crate::ops::history::HistoryRequest;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use crate::text::shorten_hex;
use crate::text::with_hint;
use anyhow::Context;
use jiff::Timestamp;
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
    Folder {
        commit: String,
        title: String,
        /// What became live or was tried after it, the latest first.
        taken: Vec<String>,
    },
    /// The manifest of the release becomes what it was.
    Manifest(Target),
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
    /// Chooses the revision that a Kustomization is rolled back to: the given one, else the last that worked before the present one.
    /// `None` if the present one is a rollback already.
    ///
    /// # Errors
    /// A Kustomization that does not exist, or does not come from Git; nothing to roll back to.
    pub async fn of_kustomization(
        session: &Session<'_>,
        name: &str,
        to: Option<&str>,
        proxy: &Proxy,
    ) -> anyhow::Result<Option<Self>> {
        let kustomization = cluster::get(&session.client, &KUSTOMIZATION, session.namespace, name).await?;
        let request = HistoryRequest {
            object: Some((&KUSTOMIZATION, name)),
            all_namespaces: false,
            limit: None,
            since: None,
            proxy,
        };
        let past = history::history(session, &request).await?;
        past.warnings.iter().for_each(|warning| session.sink.warning(warning.clone()));
        let id = KUSTOMIZATION.id(session.namespace, name);
        let revision = match to {
            Some(to) => named(&past.entries, to)?,
            None => match last_that_worked(&past.entries, &id)? {
                Some(revision) => revision,
                None => {
                    let present = past.entries.first().map(|entry| shorten_hex(&entry.revision));
                    session.sink.success(already(&id, &present.unwrap_or_default()));
                    return Ok(None);
                }
            },
        };
        let (_, commit) = commit_of(&revision)
            .with_context(|| format!("{id} was at {revision}, which is not a Git commit"))?;
        let later = past.entries.iter().take_while(|entry| entry.revision != revision);
        let mut taken: Vec<String> = Vec::new();
        for line in later.map(line) {
            if !taken.contains(&line) {
                taken.push(line);
            }
        }
        let title = format!("Roll back {id} to {}", shorten_hex(&revision));
        let way = Way::Folder { commit: commit.to_owned(), title, taken };
        Ok(Some(Self { object: kustomization.clone(), kustomization, id, way }))
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

/// The last revision that worked before the present one. `None` if the present one works and a later one was live: then it is a
/// rollback already.
fn last_that_worked(entries: &[Entry], id: &ObjectId) -> anyhow::Result<Option<String>> {
    let first = |entry: &Entry| entry.first.parse::<Timestamp>().ok();
    let Some(present) = entries.first() else { return Err(nothing_worked(id)) };
    let is_other = |entry: &&Entry| entry.revision != present.revision;
    let is_later = |entry: &Entry| first(present).is_some_and(|present| first(entry) > Some(present));
    if present.status == WORKED && entries.iter().filter(is_other).any(is_later) {
        return Ok(None);
    }
    let worked = entries.iter().filter(is_other).find(|entry| entry.status == WORKED);
    worked.map(|entry| Some(entry.revision.clone())).ok_or_else(|| nothing_worked(id))
}

fn nothing_worked(id: &ObjectId) -> anyhow::Error {
    let error = anyhow::anyhow!("{id} has no earlier revision that worked, as far as the cluster remembers");
    with_hint(error, "choose a commit with --to")
}

/// A revision as a line of the message.
fn line(entry: &Entry) -> String {
    match &entry.commit {
        Some(commit) => commit.line(),
        None => format!("- {}", shorten_hex(&entry.revision)),
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
        Way::Folder { commit, title, taken } => {
            let near = Some(task.fleet.branch.clone());
            let found = Found { commit: commit.clone(), reference: None, near };
            let fetching = async { Ok(task.fleet.remote.snapshot(&found).await?) };
            let snapshot = task.deadline.bound("a commit to be fetched", fetching).await?;
            let path = clean_relative_path(text(&rollback.kustomization, "/spec/path"));
            let make = |workspace: &Workspace| {
                let files = folder::differences(&snapshot.open()?, workspace, &path)
                    .with_context(|| format!("rolling \"./{path}\" back to {}", shorten_hex(commit)))?;
                Ok(Change::of(files, message(title, taken)))
            };
            task.land(hold, make).await?
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(digit: char, status: &str) -> Entry {
        let revision = format!("main@sha1:{}", digit.to_string().repeat(40));
        Entry { revision, status: status.to_owned(), ..Entry::default() }
    }

    #[test]
    fn the_last_revision_that_worked_is_not_the_present_one() {
        let id = KUSTOMIZATION.id("flux-system", "app");
        let find = |entries: &[Entry]| {
            last_that_worked(entries, &id)
                .map(|found| found.map_or("-".to_owned(), |found| found[10..11].to_owned()))
        };
        let past = [entry('c', "HealthCheckFailed"), entry('b', WORKED), entry('a', WORKED)];
        assert_eq!(find(&past).unwrap(), "b");
        assert_eq!(find(&past[1..]).unwrap(), "a");
        let twice = [entry('c', WORKED), entry('c', "HealthCheckFailed"), entry('a', WORKED)];
        assert_eq!(find(&twice).unwrap(), "a");
        assert!(find(&past[2..]).unwrap_err().to_string().contains("no earlier revision"));
    }

    #[test]
    fn what_is_rolled_back_is_not_rolled_forward_again() {
        let id = KUSTOMIZATION.id("flux-system", "app");
        let at = |day: u8, entry: Entry| Entry { first: format!("2026-01-0{day}T00:00:00Z"), ..entry };
        let find = |entries: &[Entry]| last_that_worked(entries, &id).unwrap();
        // The content of the first day is live again, and that of the second was.
        let back = [at(1, entry('c', WORKED)), at(2, entry('b', WORKED))];
        assert_eq!(find(&back), None);
        let failed = [at(1, entry('c', WORKED)), at(2, entry('b', "HealthCheckFailed"))];
        assert_eq!(find(&failed), None);
        let further = [at(3, entry('d', "HealthCheckFailed")), back[0].clone(), back[1].clone()];
        assert_eq!(find(&further), Some(back[0].revision.clone()));
    }

    #[test]
    fn a_revision_is_named_by_its_beginning_or_in_full() {
        let past = [entry('c', WORKED), entry('a', WORKED), entry('a', WORKED)];
        assert_eq!(named(&past, "aaaa").unwrap(), past[1].revision);
        assert_eq!(named(&past, &past[0].revision).unwrap(), past[0].revision);
        assert_eq!(named(&past, &"d".repeat(40)).unwrap(), "d".repeat(40));
        assert!(named(&past, "dddd").is_err());
    }
}
