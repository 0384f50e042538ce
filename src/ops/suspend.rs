//! Suspends and resumes objects of a kind.

use super::Session;
use super::suspension;
use crate::api::Kind;
use crate::api::SuspensionNote;
use crate::api::object;
use crate::cluster;
use serde_json::Value;

/// The names that were given, each once; without any, those of all objects of the namespace.
async fn chosen(session: &Session<'_>, kind: &Kind, given: &[String]) -> anyhow::Result<Vec<String>> {
    if given.is_empty() {
        let objects = session.objects(kind).await?;
        return Ok(objects.iter().map(|object| object::name(object).to_owned()).collect());
    }
    let mut names: Vec<String> = Vec::new();
    for name in given {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}

/// Suspends objects, each with the note if there is one; `fallback` is who did it, where the API server does not tell. Returns how many
/// could not be suspended; they were reported.
///
/// # Errors
/// There is no object; the objects cannot be listed.
pub async fn suspend(
    session: &Session<'_>,
    kind: &Kind,
    names: &[String],
    mut note: Option<SuspensionNote>,
    fallback: &str,
) -> anyhow::Result<usize> {
    let Session { client, sink, namespace, .. } = session;
    let names = chosen(session, kind, names).await?;
    anyhow::ensure!(!names.is_empty(), "no objects found");
    if let Some(note) = &mut note {
        note.by = suspension::user_name(client, fallback).await;
    }
    let human = kind.noun.label;
    let failing = |name: &str| format!("failed suspending {} {name} in {namespace} namespace", kind.kind);
    let mut failed = 0;
    for name in names {
        // The object is looked for first, so that nothing is reported of one that does not exist.
        let found = cluster::get(client, kind, namespace, &name).await;
        let patch = match found.and_then(|object| suspension::suspending(&object, note.as_ref())) {
            Ok(patch) => patch,
            Err(error) => {
                failed += 1;
                if cluster::is_missing(&error) {
                    sink.failure(format!("{} {name} not found in {namespace} namespace", kind.kind));
                } else {
                    sink.error(&error.context(failing(&name)));
                }
                continue;
            }
        };
        sink.action(format!("suspending {human} {name} in {namespace} namespace"));
        match cluster::merge(client, kind, namespace, &name, &patch).await {
            Ok(_) => sink.success(format!("{human} suspended")),
            Err(error) => {
                failed += 1;
                sink.error(&cluster::explain(error, "patching").context(failing(&name)));
            }
        }
    }
    Ok(failed)
}

/// Resumes objects, and waits for those that were if `waits`. Returns how many could not be resumed; they were reported.
///
/// # Errors
/// The objects cannot be listed; objects that do not become ready.
pub async fn resume(
    session: &Session<'_>,
    kind: &'static Kind,
    names: &[String],
    waits: bool,
) -> anyhow::Result<usize> {
    let Session { client, sink, namespace, .. } = session;
    let names = chosen(session, kind, names).await?;
    if names.is_empty() {
        // With all of them meant, none was named that could be missing.
        sink.failure(format!("no {} objects found in {namespace} namespace", kind.kind));
        return Ok(0);
    }
    let human = kind.noun.label;
    let mut resumed = Vec::new();
    let mut failed = 0;
    for name in names {
        let patch = match cluster::get(client, kind, namespace, &name).await {
            Ok(object) => suspension::resuming(&object),
            Err(error) => {
                failed += 1;
                if cluster::is_missing(&error) {
                    sink.failure(format!("{} object '{name}' not found in {namespace} namespace", kind.kind));
                } else {
                    sink.error(&error);
                }
                continue;
            }
        };
        sink.action(format!("resuming {human} {name} in {namespace} namespace"));
        match cluster::merge(client, kind, namespace, &name, &patch).await {
            Ok(_) => {
                sink.success(format!("{human} resumed"));
                resumed.push(name);
            }
            Err(error) => {
                failed += 1;
                sink.error(&cluster::explain(error, &format!("resuming {human} {name}")));
            }
        }
    }
    if waits {
        wait_for(session, kind, resumed).await?;
    }
    Ok(failed)
}

/// Waits for all at once and reports how each ended, by name.
async fn wait_for(session: &Session<'_>, kind: &'static Kind, mut names: Vec<String>) -> anyhow::Result<()> {
    let sink = session.sink;
    names.sort();
    for _ in &names {
        sink.waiting(format!("waiting for {} reconciliation", kind.kind));
    }
    let waiting = session.waiting();
    let waits = names.iter().map(|name| waiting.until_ready(kind, session.namespace, name));
    let outcomes: Vec<anyhow::Result<Value>> = futures::future::join_all(waits).await;
    let mut failures = 0;
    for (name, outcome) in names.iter().zip(outcomes) {
        match outcome {
            Ok(object) => {
                sink.success(format!("{} {name} reconciliation completed", kind.kind));
                let outcome = (kind.outcome)(&object);
                if !outcome.is_empty() {
                    sink.success(outcome);
                }
            }
            Err(error) => {
                failures += 1;
                sink.error(&error.context(format!("{} {name} reconciliation failed", kind.kind)));
            }
        }
    }
    anyhow::ensure!(failures == 0, "reconciliation failed for {failures} {}(s)", kind.kind);
    Ok(())
}
