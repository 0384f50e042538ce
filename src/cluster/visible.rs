//! What a user sees who may list a kind in some namespaces, but not in the whole cluster.

use super::Selection;
use super::explain;
use super::objects::list_each;
use futures::StreamExt;
use kube::Api;
use kube::api::ListParams;
use kube::core::ApiResource;
use serde_json::Value;

/// No more namespaces are asked about at once.
const AT_ONCE: usize = 16;

/// The objects that may be seen.
pub struct Visible<T> {
    pub objects: Vec<T>,
    /// The version of the list; empty where it was put together.
    pub version: String,
    /// Namespaces that could not be looked into, named, with the refusal of the first.
    pub unseen: Option<anyhow::Error>,
}

/// As [`list_each`]; where the whole cluster may not be listed, the namespaces one by one, in the order of their names.
///
/// # Errors
/// As [`list_each`]; its refusal also where the namespaces may not be listed, or nothing may be seen in any.
pub async fn list_visible<T>(
    client: &kube::Client,
    resource: &ApiResource,
    selection: &Selection,
    reduce: impl Fn(Value) -> T,
) -> Result<Visible<T>, kube::Error> {
    let refusal = match list_each(client, resource, selection, &reduce).await {
        Ok((objects, version)) => return Ok(Visible { objects, version, unseen: None }),
        Err(error) => error,
    };
    let is_forbidden = matches!(&refusal, kube::Error::Api(status) if status.code == 403);
    if !is_forbidden || selection.namespace.is_some() {
        return Err(refusal);
    }
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
    let Ok(listed) = namespaces.list_metadata(&ListParams::default()).await else { return Err(refusal) };
    let names = listed.items.into_iter().filter_map(|namespace| namespace.metadata.name);
    let lists = futures::stream::iter(names).map(|name| {
        let (reduce, selection) = (&reduce, Selection { namespace: Some(name.clone()), ..selection.clone() });
        async move { (name, list_each(client, resource, &selection, reduce).await) }
    });
    let (mut objects, mut refused, mut first, mut seen) = (Vec::new(), Vec::new(), None, 0);
    for (name, outcome) in lists.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match outcome {
            Ok((found, _)) => {
                seen += 1;
                objects.extend(found);
            }
            Err(error) => {
                refused.push(name);
                first = first.or(Some(error));
            }
        }
    }
    if seen == 0 {
        return Err(refusal);
    }
    let doing = format!("listing {} in {}", resource.plural, refused.join(", "));
    Ok(Visible { objects, version: String::new(), unseen: first.map(|error| explain(error, &doing)) })
}
