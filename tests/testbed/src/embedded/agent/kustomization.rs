//! kustomize-controller's part: from a source's artifact to objects in the cluster, and away with what is no longer wanted.

use super::build;
use super::build::Failure;
use super::conditions::Subject;
use super::events;
use super::events::Severity;
use super::finalizer;
use super::health;
use super::history;
use super::inventory;
use super::surroundings::Id;
use super::surroundings::NEVER;
use super::surroundings::Surroundings;
use super::surroundings::duration;
use super::surroundings::text;
use fluxr::testing::api::ObjectId;
use fluxr::testing::cluster;
use fluxr::testing::cluster::Change;
use fluxr::testing::cluster::Deadline;
use fluxr::testing::render::kustomize;
use fluxr::testing::text::GoDuration;
use serde_json::Value;
use sha2::Digest;
use std::time::Duration;
use std::time::Instant;

/// How soon a dependency or an artifact that is missing is looked for again.
const DEPENDENCY_RETRY: Duration = Duration::from_secs(30);

/// Fields that only a real kustomize-controller knows.
const UNKNOWN: [&str; 7] = [
    "decryption",
    "healthCheckExprs",
    "ignore",
    "kubeConfig",
    "postBuild",
    "serviceAccountName",
    "ignoreMissingComponents",
];

/// Whether a field of the spec says something.
pub fn is_set(object: &Value, field: &str) -> bool {
    let value = object.pointer(&format!("/spec/{field}")).unwrap_or(&Value::Null);
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty() && text != "generic",
        Value::Array(all) => !all.is_empty(),
        _ => true,
    }
}

/// Looks after one Kustomization, and tells when to look again.
pub async fn reconcile(around: &Surroundings, id: &Id) -> anyhow::Result<Duration> {
    let Some(mut object) = around.get(id) else { return Ok(NEVER) };
    if finalizer::is_leaving(&object) {
        return leave(around, &object).await;
    }
    finalizer::add(around, &mut object).await?;
    if is_set(&object, "suspend") {
        return Ok(NEVER);
    }
    let begun = Instant::now();
    let interval = duration(&object, "/spec/interval").unwrap_or(Duration::from_secs(300));
    let retry = duration(&object, "/spec/retryInterval").unwrap_or(interval);
    let mut subject = Subject::new(object);
    let run = Run { around, begun, interval };
    let (again, event) = run.reconcile(&mut subject).await?;
    subject.answer_request();
    if subject.is("Ready").as_deref() == Some("True") {
        subject.unset("Reconciling");
        subject.status["observedGeneration"] = subject.generation().into();
    } else if subject.is("Reconciling").is_some() {
        let message = subject.says("Reconciling", "message");
        subject.set("Reconciling", "True", "ProgressingWithRetry", &message);
    }
    subject.tell(around).await?;
    if let Some((severity, message)) = event {
        record(around, &subject, severity, &message).await;
    }
    Ok(match again {
        Again::AtInterval => interval,
        Again::AtRetry => retry,
        Again::Soon => DEPENDENCY_RETRY,
    })
}

/// The last word of a Kustomization: what it has applied goes with it, unless that is to stay.
async fn leave(around: &Surroundings, object: &Value) -> anyhow::Result<Duration> {
    let deletes = match text(object, "/spec/deletionPolicy") {
        "Orphan" => false,
        "Delete" | "WaitForTermination" => true,
        _ => is_set(object, "prune"),
    };
    if deletes && !is_set(object, "suspend") {
        let objects = inventory::only_in(&object["status"]["inventory"], &Value::Null);
        let lines = inventory::delete(around, object, objects).await?;
        if !lines.is_empty() {
            record(around, &Subject::new(object.clone()), Severity::Normal, &lines.join("\n")).await;
        }
    }
    finalizer::remove(around, object).await?;
    Ok(NEVER)
}

/// The reason of an event is that of the Ready condition.
async fn record(around: &Surroundings, subject: &Subject, severity: Severity, message: &str) {
    let reason = match (subject.says("Ready", "reason"), severity) {
        (reason, _) if !reason.is_empty() => reason,
        (_, Severity::Normal) => "info".to_owned(),
        (_, Severity::Warning) => "error".to_owned(),
    };
    events::record(around, &subject.object, severity, &reason, message).await;
}

/// When to look again.
enum Again {
    AtInterval,
    AtRetry,
    Soon,
}

type Outcome = (Again, Option<(Severity, String)>);

struct Run<'a> {
    around: &'a Surroundings,
    begun: Instant,
    interval: Duration,
}

impl Run<'_> {
    async fn reconcile(&self, subject: &mut Subject) -> anyhow::Result<Outcome> {
        if let Some(field) = UNKNOWN.iter().find(|field| is_set(&subject.object, field)) {
            let message =
                format!("the embedded agent does not know spec.{field}; a real kustomize-controller does");
            subject.set("Ready", "False", "BuildFailed", &message);
            return Ok((Again::AtRetry, Some((Severity::Warning, message))));
        }
        let (kind, name) = (
            text(&subject.object, "/spec/sourceRef/kind").to_owned(),
            text(&subject.object, "/spec/sourceRef/name").to_owned(),
        );
        let namespace = match text(&subject.object, "/spec/sourceRef/namespace") {
            "" => text(&subject.object, "/metadata/namespace").to_owned(),
            other => other.to_owned(),
        };
        if kind != "GitRepository" {
            let message = format!(
                "the embedded agent knows no source of kind {kind}; a real kustomize-controller does"
            );
            subject.set("Ready", "False", "ArtifactFailed", &message);
            return Ok((Again::AtRetry, Some((Severity::Warning, message))));
        }
        let Some(source) = self.around.api.get(&kind, &namespace, &name) else {
            let message = format!("gitrepositories.source.toolkit.fluxcd.io \"{name}\" not found");
            subject.set("Ready", "False", "ArtifactFailed", &message);
            return Ok((Again::AtRetry, None));
        };
        let revision = text(&source, "/status/artifact/revision").to_owned();
        let files = self.around.artifact(text(&source, "/status/artifact/url"));
        let Some(files) = files.filter(|_| !revision.is_empty()) else {
            let message = "Source artifact not found, retrying in 30s";
            subject.set("Ready", "False", "ArtifactFailed", message);
            return Ok((Again::Soon, None));
        };
        if let Err(message) = self.check_dependencies(&subject.object, &source) {
            subject.set("Ready", "False", "DependencyNotReady", &message);
            let event = "Dependencies do not meet ready condition, retrying in 30s".to_owned();
            return Ok((Again::Soon, Some((Severity::Normal, event))));
        }
        let limit = duration(&subject.object, "/spec/timeout")
            .unwrap_or(self.interval.saturating_sub(Duration::from_secs(30)));
        match self.deliver(subject, &files, &revision, limit).await? {
            Ok(()) => {
                let took = GoDuration(self.begun.elapsed());
                let next = GoDuration(self.interval);
                let message = format!("Reconciliation finished in {took}, next run in {next}");
                Ok((Again::AtInterval, Some((Severity::Normal, message))))
            }
            Err(failure) => {
                subject.set("Ready", "False", failure.reason, &failure.message);
                Ok((Again::AtRetry, Some((Severity::Warning, failure.message))))
            }
        }
    }

    /// Fetch, build, apply, prune, wait; the inner result is that of the Kustomization, the outer one that of telling it.
    async fn deliver(
        &self,
        subject: &mut Subject,
        files: &super::surroundings::Files,
        revision: &str,
        limit: Duration,
    ) -> anyhow::Result<Result<(), Failure>> {
        self.progress(subject, "Fetching manifests", revision, limit).await?;
        let folder = match build::folder(files, &subject.object) {
            Ok(folder) => folder,
            Err(failure) => return Ok(Err(failure)),
        };
        subject.status["lastAttemptedRevision"] = revision.into();
        self.progress(subject, "Building manifests", revision, limit).await?;
        let objects = match build::build(files, &folder, &subject.object) {
            Ok(objects) => objects,
            Err(failure) => return Ok(Err(failure)),
        };
        let digest = format!("sha256:{}", hex::encode(sha2::Sha256::digest(kustomize::render(&objects))));
        self.progress(subject, "Detecting drift", revision, limit).await?;
        let outcome = self.apply(subject, objects, limit).await;
        let word = outcome.as_ref().map_or_else(|failure| failure.reason, |()| "ReconciliationSucceeded");
        history::record(&mut subject.status, &digest, self.begun.elapsed(), word, revision);
        if outcome.is_ok() {
            subject.status["lastAppliedRevision"] = revision.into();
            subject.set("Ready", "True", word, &format!("Applied revision: {revision}"));
        }
        Ok(outcome)
    }

    async fn progress(
        &self,
        subject: &mut Subject,
        doing: &str,
        revision: &str,
        limit: Duration,
    ) -> anyhow::Result<()> {
        let message = format!("{doing} for revision {revision} with a timeout of {}", GoDuration(limit));
        subject.set("Ready", "Unknown", "Progressing", "Reconciliation in progress");
        subject.set("Reconciling", "True", "Progressing", &message);
        subject.tell(self.around).await
    }

    async fn apply(
        &self,
        subject: &mut Subject,
        objects: Vec<Value>,
        limit: Duration,
    ) -> Result<(), Failure> {
        let failed =
            |error: anyhow::Error| Failure { reason: "ReconciliationFailed", message: format!("{error:#}") };
        let deadline = Deadline::after(limit);
        let poll = Duration::from_millis(200);
        let given = objects.clone();
        let applied = cluster::apply_as("kustomize-controller", &self.around.client, given, deadline, poll)
            .await
            .map_err(failed)?;
        let changed: Vec<String> =
            applied.iter().filter(|one| one.change != Change::Unchanged).map(ToString::to_string).collect();
        if !changed.is_empty() {
            record(self.around, subject, Severity::Normal, &changed.join("\n")).await;
        }
        let by_subject =
            |one: &cluster::Applied| objects.iter().find(|object| ObjectId::of(object) == one.id).cloned();
        let in_order: Vec<Value> = applied.iter().filter_map(by_subject).collect();
        let before = subject.status["inventory"].take();
        subject.status["inventory"] = inventory::of(&in_order);
        if is_set(&subject.object, "prune") {
            let stale = inventory::only_in(&before, &subject.status["inventory"]);
            let lines = inventory::delete(self.around, &subject.object, stale)
                .await
                .map_err(|error| Failure { reason: "PruneFailed", message: format!("{error:#}") })?;
            if !lines.is_empty() {
                record(self.around, subject, Severity::Normal, &lines.join("\n")).await;
            }
        }
        self.check_health(subject, &in_order, limit).await
    }

    async fn check_health(
        &self,
        subject: &mut Subject,
        applied: &[Value],
        limit: Duration,
    ) -> Result<(), Failure> {
        let wanted = health::wanted(&subject.object, applied);
        if wanted.is_empty() {
            subject.unset("Healthy");
            return Ok(());
        }
        let begun = Instant::now();
        let outcome = health::wait(self.around, &wanted, limit).await;
        let took = GoDuration(begun.elapsed());
        match outcome {
            Ok(()) => {
                subject.set("Healthy", "True", "Succeeded", &format!("Health check passed in {took}"));
                Ok(())
            }
            Err(message) => {
                subject.set("Healthy", "False", "HealthCheckFailed", &message);
                Err(Failure {
                    reason: "HealthCheckFailed",
                    message: format!("health check failed after {took}: {message}"),
                })
            }
        }
    }

    /// The first dependency that is not there, not ready, or behind the same source.
    fn check_dependencies(&self, object: &Value, source: &Value) -> Result<(), String> {
        let own = text(object, "/metadata/namespace");
        let or_own = |namespace: &str, own: &str| {
            if namespace.is_empty() { own.to_owned() } else { namespace.to_owned() }
        };
        for wanted in object.pointer("/spec/dependsOn").and_then(Value::as_array).into_iter().flatten() {
            let (namespace, name) = (or_own(text(wanted, "/namespace"), own), text(wanted, "/name"));
            if !text(wanted, "/readyExpr").is_empty() {
                return Err(format!(
                    "the embedded agent does not know the readyExpr of '{namespace}/{name}'"
                ));
            }
            let Some(found) = self.around.api.get("Kustomization", &namespace, name) else {
                return Err(format!(
                    "dependency '{namespace}/{name}' not found: kustomizations.kustomize.toolkit.fluxcd.io \"{name}\" not found"
                ));
            };
            let found = Subject::new(found);
            if found.is("Ready").as_deref() != Some("True") || found.generation() != found.observed() {
                return Err(format!("dependency '{namespace}/{name}' is not ready"));
            }
            let of = |object: &Value| {
                let reference = &object["spec"]["sourceRef"];
                let namespace = or_own(text(reference, "/namespace"), text(object, "/metadata/namespace"));
                (text(reference, "/kind").to_owned(), namespace, text(reference, "/name").to_owned())
            };
            if of(&found.object) == of(object)
                && text(&found.status, "/lastAppliedRevision") != text(source, "/status/artifact/revision")
            {
                return Err(format!("dependency '{namespace}/{name}' revision is not up to date"));
            }
        }
        Ok(())
    }
}
