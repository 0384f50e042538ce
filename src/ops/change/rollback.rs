//! Folders that are brought back to what they were: everything below the path of a Kustomization, as one commit.

use super::run::Task;
use super::value::Change;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::WORKED;
use crate::api::object::text;
use crate::cluster;
use crate::git::Files;
use crate::git::Found;
use crate::git::Item;
use crate::git::Remote;
use crate::git::Snapshot;
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
use anyhow::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Where a Kustomization goes back to, and what that takes back.
pub struct Rollback {
    /// The Kustomization as the cluster has it.
    pub kustomization: Value,
    id: ObjectId,
    /// The commit, and how lines call it.
    commit: String,
    shown: String,
    /// What became live or was tried after it, the latest first.
    taken: Vec<String>,
}

impl Rollback {
    /// Looks where a Kustomization goes back to: to the given revision, else to the last that worked before the present one.
    ///
    /// # Errors
    /// A Kustomization that does not exist, or does not come from Git; nothing to go back to.
    pub async fn find(
        session: &Session<'_>,
        name: &str,
        to: Option<&str>,
        proxy: &Proxy,
    ) -> anyhow::Result<Self> {
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
            None => last_that_worked(&past.entries, &id)?,
        };
        let (_, commit) = commit_of(&revision)
            .with_context(|| format!("{id} was at {revision}, which is no commit of a Git repository"))?;
        let later = past.entries.iter().take_while(|entry| entry.revision != revision);
        let mut taken: Vec<String> = Vec::new();
        for line in later.map(line) {
            if !taken.contains(&line) {
                taken.push(line);
            }
        }
        Ok(Self { commit: commit.to_owned(), shown: shorten_hex(&revision), kustomization, id, taken })
    }

    fn message(&self) -> String {
        let title = format!("Roll back {} to {}", self.id, self.shown);
        if self.taken.is_empty() {
            return title;
        }
        format!("{title}\n\nTakes back:\n{}", self.taken.join("\n"))
    }
}

/// The revision that was named: one of the past by its beginning, or any commit in full.
fn named(entries: &[Entry], to: &str) -> anyhow::Result<String> {
    let is_it = |entry: &&Entry| {
        entry.revision == to || commit_of(&entry.revision).is_some_and(|(_, commit)| commit.starts_with(to))
    };
    let mut found: Vec<&str> = entries.iter().filter(is_it).map(|entry| entry.revision.as_str()).collect();
    found.dedup();
    match found[..] {
        [one] => Ok(one.to_owned()),
        [] if commit_of(to).is_some() => Ok(to.to_owned()),
        [] => Err(anyhow::anyhow!("--to \"{to}\" is no revision that is known"))
            .hint("name one that `fluxr history` shows, or a commit in full"),
        _ => anyhow::bail!("--to \"{to}\" is the beginning of several revisions: {}", found.join(", ")),
    }
}

/// The last revision that worked, before the present one.
fn last_that_worked(entries: &[Entry], id: &ObjectId) -> anyhow::Result<String> {
    let present = entries.first().map(|entry| entry.revision.as_str());
    let worked = entries
        .iter()
        .find(|entry| entry.status == WORKED && Some(entry.revision.as_str()) != present)
        .map(|entry| entry.revision.clone());
    worked
        .with_context(|| format!("{id} has no earlier revision that worked, as far as the cluster remembers"))
        .hint("name a commit with --to")
}

/// What a revision was, as a line of the message.
fn line(entry: &Entry) -> String {
    match &entry.commit {
        Some(commit) => {
            format!("- {} {} ({})", commit.id.get(..8).unwrap_or_default(), commit.subject, commit.author)
        }
        None => format!("- {}", shorten_hex(&entry.revision)),
    }
}

/// Brings the folder of a Kustomization back, in the repository that it comes from.
///
/// # Errors
/// A folder that was not there; files that cannot be brought back; those of Git.
pub async fn rollback(task: &Task<'_>, rollback: &Rollback) -> anyhow::Result<()> {
    let found =
        Found { commit: rollback.commit.clone(), reference: None, near: Some(task.fleet.branch.clone()) };
    let fetching = fetch(&task.fleet.remote, &found);
    let snapshot = task.deadline.bound("a commit to be fetched", fetching).await?;
    let path = clean_relative_path(text(&rollback.kustomization, "/spec/path"));
    task.run(|workspace| {
        let files = differences(&snapshot.open()?, workspace, &path)
            .with_context(|| format!("bringing \"./{path}\" back to {}", rollback.shown))?;
        Ok(Change::of(files, rollback.message()))
    })
    .await
}

async fn fetch(remote: &Remote, found: &Found) -> anyhow::Result<Snapshot> {
    Ok(remote.snapshot(found).await?)
}

/// What is at a path of a repository.
#[derive(PartialEq, Eq)]
enum Kept {
    File(Vec<u8>),
    Link(String),
}

/// The files that are written or removed so that a folder is as it was.
fn differences(
    before: &Files,
    workspace: &Workspace,
    folder: &str,
) -> anyhow::Result<Vec<(String, Option<String>)>> {
    anyhow::ensure!(before.look(folder)? == Some(Item::Folder), "the folder did not exist then");
    let (mut then, mut now) = (BTreeMap::new(), BTreeMap::new());
    read_commit(before, folder, &mut then)?;
    let present = workspace.files()?;
    if present.look(folder)? == Some(Item::Folder) {
        read_commit(&present, folder, &mut now)?;
    }
    let paths: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let (mut files, mut kept) = (Vec::new(), Vec::new());
    for path in paths {
        match (then.get(path), now.get(path)) {
            (then, now) if then == now => {}
            (None, Some(Kept::File(_))) => files.push((path.clone(), None)),
            (Some(Kept::File(bytes)), None | Some(Kept::File(_))) => match String::from_utf8(bytes.clone()) {
                Ok(text) => files.push((path.clone(), Some(text))),
                Err(_) => kept.push(path.as_str()),
            },
            _ => kept.push(path.as_str()),
        }
    }
    if kept.is_empty() {
        return Ok(files);
    }
    Err(anyhow::anyhow!("links and files that are no text have changed: {}", kept.join(", ")))
        .hint("revert these with Git, then run the command again")
}

/// Everything below a folder of a commit.
fn read_commit(files: &Files, folder: &str, found: &mut BTreeMap<String, Kept>) -> anyhow::Result<()> {
    for (name, item) in files.list(folder)? {
        let path = below(folder, &name);
        match item {
            Item::Folder => read_commit(files, &path, found)?,
            Item::File => drop(found.insert(path.clone(), Kept::File(files.read(&path)?))),
            Item::Link(to) => drop(found.insert(path, Kept::Link(to))),
            // Nothing of another repository is brought back.
            Item::Module => {}
        }
    }
    Ok(())
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
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
        let find = |entries: &[Entry]| last_that_worked(entries, &id).map(|found| found[10..11].to_owned());
        let past = [entry('c', "HealthCheckFailed"), entry('b', WORKED), entry('a', WORKED)];
        assert_eq!(find(&past).unwrap(), "b");
        assert_eq!(find(&past[1..]).unwrap(), "a");
        let twice = [entry('c', WORKED), entry('c', "HealthCheckFailed"), entry('a', WORKED)];
        assert_eq!(find(&twice).unwrap(), "a");
        assert!(find(&past[2..]).unwrap_err().to_string().contains("no earlier revision"));
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
