//! source-controller's part for Git repositories: look, fetch, keep as an artifact, tell.

use super::conditions::Subject;
use super::events;
use super::events::Severity;
use super::fetch;
use super::fetch::Failure;
use super::fetch::Fetched;
use super::finalizer;
use super::surroundings::Files;
use super::surroundings::Id;
use super::surroundings::NEVER;
use super::surroundings::Surroundings;
use super::surroundings::duration;
use super::surroundings::now;
use super::surroundings::text;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use std::time::Duration;

/// Before a failed look is repeated; doubled each time, and never longer than the interval.
const FIRST_RETRY: Duration = Duration::from_millis(750);

/// Looks after one repository, and tells when to look again. `failures` counts those in a row.
pub async fn reconcile(around: &Surroundings, id: &Id, failures: &mut u32) -> anyhow::Result<Duration> {
    let Some(mut object) = around.get(id) else { return Ok(NEVER) };
    if finalizer::is_leaving(&object) {
        finalizer::remove(around, &object).await?;
        return Ok(NEVER);
    }
    finalizer::add(around, &mut object).await?;
    if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        return Ok(NEVER);
    }
    let interval = duration(&object, "/spec/interval").unwrap_or(Duration::from_secs(60));
    let limit = duration(&object, "/spec/timeout").unwrap_or(Duration::from_secs(60));
    let mut subject = Subject::new(object);
    let had_failed = subject.is("FetchFailed").is_some();
    progress(&mut subject);
    if subject.generation() != subject.observed() || subject.is_requested() {
        subject.tell(around).await?;
    }
    let stored = text(&subject.status, "/artifact/revision").to_owned();
    let is_kept = around.artifact(text(&subject.status, "/artifact/url")).is_some();
    let is_current = is_kept && subject.status["observedIgnore"] == subject.object["spec"]["ignore"];
    let known = if is_current { stored.as_str() } else { "" };
    let looked = tokio::time::timeout(limit, fetch::fetch(around, &subject.object, known)).await;
    let looked = looked.unwrap_or_else(|_| {
        Err(Failure {
            reason: "GitOperationFailed",
            message: "failed to checkout and determine revision: context deadline exceeded".to_owned(),
        })
    });
    let told = match looked {
        Ok(Fetched::Unchanged) => Some((
            "GitOperationSucceeded",
            format!("no changes since last reconciliation: observed revision '{stored}'"),
        )),
        Ok(Fetched::New { commit, subject: first_line, files }) => {
            let revision = format!("{}@sha1:{commit}", fetch::branch_of(&subject.object));
            let is_new = revision != stored;
            keep(around, &mut subject, &revision, &commit, files);
            let message = format!("stored artifact for commit '{first_line}'");
            is_new
                .then_some(("NewArtifact", message.clone()))
                .or(had_failed.then_some(("Succeeded", message)))
        }
        Err(failure) => {
            fail(&mut subject, &failure);
            subject.answer_request();
            subject.tell(around).await?;
            events::record(around, &subject.object, Severity::Warning, failure.reason, &failure.message)
                .await;
            *failures += 1;
            return Ok((FIRST_RETRY * 2_u32.saturating_pow((*failures).min(10))).min(interval));
        }
    };
    *failures = 0;
    succeed(&mut subject);
    subject.tell(around).await?;
    if let Some((reason, message)) = told {
        events::record(around, &subject.object, Severity::Normal, reason, &message).await;
    }
    Ok(interval)
}

fn progress(subject: &mut Subject) {
    let (observed, generation) = (subject.observed(), subject.generation());
    let message = if observed == generation {
        "reconciliation in progress".to_owned()
    } else {
        format!("processing object: new generation {observed} -> {generation}")
    };
    subject.set("Reconciling", "True", "Progressing", &message);
    if subject.is("Ready").is_none() {
        subject.set("Ready", "Unknown", "Progressing", &message);
    }
}

/// The artifact stays in this process; its address names it, and nothing serves it.
fn keep(around: &Surroundings, subject: &mut Subject, revision: &str, commit: &str, files: Files) {
    let (namespace, name) =
        (text(&subject.object, "/metadata/namespace"), text(&subject.object, "/metadata/name"));
    let path = format!("gitrepository/{namespace}/{name}/{commit}.tar.gz");
    let url = format!("http://source-controller.flux-system.svc.cluster.local./{path}");
    let mut digest = sha2::Sha256::new();
    for (path, content) in &files {
        digest.update(format!("{path}\0{}\0", content.len()));
        digest.update(content);
    }
    let size: usize = files.values().map(Vec::len).sum();
    subject.status["artifact"] = json!({
        "digest": format!("sha256:{}", hex::encode(digest.finalize())), "lastUpdateTime": now(), "path": path,
        "revision": revision, "size": size, "url": url,
    });
    subject.status["observedIgnore"] = subject.object["spec"]["ignore"].clone();
    around.store(url, files);
}

fn fail(subject: &mut Subject, failure: &Failure) {
    subject.set("FetchFailed", "True", failure.reason, &failure.message);
    subject.set("Ready", "False", failure.reason, &failure.message);
    let message = subject.says("Reconciling", "message");
    subject.set("Reconciling", "True", "ProgressingWithRetry", &message);
}

fn succeed(subject: &mut Subject) {
    let message = format!("stored artifact for revision '{}'", text(&subject.status, "/artifact/revision"));
    subject.unset("FetchFailed");
    subject.unset("Reconciling");
    subject.set("ArtifactInStorage", "True", "Succeeded", &message);
    subject.set("Ready", "True", "Succeeded", &message);
    subject.status["observedGeneration"] = subject.generation().into();
    subject.answer_request();
}
