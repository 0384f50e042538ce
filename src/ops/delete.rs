//! Deletes an object.

use super::Session;
use super::Sink;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use kube::api::DeleteParams;

/// Asks whether an object of this kind may be deleted.
///
/// # Errors
/// It may not; no one can be asked.
async fn confirm_deletion(sink: &dyn Sink, kind: &Kind) -> anyhow::Result<()> {
    let question = format!("Are you sure you want to delete this {}", kind.noun.label);
    sink.confirm(&question, "--silent", "aborting").await
}

/// Deletes an object, after asking unless it is `silent`.
///
/// # Errors
/// The object does not exist; the question is not confirmed; what the API server answers.
pub async fn delete(session: &Session<'_>, kind: &Kind, name: &str, silent: bool) -> anyhow::Result<()> {
    let Session { client, sink, namespace, .. } = session;
    cluster::get(client, kind, namespace, name).await?;
    let human = kind.noun.label;
    if !silent {
        confirm_deletion(*sink, kind).await?;
    }
    sink.action(format!("deleting {human} {name} in {namespace} namespace"));
    let deleted = Selection::within(namespace)
        .api(client, &kind.api_resource())
        .delete(name, &DeleteParams::default())
        .await;
    deleted.map_err(|error| cluster::explain(error, &format!("deleting {human} \"{name}\"")))?;
    sink.success(format!("{human} deleted"));
    Ok(())
}
