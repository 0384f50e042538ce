//! The commits behind the revisions of a history: each source is asked once, for commits only.

use super::past::Entry;
use super::past::Told;
use super::request::request;
use super::request::subject;
use crate::api::ObjectId;
use crate::api::Role;
use crate::cluster;
use crate::git::Commit;
use crate::git::WantedCommit;
use crate::kind;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::git_source;
use crate::text::shorten_hex;
use futures::StreamExt;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

/// How many servers are asked at once.
const AT_ONCE: usize = 8;
/// How long a server may take: what it tells is worth less than the rest.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Adds the commits to entries. Returns why some have none.
pub(super) async fn join(session: &Session<'_>, entries: &mut [Entry], proxy: &Proxy) -> Vec<String> {
    let mut wanted: BTreeMap<String, (ObjectId, HashSet<WantedCommit>)> = BTreeMap::new();
    for (source, commit) in entries.iter().filter_map(wanted_by) {
        let of_source = wanted.entry(source.to_string()).or_insert_with(|| (source.clone(), HashSet::new()));
        of_source.1.insert(commit);
    }
    let asked = futures::stream::iter(wanted).map(|(name, (source, commits))| async move {
        let commits: Vec<WantedCommit> = commits.into_iter().collect();
        let found = async {
            let remote = git_source::remote(&session.client, session.sink, &source, proxy).await?;
            Ok(remote.commits(&commits).await?)
        };
        let limit = session.deadline.remaining().min(LONGEST);
        (name, cluster::in_time(limit, "asking for commits", found).await)
    });
    let (mut known, mut warnings) = (HashMap::new(), Vec::new());
    for (name, found) in asked.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match found {
            Ok(commits) => {
                known.extend(commits.into_iter().map(|commit| ((name.clone(), commit.id.clone()), commit)));
            }
            Err(error) => warnings.push(format!("without the commits of {name}: {error:#}")),
        }
    }
    for entry in entries {
        let key = wanted_by(entry).map(|(source, commit)| (source.to_string(), commit.id));
        if let Some(commit) = key.and_then(|key| known.get(&key)) {
            entry.commit = Some(told(commit));
        }
    }
    warnings
}

/// The source and the commit of an entry's revision, if it comes from Git.
fn wanted_by(entry: &Entry) -> Option<(&ObjectId, WantedCommit)> {
    let source = entry.source.as_ref()?;
    let is_git = kind::by_name(&source.kind).is_some_and(|kind| kind.roles.contains(&Role::GitSource));
    let (reference, id) = git_source::commit_of(&entry.revision).filter(|_| is_git)?;
    Some((source, WantedCommit { id: id.to_owned(), reference: reference.to_owned() }))
}

impl Told {
    /// The commit as a line of a message.
    pub(in crate::ops) fn line(&self) -> String {
        format!("- {} {} ({})", shorten_hex(&self.id), self.subject, self.author)
    }
}

pub(super) fn told(commit: &Commit) -> Told {
    let date = Timestamp::from_second(commit.at).map(|at| at.to_string()).unwrap_or_default();
    Told {
        id: commit.id.clone(),
        author: commit.author.clone(),
        email: commit.email.clone(),
        date,
        subject: subject(&commit.message),
        request: request(&commit.message),
    }
}
