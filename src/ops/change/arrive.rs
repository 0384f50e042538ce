//! Waits until a cluster has applied the tip of the branch, or a later commit, which contains it.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::PASSING;
use crate::api::kustomize::kustomization::tried_revision;
use crate::api::object::text;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::cluster;
use crate::cluster::Status;
use crate::ops::ReconcileRequest;
use crate::ops::Session;
use crate::ops::git_source::commit_of;
use crate::ops::next_step;
use crate::ops::reconcile;
use crate::text::shorten_hex;
use crate::text::with_hint;
use serde_json::Value;
use std::ops::ControlFlow;

/// What is waited for.
pub(super) struct Arrival<'a> {
    /// The GitRepository that follows the branch.
    pub(super) source: &'a ObjectId,
    /// The commit at the tip of the branch.
    pub(super) tip: Option<String>,
    /// The Kustomizations that have to apply it, in this order.
    pub(super) carriers: &'a [ObjectId],
    /// A release that has to work then.
    pub(super) release: Option<&'a ObjectId>,
}

/// Asks the controllers to look now, and waits for them. Without the permission to ask, waits for their interval.
///
/// # Errors
/// What cannot be applied, with the reason; an object that is suspended or deleted; the end of the time.
pub(super) async fn arrive(session: &Session<'_>, arrival: &Arrival<'_>) -> anyhow::Result<()> {
    let sink = session.sink;
    sink.waiting(format!("waiting for {} to fetch the branch", arrival.source));
    let revision = fetch(session, arrival).await?;
    sink.success(format!("fetched revision {}", shorten_hex(&revision)));
    for carrier in arrival.carriers {
        sink.waiting(format!("waiting for {carrier} to apply it"));
        let revision = apply(session, arrival.source, carrier).await?;
        sink.success(format!("{carrier} applied revision {}", shorten_hex(&revision)));
    }
    if let Some(ObjectId { namespace, name, .. }) = arrival.release {
        sink.waiting(format!("waiting for {} to be released", HELM_RELEASE.id(namespace, name)));
        let after = session.waiting().until_ready(&HELM_RELEASE, namespace, name).await?;
        sink.success((HELM_RELEASE.outcome)(&after));
    }
    Ok(())
}

/// Asks a controller to reconcile now. Returns the token that it will answer with; `None` if asking is refused.
async fn ask(session: &Session<'_>, kind: &'static Kind, id: &ObjectId) -> Option<String> {
    let request = ReconcileRequest {
        kind,
        namespace: id.namespace.clone(),
        name: id.name.clone(),
        with_source: false,
        force: false,
        reset: false,
    };
    match session.deadline.cut(reconcile::annotate(session, &request)).await? {
        Ok(at) => Some(at),
        Err(error) => {
            session.sink.warning(format!("{error:#}; waiting for the next interval instead"));
            None
        }
    }
}

/// Whether the controller has not answered a request yet.
fn is_unanswered(object: &Value, asked: Option<&str>) -> bool {
    asked.is_some_and(|at| text(object, "/status/lastHandledReconcileAt") != at)
}

fn suspended(kind: &Kind, id: &ObjectId) -> anyhow::Error {
    let ObjectId { namespace, name, .. } = id;
    let error = anyhow::anyhow!("{id} is suspended and does not apply new commits");
    let words = kind.noun.one.join(" ");
    with_hint(error, format!("`fluxr resume {words} {name} -n {namespace}` resumes it"))
}

/// Waits until the source has the tip of the branch; returns the revision.
async fn fetch(session: &Session<'_>, arrival: &Arrival<'_>) -> anyhow::Result<String> {
    let id = arrival.source;
    let asked = ask(session, &GIT_REPOSITORY, id).await;
    let what = format!("{id} to fetch the branch");
    let waiting = session.waiting();
    let mut first: Option<String> = None;
    waiting
        .until(&GIT_REPOSITORY, &id.namespace, &id.name, &what, true, |object| {
            if GIT_REPOSITORY.is_suspended(object) {
                return Err(suspended(&GIT_REPOSITORY, id));
            }
            let revision = text(object, "/status/artifact/revision").to_owned();
            let first = first.get_or_insert_with(|| revision.clone());
            if is_unanswered(object, asked.as_deref()) {
                return Ok(ControlFlow::Continue("its controller has not taken up the request".to_owned()));
            }
            waiting.watch_reason(object);
            // Without a request, any revision but the first one seen is the tip or a later commit.
            let is_at_tip = commit_of(&revision).map(|(_, commit)| commit) == arrival.tip.as_deref();
            let is_there = asked.is_some() || is_at_tip || *first != revision;
            Ok(match cluster::status_of(object) {
                Status::Current if is_there => ControlFlow::Break(revision),
                Status::Current => ControlFlow::Continue(format!("it is at {revision}")),
                Status::Stalled(told) => {
                    return Err(with_hint(
                        anyhow::anyhow!("{id} cannot fetch the branch: {told}"),
                        next_step(&GIT_REPOSITORY, &id.namespace, &id.name),
                    ));
                }
                status => ControlFlow::Continue(status.reason()),
            })
        })
        .await
}

/// How an attempt ended, and with which revision.
enum Attempt {
    Applied(String),
    Failed { revision: String, told: String },
}

impl Attempt {
    fn revision(&self) -> &str {
        match self {
            Self::Applied(revision) | Self::Failed { revision, .. } => revision,
        }
    }
}

/// Waits until a Kustomization has applied what its source has; returns the revision.
async fn apply(session: &Session<'_>, source: &ObjectId, id: &ObjectId) -> anyhow::Result<String> {
    let ObjectId { namespace, name, .. } = id;
    // One that the change adds does not exist yet: its controller needs no request.
    let found = session.deadline.cut(cluster::get(&session.client, &KUSTOMIZATION, namespace, name)).await;
    let asked = match found {
        Some(Ok(found)) if !KUSTOMIZATION.is_suspended(&found) => ask(session, &KUSTOMIZATION, id).await,
        Some(Err(error)) if !cluster::is_missing(&error) => return Err(error),
        _ => None,
    };
    // Revisions of attempts with what the source had before.
    let mut older: Vec<String> = Vec::new();
    loop {
        let attempt = attempt(session, id, asked.as_deref(), &older).await?;
        let held = cluster::get(&session.client, &GIT_REPOSITORY, &source.namespace, &source.name);
        let held = session.deadline.bound(&source.to_string(), held).await?;
        if attempt.revision() != text(&held, "/status/artifact/revision") {
            older.push(attempt.revision().to_owned());
            continue;
        }
        return match attempt {
            Attempt::Applied(revision) => Ok(revision),
            Attempt::Failed { revision, told } => Err(with_hint(
                anyhow::anyhow!("{id} failed with revision {}: {told}", shorten_hex(&revision)),
                next_step(&KUSTOMIZATION, namespace, name),
            )),
        };
    }
}

/// Waits for the end of an attempt with another revision than the older ones.
async fn attempt(
    session: &Session<'_>,
    id: &ObjectId,
    asked: Option<&str>,
    older: &[String],
) -> anyhow::Result<Attempt> {
    let what = format!("{id} to apply what was merged");
    let waiting = session.waiting();
    waiting
        .until(&KUSTOMIZATION, &id.namespace, &id.name, &what, false, |object| {
            let applied = text(object, "/status/lastAppliedRevision");
            if KUSTOMIZATION.is_suspended(object) {
                // It may be the change itself that suspends it.
                return if older.iter().any(|old| old == applied) || applied.is_empty() {
                    Err(suspended(&KUSTOMIZATION, id))
                } else {
                    Ok(ControlFlow::Break(Attempt::Applied(applied.to_owned())))
                };
            }
            if is_unanswered(object, asked) {
                return Ok(ControlFlow::Continue("its controller has not taken up the request".to_owned()));
            }
            let revision = tried_revision(object).to_owned();
            if older.contains(&revision) {
                return Ok(ControlFlow::Continue(format!("it has not taken up more than {revision}")));
            }
            waiting.watch_reason(object);
            Ok(match cluster::status_of(object) {
                Status::Current => ControlFlow::Break(Attempt::Applied(revision)),
                Status::Failing(told) if PASSING.contains(&told.reason.as_str()) => {
                    ControlFlow::Continue(told.to_string())
                }
                Status::Failing(told) | Status::Stalled(told) => {
                    ControlFlow::Break(Attempt::Failed { revision, told: told.to_string() })
                }
                status => ControlFlow::Continue(status.reason()),
            })
        })
        .await
}
