//! Between the clone and the components, where branches are protected: what goes into the repository is proposed as a request. The rest
//! of the run follows when the branch has it, in this run or the next.

use super::components;
use super::plan::Plan;
use super::publish;
use super::run::Run;
use super::sync;
use crate::forge::Proposal;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::ops::request::Outcome;
use crate::ops::request::Proposing;
use crate::ops::request::RequestOptions;
use crate::present::markdown::code;
use crate::text::short_hash;
use crate::text::with_hint;
use std::time::Duration;

/// Components and sync in one change.
fn wanted(run: &Run<'_>, workspace: &Workspace) -> anyhow::Result<Change> {
    components::refuse_links(run, workspace)?;
    let mut change = components::wanted(run)?;
    change.files.extend(sync::wanted(run.options, Some(workspace))?.files);
    change.message =
        format!("Add Flux {} component and sync manifests", run.options.components.release.version);
    Ok(change)
}

/// The branch with the change: always the same for the same cluster, and another one for another.
fn head(run: &Run<'_>) -> String {
    let options = run.options;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '/';
    let mut name = "fluxr/bootstrap".to_owned();
    for part in options.path.split('/').filter(|part| !part.is_empty()) {
        name.push('-');
        name.extend(part.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }));
    }
    let is_usual =
        options.path.chars().all(is_plain) && options.namespace() == "flux-system" && base(run) == "main";
    if !is_usual {
        let all = [&options.path, options.namespace(), base(run)].join("\n");
        name.push('-');
        name.push_str(&short_hash(&all));
    }
    name
}

/// The branch to merge into.
fn base<'a>(run: &Run<'a>) -> &'a str {
    let given = run.options.request.as_ref().and_then(|request| request.base.as_deref());
    given.unwrap_or(&run.options.branch)
}

fn proposal(run: &Run<'_>, request: &RequestOptions, change: &Change) -> Proposal {
    let options = run.options;
    let version = &options.components.release.version;
    let folder = format!("./{}", options.path);
    let files: Vec<String> = change.files.iter().map(|(path, _)| format!("- {}", code(path))).collect();
    let body = format!(
        "The components of Flux {}, and the objects with which the cluster follows {} of the branch {}.\n\n{}\n\n\
         When this is merged, run the same command once more: it finishes what is left to do in the cluster.\n",
        code(version),
        code(&folder),
        code(&options.branch),
        files.join("\n")
    );
    let branches = (head(run), base(run).to_owned());
    request.proposal(run.session.sink, branches, &format!("Flux {version} for {folder}"), body)
}

/// A request needs a branch that it can be merged into.
pub(super) fn nothing_to_merge_into(run: &Run<'_>) -> anyhow::Error {
    let place = match run.provider {
        Some(provider) => provider.url(),
        None => run.options.remote.url.to_string(),
    };
    let error = anyhow::anyhow!(
        "there is no branch \"{}\" in \"{place}\" that a request could be merged into",
        base(run)
    );
    with_hint(
        error,
        "leave out --pull-request for the first run, while nothing is protected, or push a first commit to the branch",
    )
}

/// Proposes what the branch lacks. A clone of the branch when it lacks nothing, or nothing any more; `None` if the request waits to be
/// merged.
pub(super) async fn merged(
    run: &mut Run<'_>,
    request: &RequestOptions,
    branch: Workspace,
) -> anyhow::Result<Option<Workspace>> {
    if branch.head().is_none() {
        return Err(nothing_to_merge_into(run));
    }
    let change = wanted(run, &branch)?;
    if change.differing(Some(&branch))?.is_empty() {
        return Ok(Some(branch));
    }
    let options = run.options;
    let requests = run.provider.map(|provider| provider.forge.requests());
    let proposing = Proposing {
        publisher: publish::publisher(run),
        requests,
        poll: run.session.poll,
        what: "component and sync manifests",
    };
    let wanted_request = proposal(run, request, &change);
    let found = proposing.look(&wanted_request, true).await?;
    let is_same_branch = wanted_request.base == options.branch;
    let target = match is_same_branch {
        true => branch,
        false => proposing.publisher.clone_of(&wanted_request.base).await?,
    };
    let proposed = proposing.propose(&wanted_request, (target, found), |clone| wanted(run, clone)).await?;
    let open = match proposed.outcome {
        Outcome::Nothing(_) | Outcome::Merged(_) if is_same_branch => return Ok(Some(proposed.workspace)),
        Outcome::Nothing(_) | Outcome::Merged(_) => None,
        Outcome::Opened(open) | Outcome::Updated(open) | Outcome::Unchanged(open) => Some(open),
    };
    components::install(run, &proposed.workspace).await?;
    if let Some(open) = open.filter(|_| request.wait) {
        proposing.merged(&open, async || Ok(None)).await?;
        return arrival(run).await.map(Some);
    }
    let base = &wanted_request.base;
    run.session.sink.waiting(match is_same_branch {
        true => format!(
            "when it is merged into \"{base}\", run the same command again: it finishes the bootstrap"
        ),
        false => format!(
            "when \"{}\" has what is in \"{base}\", run the same command again: it finishes the bootstrap",
            options.branch
        ),
    });
    Ok(None)
}

/// Waits until a clone of the branch has what was merged.
async fn arrival(run: &Run<'_>) -> anyhow::Result<Workspace> {
    loop {
        let workspace = publish::publisher(run).clone(None).await?;
        if wanted(run, &workspace)?.differing(Some(&workspace))?.is_empty() {
            return Ok(workspace);
        }
        let pause = run.session.poll.max(Duration::from_millis(100));
        if pause >= run.session.deadline.remaining() {
            let error = anyhow::anyhow!(
                "the branch \"{}\" does not contain what was merged: it changed meanwhile, or is updated later",
                run.options.branch
            );
            return Err(with_hint(error, "run the command again: it proposes what is missing"));
        }
        tokio::time::sleep(pause).await;
    }
}

/// What would be proposed.
pub(super) fn plan(
    run: &Run<'_>,
    request: &RequestOptions,
    workspace: Option<&Workspace>,
    plan: &mut Plan,
) -> anyhow::Result<()> {
    let Some(workspace) = workspace.filter(|workspace| workspace.head().is_some()) else {
        return Err(nothing_to_merge_into(run));
    };
    let change = wanted(run, workspace)?;
    let files = change.differing(Some(workspace))?;
    if files.is_empty() {
        return Ok(());
    }
    let wanted = proposal(run, request, &change);
    plan.add_commit("request", &change.message, files, Some(&wanted.head));
    if let Some(provider) = run.provider {
        let noun = provider.forge.requests().noun();
        plan.add(
            "request",
            format!(
                "open the {noun} \"{}\" from \"{}\" into \"{}\", or update it",
                wanted.title, wanted.head, wanted.base
            ),
        );
    }
    Ok(())
}
