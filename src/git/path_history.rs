//! What was at a path of a branch, commit by commit: commits and folders are fetched, without files if the server can leave them out.

use std::collections::HashMap;
use std::path::Path;

use super::Commit;
use super::GitError;
use super::Remote;
use super::WantedCommit;
use super::commits::DEPTH;
use super::commits::WITHOUT_LARGE_FILES;
use super::commits::WITHOUT_TREES;
use super::commits::obtain;
use super::commits::read;

/// The filter: no contents of files.
const WITHOUT_FILES: &str = "blob:none";

/// A commit of a branch, and what was at the path then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCommit {
    pub commit: Commit,
    /// When it was committed, in seconds since 1970: after a merge or a rebase, that is later than when it was written.
    pub committed: i64,
    /// The name of the content of the file or folder; `None` where there was nothing.
    pub content: Option<String>,
    /// Whether it has no parent.
    pub is_first: bool,
}

impl Remote {
    /// The last commits of a branch or tag, along their first parents, the latest first: what a merge brought is one step. An empty path is
    /// the whole repository.
    ///
    /// # Errors
    /// Those of a connection; a server that refuses.
    pub async fn past(&self, reference: &str, path: &str) -> Result<Vec<PastCommit>, GitError> {
        let (reference, path) = (reference.to_owned(), path.to_owned());
        self.run(move |session| {
            let asked = obtain(session, |offer| offer.ask(&[offer.tip(&reference)?], DEPTH, WITHOUT_FILES))?;
            let Some((repository, offer)) = asked else { return Ok(Vec::new()) };
            let tip = offer.tip(&reference).and_then(|tip| git2::Oid::from_str(tip).ok());
            Ok(tip.map(|tip| steps(&repository, tip, Path::new(&path))).unwrap_or_default())
        })
        .await
    }

    /// Whether a branch or tag has a commit, as far back as commits are fetched. Nothing else is.
    ///
    /// # Errors
    /// As [`Self::past`].
    pub async fn has_commit(&self, reference: &str, commit: &str) -> Result<bool, GitError> {
        let (reference, commit) = (reference.to_owned(), commit.to_owned());
        self.run(move |session| {
            let asked = obtain(session, |offer| offer.ask(&[offer.tip(&reference)?], DEPTH, WITHOUT_TREES))?;
            let Some((repository, _)) = asked else { return Ok(false) };
            Ok(git2::Oid::from_str(&commit).is_ok_and(|id| repository.find_commit(id).is_ok()))
        })
        .await
    }
}

impl Remote {
    /// What a file held at some commits of a branch, as far as the server still sends them.
    ///
    /// # Errors
    /// Those of a connection; a server that refuses.
    pub async fn contents(
        &self,
        reference: &str,
        path: &str,
        commits: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, GitError> {
        let path = path.to_owned();
        let wanted =
            commits.iter().map(|id| WantedCommit { id: id.clone(), reference: reference.to_owned() });
        let wanted: Vec<WantedCommit> = wanted.collect();
        self.run(move |session| {
            let ask = |by_name| obtain(session, |offer| offer.request(&wanted, by_name, WITHOUT_LARGE_FILES));
            let asked = match ask(true) {
                // A single commit that is gone makes the server refuse.
                Err(GitError::Other { .. }) => ask(false),
                outcome => outcome,
            };
            let Some((repository, _)) = asked? else { return Ok(HashMap::new()) };
            let content = |one: &WantedCommit| {
                let id = git2::Oid::from_str(&one.id).ok()?;
                let tree = repository.find_commit(id).and_then(|commit| commit.tree()).ok()?;
                let blob = tree.get_path(Path::new(&path)).and_then(|entry| repository.find_blob(entry.id()));
                Some((one.id.clone(), blob.ok()?.content().to_vec()))
            };
            Ok(wanted.iter().filter_map(content).collect())
        })
        .await
    }
}

/// The steps as far back as there are commits.
fn steps(repository: &git2::Repository, tip: git2::Oid, path: &Path) -> Vec<PastCommit> {
    let mut found = Vec::new();
    let mut next = repository.find_object(tip, None).and_then(|object| object.peel_to_commit()).ok();
    while let Some(commit) = next {
        let content = if path.as_os_str().is_empty() {
            Some(commit.tree_id())
        } else {
            commit.tree().and_then(|tree| tree.get_path(path)).ok().map(|entry| entry.id())
        };
        found.push(PastCommit {
            commit: read(&commit),
            committed: commit.time().seconds(),
            content: content.map(|id| id.to_string()),
            is_first: commit.parent_count() == 0,
        });
        next = commit.parent_id(0).and_then(|parent| repository.find_commit(parent)).ok();
    }
    found
}
