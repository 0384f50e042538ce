//! What operations ask of a Git server: repeated where that helps, and explained where it fails.

use super::Session;
use crate::git::Destination;
use crate::git::GitError;
use crate::git::Remote;
use crate::git::Workspace;
use crate::net;
use crate::text::find_cause;
use crate::text::hints;
use crate::text::with_hint;
use backon::BackoffBuilder;
use backon::ExponentialBackoff;
use backon::ExponentialBuilder;
use std::time::Duration;

/// The pauses between attempts.
const PAUSES: ExponentialBuilder = net::pauses(Duration::from_millis(500));

/// The pauses between attempts against others who push as well, without an end. Two that push at the same pace would meet again and
/// again; the time tells them apart.
pub fn pauses_among_others(session: &Session<'_>) -> impl Iterator<Item = Duration> {
    let now = session.now;
    let jitter = move || u64::from(now().subsec_nanosecond().unsigned_abs() % 400);
    let pauses = PAUSES.without_max_times().build();
    pauses.map(move |pause| pause / 2 + Duration::from_millis(jitter()))
}

/// Clones the branch; what may pass is tried again.
///
/// # Errors
/// What another attempt does not help against, or what would take too long.
pub async fn clone(session: &Session<'_>, remote: &Remote, branch: &str) -> anyhow::Result<Workspace> {
    let what = format!("the clone of \"{}\"", remote.url);
    let work = retry(session, "clone failure", || remote.clone_branch(branch));
    let _spinner = session.sink.busy("cloning");
    session.deadline.bound(&what, work).await
}

/// The branches of a remote.
///
/// # Errors
/// As [`clone`].
pub async fn branches(session: &Session<'_>, remote: &Remote) -> anyhow::Result<Vec<String>> {
    let what = format!("the branches of \"{}\"", remote.url);
    let listed = session.deadline.bound(&what, retry(session, "failure", || remote.list())).await?;
    Ok(listed.branches.into_iter().map(|(name, _)| name).collect())
}

async fn retry<T, F>(session: &Session<'_>, words: &str, mut call: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, GitError>>,
{
    let mut pauses = PAUSES.build();
    loop {
        match call().await {
            Ok(done) => return Ok(done),
            Err(error) => pause(session, words, error, &mut pauses).await?,
        }
    }
}

/// Waits before the next attempt, saying why.
///
/// # Errors
/// This one, when another attempt would not help or come in time.
async fn pause(
    session: &Session<'_>,
    words: &str,
    error: GitError,
    pauses: &mut ExponentialBackoff,
) -> anyhow::Result<()> {
    let pause = pauses.next().map(|pause| error.retry_after().unwrap_or(pause));
    let Some(pause) = pause.filter(|pause| error.is_transient() && *pause < session.deadline.remaining())
    else {
        return Err(explain(error));
    };
    session.sink.warning(format!("{words}: {error}, retrying in {:.1}s", pause.as_secs_f32()));
    tokio::time::sleep(pause).await;
    Ok(())
}

/// What became of a push.
pub enum Pushed {
    Arrived,
    /// The remote has newer commits, in the words of the server.
    Conflict(String),
}

/// Pushes a commit to a branch; what may pass is tried again.
///
/// # Errors
/// What another attempt does not help against, or what would take too long.
pub async fn push(
    session: &Session<'_>,
    workspace: &Workspace,
    to: &Destination,
    commit: &str,
) -> anyhow::Result<Pushed> {
    let mut pauses = PAUSES.build();
    let mut was_tried = false;
    loop {
        let outcome = {
            let _spinner = session.sink.busy("pushing");
            session.deadline.cut(workspace.push_to(to)).await
        };
        let error = match outcome {
            None => anyhow::bail!("pushing to \"{}\": timed out", workspace.remote().url),
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
        pause(session, "push failure", error, &mut pauses).await?;
        if matches!(workspace.contained_in(&to.branch, commit).await, Ok(true)) {
            return Ok(Pushed::Arrived);
        }
        was_tried = true;
    }
}

/// A Git error with what to do about it.
pub fn explain(error: GitError) -> anyhow::Error {
    let hint = hint_for(&error);
    match hint {
        Some(hint) => with_hint(error.into(), hint),
        None => error.into(),
    }
}

/// An error that may come from Git, with what to do about it unless it says so already.
pub fn explain_any(error: anyhow::Error) -> anyhow::Error {
    let hint = find_cause::<GitError>(&error).and_then(hint_for);
    match hint {
        Some(hint) if hints(&error).is_empty() => with_hint(error, hint),
        _ => error,
    }
}

fn hint_for(error: &GitError) -> Option<&'static str> {
    Some(match error {
        GitError::Unauthorized { .. } => {
            "check the token or password, or give the public key access to the repository"
        }
        GitError::Forbidden { .. } => {
            "the token or key needs write access to the repository: bootstrap pushes commits"
        }
        GitError::NotFound { .. } => {
            "check the URL; to credentials without access a private repository does not exist"
        }
        GitError::Tls { .. } => "pass the certificate authority of the server with --ca-file",
        GitError::Unreachable { .. } => {
            "check host, port and network; the next run continues where this one stopped"
        }
        GitError::HostKey { .. } => {
            "compare the key with the one the server's owner publishes, then correct known_hosts or --ssh-hostkey-algos"
        }
        GitError::BranchMissing { .. } => {
            "use one of these with --branch, or create the branch first: bootstrap creates a branch in an empty repository only"
        }
        GitError::Declined { .. } => {
            "propose the change with --pull-request, allow this account to push to the branch, or bootstrap another one with --branch"
        }
        GitError::OutsideClone { .. } => {
            "choose a --path that leads through folders of the repository only, not through links"
        }
        GitError::File { .. } | GitError::Other { .. } if is_full(&error.to_string()) => {
            "make room for the clone, or set TMPDIR to a folder with more; the next run continues where this one stopped"
        }
        _ => return None,
    })
}

/// Whether the system had no room; libgit2 passes its words on, but not its number.
fn is_full(words: &str) -> bool {
    ["No space left", "File too large", "quota exceeded"].iter().any(|full| words.contains(full))
}
