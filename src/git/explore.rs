//! Commits of a repository with their files: whatever is asked about them comes with one request.

use std::collections::HashMap;
use std::path::Path;

use super::Commit;
use super::Files;
use super::GitError;
use super::PastCommit;
use super::Remote;
use super::WantedCommit;
use super::commits::Offer;
use super::commits::obtain;
use super::commits::read;

/// What was fetched: some commits, and the last ones of some branches.
pub struct Fetched<'a> {
    repository: &'a git2::Repository,
    offer: &'a Offer,
}

/// The last commits of a branch along their first parents, the latest first.
pub struct Line<'a> {
    repository: &'a git2::Repository,
    bare: Vec<Bare>,
    /// The paths that each commit changed, with the places of these commits.
    changed: HashMap<String, Vec<usize>>,
}

/// A commit without what was at a path.
struct Bare {
    commit: Commit,
    committed: i64,
    is_first: bool,
    tree: git2::Oid,
}

impl Remote {
    /// Fetches commits and the last ones of branches with all files that may be manifests, and reads them. `None` if the server has none.
    ///
    /// # Errors
    /// Those of a connection; a server that refuses.
    pub async fn explore<T: Send + 'static>(
        &self,
        wanted: Vec<WantedCommit>,
        branches: Vec<String>,
        look: impl FnOnce(&Fetched<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>, GitError> {
        self.run(move |session| {
            let ask =
                |by_name| obtain(session, |offer| offer.request_with_files(&wanted, &branches, by_name));
            let asked = match ask(true) {
                // A single commit that is gone makes the server refuse.
                Err(GitError::Other { .. }) => ask(false),
                outcome => outcome,
            };
            let Some((repository, offer)) = asked? else { return Ok(None) };
            Ok(Some(look(&Fetched { repository: &repository, offer: &offer })))
        })
        .await
    }
}

impl<'a> Fetched<'a> {
    fn find(&self, id: &str) -> Option<git2::Commit<'a>> {
        self.repository.find_commit(git2::Oid::from_str(id).ok()?).ok()
    }

    pub fn commit(&self, id: &str) -> Option<Commit> {
        self.find(id).map(|commit| read(&commit))
    }

    /// The files of a commit.
    pub fn files(&self, commit: &str) -> Option<Files> {
        Files::open(self.repository.path(), self.find(commit)?.tree_id()).ok()
    }

    /// The commits of a branch, as far back as they were fetched.
    pub fn line(&self, branch: &str) -> Line<'a> {
        let mut bare = Vec::new();
        let mut next = self.offer.tip(branch).and_then(|tip| {
            let id = git2::Oid::from_str(tip).ok()?;
            self.repository.find_object(id, None).and_then(|object| object.peel_to_commit()).ok()
        });
        while let Some(commit) = next {
            bare.push(Bare {
                commit: read(&commit),
                committed: commit.time().seconds(),
                is_first: commit.parent_count() == 0,
                tree: commit.tree_id(),
            });
            next = commit.parent_id(0).and_then(|parent| self.repository.find_commit(parent)).ok();
        }
        let mut line = Line { repository: self.repository, bare, changed: HashMap::new() };
        for at in 1..line.bare.len() {
            for path in line.differences(at) {
                let places = line.changed.entry(path).or_default();
                if places.last() != Some(&(at - 1)) {
                    places.push(at - 1);
                }
            }
        }
        line
    }
}

impl Line<'_> {
    /// The paths that the commit after this one changed.
    fn differences(&self, before: usize) -> Vec<String> {
        let tree = |at: usize| self.repository.find_tree(self.bare[at].tree);
        let read = || {
            let (old, new) = (tree(before)?, tree(before - 1)?);
            self.repository.diff_tree_to_tree(Some(&old), Some(&new), None)
        };
        if self.bare[before].tree == self.bare[before - 1].tree {
            return Vec::new();
        }
        let Ok(differences) = read() else { return Vec::new() };
        let path = |delta: git2::DiffDelta<'_>| {
            let path = delta.new_file().path().or(delta.old_file().path());
            path.and_then(Path::to_str).map(str::to_owned)
        };
        differences.deltas().filter_map(path).collect()
    }

    /// The commits that changed a file, those that are to be kept, and the last one that was fetched.
    pub fn steps(&self, path: &str, is_kept: impl Fn(&str) -> bool) -> Vec<PastCommit> {
        let content = |at: usize| {
            let tree = self.repository.find_tree(self.bare[at].tree).ok()?;
            tree.get_path(Path::new(path)).ok().map(|entry| entry.id().to_string())
        };
        let changed = self.changed.get(path).map_or(&[][..], Vec::as_slice);
        let mut changes = changed.iter().copied().peekable();
        let mut present = if self.bare.is_empty() { None } else { content(0) };
        let mut steps = Vec::new();
        for (at, Bare { commit, committed, is_first, .. }) in self.bare.iter().enumerate() {
            let has_changed = changes.next_if_eq(&at).is_some();
            if has_changed || at + 1 == self.bare.len() || is_kept(&commit.id) {
                steps.push(PastCommit {
                    commit: commit.clone(),
                    committed: *committed,
                    content: present.clone(),
                    is_first: *is_first,
                });
            }
            if has_changed {
                present = content(at + 1);
            }
        }
        steps
    }
}
