//! From a change to a commit at the remote: clone, commit, push, and again when another client pushed first.

use super::change::Change;
use super::run::Run;
use crate::git::Author;
use crate::git::GitError;
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

/// Clones the branch, saying so. A conflict is why a fresh clone is created.
pub(super) async fn clone(run: &Run<'_>, conflict: Option<&str>) -> anyhow::Result<Workspace> {
    if conflict.is_some() {
        run.session.sink.waiting("git conflict detected, retrying with a fresh clone");
    }
    run.session.sink.action(format!(
        "cloning branch \"{}\" from Git repository \"{}\"",
        run.options.branch, run.options.remote.url
    ));
    let workspace = clone_quietly(run).await?;
    run.session.sink.success("cloned repository");
    Ok(workspace)
}

/// Clones the branch; what may pass is tried again.
pub(super) async fn clone_quietly(run: &Run<'_>) -> anyhow::Result<Workspace> {
    let what = format!("the clone of \"{}\"", run.options.remote.url);
    let work = retry(run, "clone failure", || run.options.remote.clone_branch(&run.options.branch));
    let _spinner = run.session.sink.busy("cloning");
    run.session.deadline.bound(&what, work).await
}

async fn retry<T, F>(run: &Run<'_>, words: &str, mut call: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, GitError>>,
{
    let mut pauses = PAUSES.build();
    loop {
        match call().await {
            Ok(done) => return Ok(done),
            Err(error) => pause(run, words, error, &mut pauses).await?,
        }
    }
}

/// Waits before the next attempt, saying why.
///
/// # Errors
/// This one, when another attempt would not help or come in time.
async fn pause(
    run: &Run<'_>,
    words: &str,
    error: GitError,
    pauses: &mut ExponentialBackoff,
) -> anyhow::Result<()> {
    let pause = pauses.next().map(|pause| error.retry_after().unwrap_or(pause));
    let Some(pause) = pause.filter(|pause| error.is_transient() && *pause < run.session.deadline.remaining())
    else {
        return Err(explain(error));
    };
    run.session.sink.warning(format!("{words}: {error}, retrying in {:.1}s", pause.as_secs_f32()));
    tokio::time::sleep(pause).await;
    Ok(())
}

/// Commits what `make` wants for the present clone and pushes it; returns whether there was anything to push.
/// `what` names it in the lines, e.g. `component manifests`.
///
/// When the remote moved on meanwhile, the workspace becomes a fresh clone and `make` is asked again: it may find that another run
/// has done the work already.
pub(super) async fn publish(
    run: &mut Run<'_>,
    workspace: &mut Workspace,
    what: &str,
    make: impl Fn(&Workspace) -> anyhow::Result<Change>,
) -> anyhow::Result<bool> {
    let options = run.options;
    let mut pauses = PAUSES.without_max_times().build();
    loop {
        let change = make(workspace)?;
        change.write(workspace).map_err(explain_any)?;
        let author = Author {
            name: options.author_name.clone(),
            email: options.author_email.clone(),
            at: (run.session.now)(),
        };
        let message = match options.commit_message_appendix.as_str() {
            "" => change.message.clone(),
            appendix => format!("{}\n\n{appendix}", change.message),
        };
        let Some(commit) = workspace.commit(&author, &message, options.signer.as_ref()).map_err(explain)?
        else {
            run.session.sink.success(format!("{what} are up to date"));
            return Ok(false);
        };
        run.session.sink.success(format!("committed {what} to \"{}\" (\"{commit}\")", options.branch));
        run.session.sink.action(format!("pushing {what} to \"{}\"", options.remote.url));
        match push(run, workspace, &commit).await? {
            Pushed::Arrived => {
                run.pushed = true;
                return Ok(true);
            }
            Pushed::Conflict(reason) => {
                // Two runs that push at the same pace would meet again and again; the time of the commit tells them apart.
                let jitter = Duration::from_millis(u64::from(
                    (run.session.now)().subsec_nanosecond().unsigned_abs() % 400,
                ));
                let wait = pauses.next().unwrap_or_default() / 2 + jitter;
                if wait >= run.session.deadline.remaining() {
                    anyhow::bail!("pushing {what}: others kept pushing to \"{}\": {reason}", options.branch);
                }
                tokio::time::sleep(wait).await;
                *workspace = clone(run, Some(&reason)).await?;
            }
        }
    }
}

enum Pushed {
    Arrived,
    Conflict(String),
}

async fn push(run: &Run<'_>, workspace: &Workspace, commit: &str) -> anyhow::Result<Pushed> {
    let mut pauses = PAUSES.build();
    let mut was_tried = false;
    loop {
        let outcome = {
            let _spinner = run.session.sink.busy("pushing");
            run.session.deadline.cut(workspace.push()).await
        };
        let error = match outcome {
            None => anyhow::bail!("pushing to \"{}\": timed out", run.options.remote.url),
            Some(Ok(())) => return Ok(Pushed::Arrived),
            Some(Err(GitError::NonFastForward { reason, .. })) => {
                // The answer to an earlier attempt may have been lost after the push was accepted.
                if was_tried && matches!(workspace.remote_contains(commit).await, Ok(true)) {
                    return Ok(Pushed::Arrived);
                }
                return Ok(Pushed::Conflict(reason));
            }
            Some(Err(error)) => error,
        };
        pause(run, "push failure", error, &mut pauses).await?;
        if matches!(workspace.remote_contains(commit).await, Ok(true)) {
            return Ok(Pushed::Arrived);
        }
        was_tried = true;
    }
}

/// A Git error with what to do about it.
pub(super) fn explain(error: GitError) -> anyhow::Error {
    let hint = hint_for(&error);
    match hint {
        Some(hint) => with_hint(error.into(), hint),
        None => error.into(),
    }
}

/// An error that may come from Git, with what to do about it unless it says so already.
pub(super) fn explain_any(error: anyhow::Error) -> anyhow::Error {
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
            "allow this account to push to the branch, or bootstrap another branch with --branch; --dry-run shows the files to commit by hand"
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
