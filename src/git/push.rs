//! Pushing a commit, and finding out whether it arrived.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use super::GitError;
use super::Workspace;
use super::session::Session;
use crate::text;

/// A branch of the remote that is pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub branch: String,
    pub replaces: Replaces,
}

/// Whether commits of the remote that are not contained in what is pushed are discarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaces {
    Nothing,
    /// The branch, as long as it is at this commit.
    Commit(String),
    Anything,
}

impl Destination {
    /// The branch, on top of its present commits.
    pub fn onto(branch: &str) -> Self {
        Self { branch: branch.to_owned(), replaces: Replaces::Nothing }
    }
}

impl Workspace {
    /// Pushes the branch.
    ///
    /// # Errors
    /// [`GitError::NonFastForward`] when the remote moved on since the clone: clone again. [`GitError::Declined`] with the server's words
    /// when it refuses (a protected branch, a hook). [`GitError::Forbidden`] for a read-only key or token. Those of a connection.
    pub async fn push(&self) -> Result<(), GitError> {
        self.push_to(&Destination::onto(self.branch())).await
    }

    /// Pushes the last commit to a branch of the remote, which need not be the one that was cloned.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub async fn push_to(&self, to: &Destination) -> Result<(), GitError> {
        let (dir, own, to) = (self.path().to_owned(), self.branch().to_owned(), to.clone());
        self.remote.run(move |session| push_branch(session, dir, &own, &to)).await
    }

    /// Whether the remote's branch contains a commit of this clone: it is there, or on a later commit.
    ///
    /// # Errors
    /// Those of a connection.
    pub async fn remote_contains(&self, commit: &str) -> Result<bool, GitError> {
        self.contained_in(self.branch(), commit).await
    }

    /// The same for any branch of the remote.
    ///
    /// # Errors
    /// Those of a connection.
    pub async fn contained_in(&self, branch: &str, commit: &str) -> Result<bool, GitError> {
        let (dir, branch, commit) = (self.path().to_owned(), branch.to_owned(), commit.to_owned());
        self.remote.run(move |session| fetch_and_look_for(session, dir, &branch, &commit)).await
    }
}

fn open(dir: PathBuf) -> Result<git2::Repository, GitError> {
    git2::Repository::open(dir).map_err(|error| GitError::other("opening the clone", error.message()))
}

fn push_branch(session: &Session, dir: PathBuf, own: &str, to: &Destination) -> Result<(), GitError> {
    let branch = to.branch.as_str();
    let repository = open(dir)?;
    let mut remote = session.attach(&repository)?;
    let said = Mutex::new(Vec::new());
    let refused = Mutex::new(None);
    let mut callbacks = git2::RemoteCallbacks::new();
    callbacks.sideband_progress(|text| {
        said.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text);
        !session.core.stop.is_requested()
    });
    callbacks.push_update_reference(|_, status| {
        *refused.lock().unwrap_or_else(PoisonError::into_inner) = status.map(str::to_owned);
        Ok(())
    });
    let has_moved = AtomicBool::new(false);
    if let Replaces::Commit(expected) = &to.replaces {
        callbacks.push_negotiation(|updates| {
            let is_there = updates.iter().all(|update| update.src().to_string() == *expected);
            has_moved.store(!is_there, Ordering::Relaxed);
            if is_there { Ok(()) } else { Err(git2::Error::from_str("the branch has moved")) }
        });
    }
    let mut options = git2::PushOptions::new();
    options.remote_callbacks(callbacks);
    let force = if to.replaces == Replaces::Nothing { "" } else { "+" };
    let pushed = remote.push(&[format!("{force}refs/heads/{own}:refs/heads/{branch}")], Some(&mut options));
    drop(options);
    let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    let said = text::said(&String::from_utf8_lossy(&said));
    if let Err(error) = pushed {
        return Err(match error.code() {
            code if code == git2::ErrorCode::NotFastForward || has_moved.load(Ordering::Relaxed) => {
                GitError::NonFastForward { branch: branch.to_owned(), reason: "fetch first".to_owned() }
            }
            _ => session.explain(&format!("pushing to \"{}\"", session.core.url), &error),
        });
    }
    match refused.into_inner().unwrap_or_else(PoisonError::into_inner) {
        None => Ok(()),
        Some(status) => Err(refusal(branch, &status, &said)),
    }
}

/// Why the server did not move a reference. A concurrent push is recognized by the messages that servers use for it.
fn refusal(branch: &str, status: &str, said: &str) -> GitError {
    const MOVED_ON: [&str; 6] = [
        "non-fast-forward",
        "fetch first",
        "failed to update ref",
        "cannot lock ref",
        "failed to lock",
        "incorrect old value",
    ];
    let branch = branch.to_owned();
    let lower = status.to_lowercase();
    if MOVED_ON.iter().any(|words| lower.contains(words)) {
        return GitError::NonFastForward { branch, reason: text::said(status) };
    }
    let all = [text::said(status), said.to_owned()];
    let reason = all.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ");
    GitError::Declined { branch, reason }
}

fn fetch_and_look_for(session: &Session, dir: PathBuf, branch: &str, commit: &str) -> Result<bool, GitError> {
    let repository = open(dir)?;
    let doing = format!("fetching from \"{}\"", session.core.url);
    let broken = |error: git2::Error| session.explain(&doing, &error);
    let wanted = git2::Oid::from_str(commit).map_err(broken)?;
    let mut remote = session.attach(&repository)?;
    let mut connection = remote.connect_auth(git2::Direction::Fetch, None, None).map_err(broken)?;
    let name = format!("refs/heads/{branch}");
    let tip =
        connection.list().map_err(broken)?.iter().find(|head| head.name() == name).map(git2::RemoteHead::oid);
    let Some(tip) = tip else { return Ok(false) };
    if tip == wanted {
        return Ok(true);
    }
    let mut callbacks = git2::RemoteCallbacks::new();
    callbacks.transfer_progress(|_| !session.core.stop.is_requested());
    let mut options = git2::FetchOptions::new();
    options.remote_callbacks(callbacks).download_tags(git2::AutotagOption::None).update_fetchhead(false);
    let refspec = format!("+{name}:refs/remotes/origin/{branch}");
    connection.remote().fetch(&[refspec.as_str()], Some(&mut options), None).map_err(broken)?;
    repository.graph_descendant_of(tip, wanted).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Retryable;

    #[test]
    fn a_concurrent_push_is_told_from_a_rule_of_the_server() {
        assert!(matches!(refusal("main", "failed to update ref", ""), GitError::NonFastForward { .. }));
        assert!(matches!(refusal("main", "fetch first", ""), GitError::NonFastForward { .. }));
        let error =
            refusal("main", "protected branch hook declined", "error: GH006: Protected branch update failed");
        let text = error.to_string();
        assert!(text.contains("protected branch hook declined") && text.contains("GH006"), "{text}");
        assert!(!error.is_transient());
    }
}
