//! From a change to a commit at the remote: clone, commit, push, and again when another client pushed first.

use super::change::Change;
use super::run::Run;
use crate::git::Author;
use crate::git::Destination;
use crate::git::Workspace;
use crate::ops::remote;
use crate::ops::remote::Pushed;
use crate::ops::remote::explain;
use crate::ops::remote::explain_any;

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
    remote::clone(run.session, &run.options.remote, &run.options.branch).await
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
    let mut pauses = remote::pauses_among_others(run.session);
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
        match remote::push(run.session, workspace, &Destination::onto(&options.branch), &commit).await? {
            Pushed::Arrived => {
                run.pushed = true;
                return Ok(true);
            }
            Pushed::Conflict(reason) => {
                let wait = pauses.next().unwrap_or_default();
                if wait >= run.session.deadline.remaining() {
                    anyhow::bail!("pushing {what}: others kept pushing to \"{}\": {reason}", options.branch);
                }
                tokio::time::sleep(wait).await;
                *workspace = clone(run, Some(&reason)).await?;
            }
        }
    }
}
