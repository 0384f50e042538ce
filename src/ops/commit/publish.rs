//! Clones, commits and pushes a change, and starts again if another client has pushed first.

use super::change::Change;
use crate::cluster::Deadline;
use crate::forge::ForgeError;
use crate::forge::Remedies;
use crate::git::Author;
use crate::git::Destination;
use crate::git::GitError;
use crate::git::LastCommit;
use crate::git::Person;
use crate::git::Remote;
use crate::git::Workspace;
use crate::git::sign::Signer;
use crate::net;
use crate::net::OnRetry;
use crate::net::Retries;
use crate::ops::Sink;
use crate::text::find_cause;
use crate::text::hints;
use crate::text::with_hint;
use backon::BackoffBuilder;
use backon::ExponentialBuilder;
use std::borrow::Cow;
use std::time::Duration;

/// The pauses between attempts.
const PAUSES: ExponentialBuilder = net::pauses(Duration::from_millis(500));

/// Who writes to which branch of which repository, and how.
pub(in crate::ops) struct Publisher<'a> {
    pub(in crate::ops) sink: &'a dyn Sink,
    pub(in crate::ops) deadline: Deadline,
    /// The clock.
    pub(in crate::ops) now: fn() -> jiff::Zoned,
    pub(in crate::ops) remote: &'a Remote,
    pub(in crate::ops) branch: &'a str,
    pub(in crate::ops) author: Writer<'a>,
    pub(in crate::ops) committer: Writer<'a>,
    /// The end of every message.
    pub(in crate::ops) appendix: &'a str,
    pub(in crate::ops) signer: Option<&'a Signer>,
    pub(in crate::ops) advice: Advice,
}

/// A person whose name is in the commits.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Writer<'a> {
    pub(in crate::ops) name: &'a str,
    pub(in crate::ops) email: &'a str,
    /// The time that is given for commits, instead of that of the clock.
    pub(in crate::ops) at: Option<&'a jiff::Zoned>,
}

impl<'a> From<&'a Person> for Writer<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            name: person.name.as_deref().unwrap_or_default(),
            email: person.email.as_deref().unwrap_or_default(),
            at: person.at.as_ref(),
        }
    }
}

impl Writer<'_> {
    fn sign(&self, now: fn() -> jiff::Zoned) -> Author {
        Author {
            name: self.name.to_owned(),
            email: self.email.to_owned(),
            at: self.at.cloned().unwrap_or_else(now),
        }
    }
}

/// What to do if a repository refuses, in terms of the flags of the command.
#[derive(Debug)]
pub(in crate::ops) struct Advice {
    pub(in crate::ops) unauthorized: Cow<'static, str>,
    pub(in crate::ops) forbidden: &'static str,
    pub(in crate::ops) tls: &'static str,
    pub(in crate::ops) host_key: &'static str,
    pub(in crate::ops) unreachable: &'static str,
    pub(in crate::ops) branch: &'static str,
    pub(in crate::ops) declined: &'static str,
    pub(in crate::ops) outside: &'static str,
    pub(in crate::ops) forge: Remedies,
}

impl Publisher<'_> {
    /// Clones the branch, saying so. A conflict is why a fresh clone is created.
    pub(in crate::ops) async fn clone(&self, conflict: Option<&str>) -> anyhow::Result<Workspace> {
        if conflict.is_some() {
            self.sink.waiting("git conflict detected, retrying with a fresh clone");
        }
        self.sink.action(format!(
            "cloning branch \"{}\" from Git repository \"{}\"",
            self.branch, self.remote.url
        ));
        let workspace = self.clone_quietly().await?;
        self.sink.success("cloned repository");
        Ok(workspace)
    }

    /// Clones the branch; failures that may pass are tried again.
    pub(in crate::ops) async fn clone_quietly(&self) -> anyhow::Result<Workspace> {
        self.clone_of(self.branch).await
    }

    /// The same with another branch.
    pub(in crate::ops) async fn clone_of(&self, branch: &str) -> anyhow::Result<Workspace> {
        self.clone_commits(branch, 1).await
    }

    /// The same with so many of the last commits.
    pub(in crate::ops) async fn clone_commits(&self, branch: &str, commits: u8) -> anyhow::Result<Workspace> {
        let what = format!("the clone of \"{}\"", self.remote.url);
        let work = self.retry("clone failure", || self.remote.clone_commits(branch, commits));
        let _spinner = self.sink.busy("cloning");
        self.deadline.bound(&what, work).await
    }

    /// The names of all branches.
    pub(in crate::ops) async fn branches(&self) -> anyhow::Result<Vec<String>> {
        let what = format!("the branches of \"{}\"", self.remote.url);
        let listed = self.deadline.bound(&what, self.retry("failure", || self.remote.list())).await?;
        Ok(listed.branches.into_iter().map(|(name, _)| name).collect())
    }

    /// Endless pauses between attempts while others push as well. They depend on the time, so that two clients do not keep
    /// colliding.
    pub(in crate::ops) fn pauses_among_others(&self) -> impl Iterator<Item = Duration> + use<> {
        let now = self.now;
        let jitter = move || u64::from(now().subsec_nanosecond().unsigned_abs() % 400);
        let pauses = PAUSES.without_max_times().build();
        pauses.map(move |pause| pause / 2 + Duration::from_millis(jitter()))
    }

    async fn retry<T, F>(&self, words: &str, call: impl FnMut() -> F) -> anyhow::Result<T>
    where
        F: Future<Output = Result<T, GitError>>,
    {
        let warn = self.warning(words);
        let done = self.retries(&warn).run(call).await;
        done.map_err(|error| self.advice.explain(error.into()))
    }

    fn retries<'r>(&self, warn: &'r OnRetry<'r>) -> Retries<'r> {
        Retries::new(PAUSES, self.deadline.instant()).telling(Some(warn))
    }

    /// The warning before each further attempt; `words` name what failed.
    fn warning(&self, words: &str) -> impl Fn(&str, Duration) + Sync {
        let sink = self.sink;
        move |error, pause| {
            sink.warning(format!("{words}: {error}, retrying in {:.1}s", pause.as_secs_f32()));
        }
    }

    /// Commits what `make` wants for the present clone and pushes it; returns the commit, if there was anything to commit.
    /// `what` names it in messages, e.g. `component manifests`.
    ///
    /// If the remote has moved on, the workspace becomes a fresh clone and `make` is asked again: another run may have done the work
    /// already.
    pub(in crate::ops) async fn publish(
        &self,
        workspace: &mut Workspace,
        what: &str,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Option<String>> {
        let mut pauses = self.pauses_among_others();
        loop {
            let change = make(workspace)?;
            let Some(commit) = self.commit(workspace, &change)? else { return Ok(None) };
            self.sink.success(format!("committed {what} to \"{}\" (\"{commit}\")", self.branch));
            self.sink.action(format!("pushing {what} to \"{}\"", self.remote.url));
            match self.push(workspace, &Destination::onto(self.branch), &commit).await? {
                Pushed::Arrived => return Ok(Some(commit)),
                Pushed::Conflict(reason) => {
                    let wait = pauses.next().unwrap_or_default();
                    if wait >= self.deadline.remaining() {
                        anyhow::bail!("pushing {what}: others kept pushing to \"{}\": {reason}", self.branch);
                    }
                    tokio::time::sleep(wait).await;
                    *workspace = self.clone(Some(&reason)).await?;
                }
            }
        }
    }

    /// Writes a change into a clone and commits it there; `None` if the clone has it already.
    pub(in crate::ops) fn commit(
        &self,
        workspace: &Workspace,
        change: &Change,
    ) -> anyhow::Result<Option<String>> {
        change.write(workspace).map_err(|error| self.advice.explain(error))?;
        let (author, committer) = self.writers();
        let message = match self.appendix {
            "" => change.message.clone(),
            appendix => format!("{}\n\n{appendix}", change.message),
        };
        let committed = workspace.commit((&author, &committer), &message, self.signer);
        committed.map_err(|error| self.advice.explain(error.into()))
    }

    /// Who is author and committer of commits that are made now.
    fn writers(&self) -> (Author, Author) {
        (self.author.sign(self.now), self.committer.sign(self.now))
    }

    /// Whether no one else has amended or rebased a commit.
    pub(in crate::ops) fn is_as_written(&self, last: &LastCommit) -> bool {
        let (author, committer) = self.writers();
        last.author == last.committer
            || (&last.author, &last.committer) == (&author.shown(), &committer.shown())
    }

    /// Pushes a commit to a branch; failures that may pass are tried again.
    pub(in crate::ops) async fn push(
        &self,
        workspace: &Workspace,
        to: &Destination,
        commit: &str,
    ) -> anyhow::Result<Pushed> {
        let warn = self.warning("push failure");
        let mut retries = self.retries(&warn);
        let mut was_tried = false;
        loop {
            let outcome = {
                let _spinner = self.sink.busy("pushing");
                self.deadline.cut(workspace.push_to(to)).await
            };
            let error = match outcome {
                None => anyhow::bail!("pushing to \"{}\": timed out", self.remote.url),
                Some(Ok(())) => return Ok(Pushed::Arrived),
                Some(Err(GitError::NonFastForward { reason, .. })) => {
                    // The answer to an earlier attempt may have been lost after the push was accepted.
                    if was_tried && matches!(workspace.contained_in(&to.branch, commit).await, Ok(true)) {
                        return Ok(Pushed::Arrived);
                    }
                    return Ok(Pushed::Conflict(reason));
                }
                Some(Err(error)) => error,
            };
            retries.pause(error).await.map_err(|error| self.advice.explain(error.into()))?;
            if matches!(workspace.contained_in(&to.branch, commit).await, Ok(true)) {
                return Ok(Pushed::Arrived);
            }
            was_tried = true;
        }
    }
}

/// The outcome of a push.
pub(in crate::ops) enum Pushed {
    Arrived,
    /// The remote has newer commits, in the words of the server.
    Conflict(String),
}

impl Advice {
    /// An error that may come from Git or a forge, with what to do about it unless it says so already.
    pub(in crate::ops) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let of_git = find_cause::<GitError>(&error).and_then(|error| self.on(error)).map(str::to_owned);
        let hint = of_git.or_else(|| find_cause::<ForgeError>(&error)?.hint(&self.forge));
        match hint {
            Some(hint) if hints(&error).is_empty() => with_hint(error, hint),
            _ => error,
        }
    }

    fn on(&self, error: &GitError) -> Option<&str> {
        Some(match error {
            GitError::Unauthorized { .. } => &self.unauthorized,
            GitError::Forbidden { .. } => self.forbidden,
            GitError::NotFound { .. } => {
                "check the URL; to credentials without access a private repository does not exist"
            }
            GitError::Tls { .. } => self.tls,
            GitError::Unreachable { .. } => self.unreachable,
            GitError::HostKey { .. } => self.host_key,
            GitError::BranchMissing { .. } => self.branch,
            GitError::CommitMissing { .. } => {
                "it may belong to another repository, or be gone since a forced push; `fluxr history` shows what the cluster remembers"
            }
            GitError::Declined { .. } => self.declined,
            GitError::OutsideClone { .. } => self.outside,
            GitError::File { .. } | GitError::Other { .. } if is_full(&error.to_string()) => {
                "make room for the clone, or set TMPDIR to a folder with more; the next run continues where this one stopped"
            }
            _ => return None,
        })
    }
}

/// Whether the system had no room; libgit2 passes its words on, but not its number.
fn is_full(words: &str) -> bool {
    ["No space left", "File too large", "quota exceeded"].iter().any(|full| words.contains(full))
}
