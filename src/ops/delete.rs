//! Deletes an object.

use super::Session;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use kube::api::DeleteParams;

/// Deletes an object, after asking unless it is `silent`.
///
/// # Errors
/// There is no such object; the question is answered with no; what the API server answers.
pub async fn delete(session: &Session<'_>, kind: &Kind, name: &str, silent: bool) -> anyhow::Result<()> {
    let Session { client, sink, namespace, .. } = session;
    cluster::get(client, kind, namespace, name).await?;
    let human = kind.noun.label;
    if !silent {
        let question = format!("Are you sure you want to delete this {human}");
        sink.confirm(&question, "--silent", "aborting").await?;
    }
    sink.action(format!("deleting {human} {name} in {namespace} namespace"));
    let selection = Selection { namespace: Some((*namespace).to_owned()), ..Selection::default() };
    let deleted = selection.api(client, &kind.api_resource()).delete(name, &DeleteParams::default()).await;
    deleted.map_err(|error| cluster::explain(error, &format!("deleting {human} \"{name}\"")))?;
    sink.success(format!("{human} deleted"));
    Ok(())
}
