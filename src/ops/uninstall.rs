//! Takes Flux out of the cluster and leaves what it deployed running.

use super::check::PART_OF;
use super::check::list_labelled;
use super::check::name_of;
use crate::cluster;
use crate::kind::KINDS;
use crate::ui::Ui;
use kube::Api;
use kube::api::DeleteParams;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use serde_json::json;

/// What `uninstall` is asked to do.
pub struct UninstallOptions {
    pub namespace: String,
    pub dry_run: bool,
    pub keep_namespace: bool,
}

/// The kinds of an installation: group, kind, plural, whether they live in a namespace.
const COMPONENTS: [(&str, &str, &str, bool); 6] = [
    ("apps", "Deployment", "deployments", true),
    ("", "Service", "services", true),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies", true),
    ("", "ServiceAccount", "serviceaccounts", true),
    ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false),
];

/// Deletes components, finalizers, definitions and the namespace, in this order; every object has its line.
/// The answer is the number of objects that could not be dealt with.
///
/// # Errors
/// Never for an object; those are counted.
pub async fn uninstall(client: &kube::Client, ui: &Ui, options: &UninstallOptions) -> anyhow::Result<usize> {
    let run = Run { client, ui, options };
    let mut failures = 0;
    ui.action(format!("deleting components in {} namespace", options.namespace));
    for (group, kind, plural, namespaced) in COMPONENTS {
        let namespace = namespaced.then_some(options.namespace.as_str());
        failures += run.delete_labelled(group, kind, plural, namespace).await;
    }
    ui.action("deleting toolkit.fluxcd.io finalizers in all namespaces");
    failures += run.remove_finalizers().await;
    ui.action("deleting toolkit.fluxcd.io custom resource definitions");
    failures += run
        .delete_labelled(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            None,
        )
        .await;
    if !options.keep_namespace {
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": options.namespace}});
        failures += run.delete(&namespace).await;
    }
    Ok(failures)
}

struct Run<'a> {
    client: &'a kube::Client,
    ui: &'a Ui,
    options: &'a UninstallOptions,
}

impl Run<'_> {
    fn suffix(&self) -> &'static str {
        if self.options.dry_run { "(dry run)" } else { "" }
    }

    async fn delete_labelled(&self, group: &str, kind: &str, plural: &str, namespace: Option<&str>) -> usize {
        let found = match list_labelled(self.client, group, kind, plural, namespace).await {
            Ok(found) => found,
            Err(error) => {
                self.ui
                    .error(&cluster::explain(error, &format!("listing {plural} with the label {PART_OF}")));
                return 1;
            }
        };
        let mut failures = 0;
        for object in found {
            let mut object = object;
            object["kind"] = json!(kind);
            object["apiVersion"] =
                json!(if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") });
            // Cluster-wide objects of an installation in another namespace are not ours to delete.
            let instance =
                object.pointer("/metadata/labels/app.kubernetes.io~1instance").and_then(Value::as_str);
            let is_role = kind.starts_with("ClusterRole");
            if is_role && instance.is_some_and(|instance| instance != self.options.namespace) {
                continue;
            }
            failures += self.delete(&object).await;
        }
        failures
    }

    async fn delete(&self, object: &Value) -> usize {
        let subject = cluster::subject(object);
        let parameters = DeleteParams { dry_run: self.options.dry_run, ..DeleteParams::default() };
        let outcome = match cluster::api_for(self.client, object).await {
            Ok(api) => match api.delete(name_of(object), &parameters).await {
                Ok(_) => Ok(()),
                Err(error) if cluster::is_not_found(&error) => Ok(()),
                Err(error) => Err(cluster::explain(error, "deleting")),
            },
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.ui.success(format!("{subject} deleted {}", self.suffix()));
                0
            }
            Err(error) => {
                self.ui.failure(format!("{subject} deletion failed: {error:#}"));
                1
            }
        }
    }

    async fn remove_finalizers(&self) -> usize {
        let lists = KINDS.iter().map(|kind| async move {
            let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &kind.api_resource());
            (*kind, api.list(&ListParams::default()).await)
        });
        let mut failures = 0;
        for (kind, list) in futures::future::join_all(lists).await {
            let objects = match list {
                Ok(list) => list.items,
                Err(error) if cluster::is_not_found(&error) => continue,
                Err(error) => {
                    self.ui.error(&cluster::explain(error, &format!("listing {}", kind.plural)));
                    failures += 1;
                    continue;
                }
            };
            for object in objects {
                let metadata = &object.metadata;
                let namespace = metadata.namespace.as_deref().unwrap_or_default();
                let name = metadata.name.as_deref().unwrap_or_default();
                let api: Api<DynamicObject> =
                    Api::namespaced_with(self.client.clone(), namespace, &kind.api_resource());
                let parameters = PatchParams { dry_run: self.options.dry_run, ..PatchParams::default() };
                let patch = Patch::Merge(json!({"metadata": {"finalizers": null}}));
                let subject = format!("{}/{namespace}/{name}", kind.kind);
                match api.patch(name, &parameters, &patch).await {
                    Ok(_) => self.ui.success(format!("{subject} finalizers deleted {}", self.suffix())),
                    Err(error) if cluster::is_not_found(&error) => {}
                    Err(error) => {
                        let error = cluster::explain(error, "patching");
                        self.ui.failure(format!("{subject} removing finalizers failed: {error:#}"));
                        failures += 1;
                    }
                }
            }
        }
        failures
    }
}
