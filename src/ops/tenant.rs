//! The namespaces of a tenant, and the account in each with which its objects are applied.

use super::Session;
use crate::api::TENANT;
use crate::cluster;
use crate::cluster::Deadline;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::RoleBinding;
use k8s_openapi::api::rbac::v1::RoleRef;
use k8s_openapi::api::rbac::v1::Subject;
use kube::Api;
use kube::Resource;
use kube::ResourceExt;
use kube::api::DeleteParams;
use kube::api::ObjectMeta;
use kube::api::PostParams;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Debug;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Whose the namespaces are, and what may be done in them.
#[derive(Debug, Clone)]
pub struct Tenant<'a> {
    pub name: &'a str,
    /// The ServiceAccount in each namespace.
    pub account: &'a str,
    /// What the account may do.
    pub cluster_role: &'a str,
    /// Further labels of every object.
    pub labels: BTreeMap<String, String>,
    /// Whether the namespaces exist already and are left alone.
    pub skips_namespaces: bool,
}

impl Tenant<'_> {
    /// The objects of one namespace, in the order in which they are created.
    ///
    /// # Errors
    /// None of the objects causes one.
    pub fn objects(&self, namespace: &str) -> serde_json::Result<Vec<Value>> {
        let mut objects = Vec::new();
        if !self.skips_namespaces {
            objects.push(serde_json::to_value(self.namespace(namespace))?);
        }
        objects.push(serde_json::to_value(self.service_account(namespace))?);
        objects.push(serde_json::to_value(self.role_binding(namespace))?);
        Ok(objects)
    }

    fn metadata(&self, name: &str, namespace: Option<&str>) -> ObjectMeta {
        let mut labels = self.labels.clone();
        labels.insert(TENANT.to_owned(), self.name.to_owned());
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            labels: Some(labels),
            ..ObjectMeta::default()
        }
    }

    fn namespace(&self, name: &str) -> Namespace {
        Namespace { metadata: self.metadata(name, None), ..Namespace::default() }
    }

    fn service_account(&self, namespace: &str) -> ServiceAccount {
        ServiceAccount { metadata: self.metadata(self.account, Some(namespace)), ..ServiceAccount::default() }
    }

    fn role_binding(&self, namespace: &str) -> RoleBinding {
        let user = Subject {
            api_group: Some(RBAC.to_owned()),
            kind: "User".to_owned(),
            name: format!("gotk:{namespace}:reconciler"),
            namespace: None,
        };
        let account = Subject {
            api_group: None,
            kind: "ServiceAccount".to_owned(),
            name: self.account.to_owned(),
            namespace: Some(namespace.to_owned()),
        };
        RoleBinding {
            metadata: self.metadata(&format!("{}-reconciler", self.name), Some(namespace)),
            role_ref: RoleRef {
                api_group: RBAC.to_owned(),
                kind: "ClusterRole".to_owned(),
                name: self.cluster_role.to_owned(),
            },
            subjects: Some(vec![user, account]),
        }
    }
}

/// Makes the objects of these namespaces, or gives the present ones the labels, subjects and role of the tenant.
///
/// # Errors
/// What the API server answers; the deadline.
pub async fn apply(session: &Session<'_>, tenant: &Tenant<'_>, namespaces: &[String]) -> anyhow::Result<()> {
    let Session { client, sink, deadline, .. } = session;
    for namespace in namespaces {
        if !tenant.skips_namespaces {
            sink.action(format!("applying namespace {namespace}"));
            let (api, wanted) = (Api::all(client.clone()), tenant.namespace(namespace));
            let put = put(*deadline, &wanted, || put_labels(&api, &wanted));
            deadline.bound("the namespace to be applied", put).await?;
        }
        sink.action(format!("applying service account {}", tenant.account));
        let (api, wanted) = (Api::namespaced(client.clone(), namespace), tenant.service_account(namespace));
        let account = put(*deadline, &wanted, || put_labels(&api, &wanted));
        deadline.bound("the service account to be applied", account).await?;
        let (api, wanted) = (Api::namespaced(client.clone(), namespace), tenant.role_binding(namespace));
        sink.action(format!("applying role binding {}", wanted.name_any()));
        let binding = put(*deadline, &wanted, || put_role_binding(&api, &wanted));
        deadline.bound("the role binding to be applied", binding).await?;
    }
    Ok(())
}

/// Writes an object, again if another client writes it at the same time.
async fn put<K, F>(deadline: Deadline, wanted: &K, write: impl FnMut() -> F) -> anyhow::Result<()>
where
    K: Resource<DynamicType = ()>,
    F: Future<Output = Result<(), kube::Error>>,
{
    let written = cluster::despite_conflicts(deadline, write).await;
    written.map_err(|error| {
        let address = wanted.namespace().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        cluster::explain(error, &format!("applying {} \"{address}{}\"", K::kind(&()), wanted.name_any()))
    })
}

/// Creates the object, or gives the present one its labels in place of those it has.
async fn put_labels<K>(api: &Api<K>, wanted: &K) -> Result<(), kube::Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
{
    let name = wanted.name_any();
    match api.get_opt(&name).await? {
        None => drop(api.create(&PostParams::default(), wanted).await?),
        Some(present) if has_labels(&present, wanted) => {}
        Some(mut present) => {
            present.meta_mut().labels.clone_from(&wanted.meta().labels);
            present.meta_mut().managed_fields = None;
            api.replace(&name, &PostParams::default(), &present).await?;
        }
    }
    Ok(())
}

/// Creates the binding; another one is deleted first, as its role cannot be changed.
async fn put_role_binding(api: &Api<RoleBinding>, wanted: &RoleBinding) -> Result<(), kube::Error> {
    let name = wanted.name_any();
    if let Some(present) = api.get_opt(&name).await? {
        if present.role_ref == wanted.role_ref
            && has_subjects(&present, wanted)
            && has_labels(&present, wanted)
        {
            return Ok(());
        }
        api.delete(&name, &DeleteParams::default()).await?;
    }
    api.create(&PostParams::default(), wanted).await?;
    Ok(())
}

/// Whether all labels that are wanted are there; there may be others.
fn has_labels<K: Resource>(present: &K, wanted: &K) -> bool {
    wanted.labels().iter().all(|(key, value)| present.labels().get(key) == Some(value))
}

/// Whether the subjects that are wanted come first; an API group that is not named is the default one.
fn has_subjects(present: &RoleBinding, wanted: &RoleBinding) -> bool {
    let [present, wanted] = [present, wanted].map(|binding| binding.subjects.as_deref().unwrap_or_default());
    let is_same = |(present, wanted): (&Subject, &Subject)| {
        (&present.kind, &present.name, &present.namespace) == (&wanted.kind, &wanted.name, &wanted.namespace)
    };
    present.len() >= wanted.len() && present.iter().zip(wanted).all(is_same)
}
