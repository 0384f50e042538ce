//! Reading and patching objects of Flux's kinds.

use super::explain;
use super::is_missing;
use crate::api::Kind;
use crate::text::with_hint;
use kube::Api;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use serde_json::Value;

/// Which objects of a kind are meant.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// All namespaces when empty.
    pub namespace: Option<String>,
    pub name: Option<String>,
    /// As `kubectl get -l`.
    pub labels: Option<String>,
    /// As `kubectl get --field-selector`.
    pub fields: Option<String>,
    /// Whole objects, not only what tables show of them.
    pub whole: bool,
}

/// Objects in the server's order, and the version of the list, from which a watch can continue.
pub type Listing = (Vec<Value>, String);

impl Selection {
    /// Every object of a namespace.
    pub fn within(namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..Self::default() }
    }

    /// The parameters of a list.
    pub fn parameters(&self) -> ListParams {
        let mut parameters = ListParams::default();
        let name = self.name.as_ref().map(|name| format!("metadata.name={name}"));
        let fields: Vec<String> = name.into_iter().chain(self.fields.clone()).collect();
        if !fields.is_empty() {
            parameters = parameters.fields(&fields.join(","));
        }
        if let Some(labels) = &self.labels {
            parameters = parameters.labels(labels);
        }
        parameters
    }

    /// The API that serves the selection.
    pub fn api(&self, client: &kube::Client, resource: &ApiResource) -> Api<DynamicObject> {
        match &self.namespace {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, resource),
            None => Api::all_with(client.clone(), resource),
        }
    }
}

/// An object as a value that names its kind; lists leave that out.
pub fn to_value(resource: &ApiResource, object: DynamicObject) -> anyhow::Result<Value> {
    let mut value = serde_json::to_value(object)?;
    value["apiVersion"] = resource.api_version.as_str().into();
    value["kind"] = resource.kind.as_str().into();
    Ok(value)
}

/// The objects of a kind. They lack managed fields and, unless whole ones are wanted, the entries of inventories, which no table shows.
///
/// # Errors
/// What the API server answers; a kind that it does not know comes with the hint to install Flux.
pub async fn list(client: &kube::Client, kind: &Kind, selection: &Selection) -> Result<Listing, kube::Error> {
    list_resource(client, &kind.api_resource(), selection).await
}

/// As [`list`], for kinds that are not Flux's.
///
/// # Errors
/// As [`list`].
pub async fn list_resource(
    client: &kube::Client,
    resource: &ApiResource,
    selection: &Selection,
) -> Result<Listing, kube::Error> {
    list_each(client, resource, selection, |object| object).await
}

/// As [`list_resource`], where each object is reduced as it arrives, so that a long list is never held whole.
///
/// # Errors
/// As [`list`].
pub async fn list_each<T>(
    client: &kube::Client,
    resource: &ApiResource,
    selection: &Selection,
    mut reduce: impl FnMut(Value) -> T,
) -> Result<(Vec<T>, String), kube::Error> {
    let url = selection.api(client, resource).resource_url().to_owned();
    let request = kube::core::Request::new(url).list(&selection.parameters());
    let body = client.request_stream(request.map_err(kube::Error::BuildRequest)?).await?;
    let mut reduced = Vec::new();
    let version = super::listing::read(Box::pin(body), selection.whole, |mut object| {
        if let Some(fields) = object.as_object_mut() {
            fields.insert("apiVersion".to_owned(), resource.api_version.as_str().into());
            fields.insert("kind".to_owned(), resource.kind.as_str().into());
        }
        reduced.push(reduce(object));
    });
    let version = version.await?;
    Ok((reduced, version))
}

/// One object.
///
/// # Errors
/// The API server's own message if it does not exist; `doing` in front of anything else.
pub async fn get(client: &kube::Client, kind: &Kind, namespace: &str, name: &str) -> anyhow::Result<Value> {
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind.api_resource());
    match api.get(name).await {
        Ok(object) => to_value(&kind.api_resource(), object),
        Err(error) => {
            let error = explain(error, &format!("reading {} \"{namespace}/{name}\"", kind.kind));
            if !is_missing(&error) {
                return Err(error);
            }
            Err(with_hint(error, format!("`fluxr get {} -A` lists what is there", kind.noun.many.join(" "))))
        }
    }
}

/// Changes an object by a merge patch and returns it as it then is.
///
/// # Errors
/// What the API server answers.
pub async fn merge(
    client: &kube::Client,
    kind: &Kind,
    namespace: &str,
    name: &str,
    patch: &Value,
) -> Result<Value, kube::Error> {
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind.api_resource());
    let object = api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    to_value(&kind.api_resource(), object).map_err(|error| kube::Error::Service(error.into()))
}
