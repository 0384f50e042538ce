//! Step 5: has the cluster taken up what was pushed, and do the controllers run?
//!
//! A first failure is not the end, only the deadline is: a controller that starts, a name that does not resolve yet, a dependency on
//! its way all look like failures for a moment. A later commit that contains ours counts as ours.

use super::hasten;
use super::run::Run;
use crate::api::Kind;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::text;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::cluster;
use crate::cluster::Status;
use crate::cluster::TimedOut;
use crate::git::Workspace;
use crate::ops::Session;
use crate::ops::Waiting;
use crate::ops::confirm_components;
use crate::ops::git_source::commit_of;
use crate::text::find_cause;
use crate::text::with_hint;
use serde_json::Value;
use std::ops::ControlFlow;
use tokio::sync::Notify;

/// Waits for the GitRepository, the Kustomization and the components, and says how each was found.
pub(super) async fn confirm(run: &mut Run<'_>, workspace: &Workspace) -> anyhow::Result<()> {
    let sink = run.session.sink;
    let mut failures: Vec<anyhow::Error> = Vec::new();
    let fetched = reconciled(run, workspace, &GIT_REPOSITORY, "/status/artifact/revision").await;
    note(run, fetched, &mut failures)?;
    if failures.is_empty() {
        hasten::reconcile_sync(run).await;
    }
    let applied = reconciled(run, workspace, &KUSTOMIZATION, "/status/lastAttemptedRevision").await;
    note(run, applied, &mut failures)?;
    sink.action("confirming components are healthy");
    let options = run.options;
    let session = Session { namespace: options.namespace(), ..run.session.clone() };
    let healthy = confirm_components(&session, &options.components.components).await?;
    if healthy {
        sink.success("all components are healthy");
    } else {
        failures.push(anyhow::anyhow!("components are not healthy"));
    }
    if failures.is_empty() {
        return Ok(());
    }
    let count = failures.len();
    let hint = failures.iter().flat_map(crate::text::hints).next().map(str::to_owned);
    let list: Vec<String> = failures.iter().map(|failure| format!("{failure:#}")).collect();
    let error =
        anyhow::anyhow!("bootstrap failed with {count} health check failure(s): [{}]", list.join(", "));
    Err(match hint {
        Some(hint) => with_hint(error, hint),
        None => error,
    })
}

/// A timeout is a finding; everything else ends the run.
fn note(run: &Run<'_>, outcome: anyhow::Result<()>, failures: &mut Vec<anyhow::Error>) -> anyhow::Result<()> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error)
            if find_cause::<TimedOut>(&error).is_some() || find_cause::<Suspended>(&error).is_some() =>
        {
            run.session.sink.error(&error);
            failures.push(error);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The object is suspended.
#[derive(Debug, thiserror::Error)]
#[error("{kind} \"{name}\" is suspended")]
struct Suspended {
    kind: &'static str,
    name: String,
}

async fn reconciled(
    run: &Run<'_>,
    workspace: &Workspace,
    kind: &'static Kind,
    revision_at: &str,
) -> anyhow::Result<()> {
    let namespace = run.options.namespace();
    let full_name = format!("{namespace}/{namespace}");
    run.session.sink.waiting(format!("waiting for {} \"{full_name}\" to be reconciled", kind.kind));
    let _spinner = run.session.sink.busy(&format!("{} {full_name}", kind.kind));
    let commit = workspace.head().unwrap_or_default();
    let waiting = Waiting::new(&run.session.client, run.session.sink, run.session.deadline, run.session.poll);
    let what =
        format!("{} \"{full_name}\" to be reconciled at {}@sha1:{commit}", kind.kind, run.options.branch);
    // Revisions that turned out not to contain our commit: those from before it.
    let mut older: Vec<String> = Vec::new();
    loop {
        let taken_up = Notify::new();
        let ready = waiting.until(kind, namespace, namespace, &what, false, |object| {
            waiting.watch_reason(object);
            if is_taken_up_only(object) {
                taken_up.notify_one();
            }
            if kind.is_suspended(object) {
                let suspended = Suspended { kind: kind.kind, name: full_name.clone() };
                let resume = format!(
                    "`fluxr resume {} {namespace} -n {namespace}` resumes it",
                    kind.noun.one.join(" ")
                );
                return Err(with_hint(suspended.into(), resume));
            }
            Ok(match ready_revision(object, revision_at) {
                Ok(revision) if !older.contains(&revision) => ControlFlow::Break(revision),
                Ok(revision) => {
                    ControlFlow::Continue(format!("it is ready at the older revision {revision}"))
                }
                Err(reason) => ControlFlow::Continue(reason),
            })
        });
        let hasten = async {
            taken_up.notified().await;
            hasten::retry_now(run, kind).await;
            std::future::pending().await
        };
        let ready = tokio::select! { ready = ready => ready, never = hasten => never };
        let revision = match ready {
            Ok(revision) => revision,
            Err(error) => return Err(with_next_step(error, run)),
        };
        let found = commit_of(&revision).map(|(_, found)| found).unwrap_or_default();
        if found == commit || contains(run, workspace, found, &commit).await {
            run.session.sink.success(format!("{} reconciled successfully", kind.kind));
            return Ok(());
        }
        older.push(revision);
    }
}

/// Whether the controller has put its finalizer there, and has done nothing else yet.
fn is_taken_up_only(object: &Value) -> bool {
    !object::list(object, "/metadata/finalizers").is_empty() && object::conditions(object).is_empty()
}

/// The revision at which the object is ready, or why it is not.
fn ready_revision(object: &Value, revision_at: &str) -> Result<String, String> {
    match cluster::status_of(object) {
        Status::Current => match text(object, revision_at) {
            "" => Err("it has no revision yet".to_owned()),
            revision => Ok(revision.to_owned()),
        },
        status => Err(status.reason()),
    }
}

/// Whether `found` is the present end of the branch, and that end contains our commit.
async fn contains(run: &Run<'_>, workspace: &Workspace, found: &str, ours: &str) -> bool {
    let Ok(advertised) = run.options.remote.list().await else { return false };
    let at_tip = advertised.branches.iter().any(|(name, tip)| *name == run.options.branch && tip == found);
    at_tip && matches!(workspace.remote_contains(ours).await, Ok(true))
}

/// What helps against failures that only bootstrap knows the remedy for comes before the general next step.
fn with_next_step(error: anyhow::Error, run: &Run<'_>) -> anyhow::Error {
    let Some(timed_out) = find_cause::<TimedOut>(&error) else { return error };
    let last = timed_out.last.to_lowercase();
    let namespace = run.options.namespace();
    let refusals = ["authentication", "access denied", "unable to authenticate"];
    if refusals.iter().any(|words| last.contains(words)) {
        let secret = &run.options.secret_name;
        let hint = format!(
            "source-controller cannot log in with Secret \"{namespace}/{secret}\": delete it and run the command again"
        );
        return with_hint(error, hint);
    }
    if last.contains("certificate") {
        let hint =
            "source-controller does not trust the Git server: pass its certificate authority with --ca-file";
        return with_hint(error, hint);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_with_a_finalizer_and_no_condition_was_only_taken_up() {
        let object = |finalizers: Value, conditions: Value| json!({"metadata": {"finalizers": finalizers}, "status": {"conditions": conditions}});
        assert!(is_taken_up_only(&object(json!(["finalizers.fluxcd.io"]), json!([]))));
        assert!(!is_taken_up_only(&object(json!([]), json!([]))));
        assert!(!is_taken_up_only(&object(json!(["finalizers.fluxcd.io"]), json!([{"type": "Ready"}]))));
        assert!(is_taken_up_only(&json!({"metadata": {"finalizers": ["finalizers.fluxcd.io"]}})));
    }

    #[test]
    fn a_failure_is_a_reason_to_wait_and_keeps_its_words() {
        let object = |status: &str| {
            json!({
                "metadata": {"generation": 1},
                "status": {
                    "observedGeneration": 1,
                    "artifact": {"revision": "main@sha1:abc"},
                    "conditions": [{"type": "Ready", "status": status, "reason": "GitOperationFailed", "message": "no route"}],
                },
            })
        };
        let at = "/status/artifact/revision";
        assert_eq!(ready_revision(&object("False"), at), Err("GitOperationFailed: no route".to_owned()));
        assert_eq!(ready_revision(&object("True"), at), Ok("main@sha1:abc".to_owned()));
    }
}
