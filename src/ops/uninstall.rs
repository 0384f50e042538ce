//! Takes Flux out of the cluster and leaves what it deployed running.

use super::check::list_labelled;
use crate::api::DOMAIN;
use crate::api::ObjectId;
use crate::api::object;
use crate::cluster;
use crate::cluster::BuiltIn;
use crate::cluster::Deadline;
use crate::cluster::PART_OF;
use crate::distribution::Release;
use crate::kind::KINDS;
use crate::ops::Session;
use crate::text::WithHint;
use futures::future::join_all;
use kube::Api;
use kube::api::DeleteParams;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// What `uninstall` is asked to do.
pub struct UninstallOptions {
    pub dry_run: bool,
    pub keep_namespace: bool,
}

/// The kinds of an installation, in the order of their deletion.
const COMPONENTS: [BuiltIn; 6] = [
    cluster::DEPLOYMENT,
    cluster::SERVICE,
    cluster::NETWORK_POLICY,
    cluster::SERVICE_ACCOUNT,
    cluster::CLUSTER_ROLE,
    cluster::CLUSTER_ROLE_BINDING,
];

/// How long controllers may take to stop before their objects are touched.
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// Pods have no single object to watch; they are looked at this often.
const PODS_INTERVAL: Duration = Duration::from_millis(200);

/// Deletes components, finalizers, definitions and the namespace, in this order; every object has its line.
/// The answer is the number of objects that could not be dealt with.
///
/// # Errors
/// A server that is not reached or refuses the credentials; a namespace without Flux while Flux runs in another one.
pub async fn uninstall(session: &Session<'_>, options: &UninstallOptions) -> anyhow::Result<usize> {
    let Session { sink, namespace, .. } = session;
    let run = Run { session, options };
    let elsewhere = run.namespaces_with_controllers().await?;
    let found = join_all(COMPONENTS.iter().map(|known| run.find(known))).await;
    let controllers: Vec<String> =
        found[0].iter().flatten().map(|deployment| object::name(deployment).to_owned()).collect();
    let here = COMPONENTS
        .iter()
        .zip(&found)
        .any(|(known, list)| known.namespaced && list.as_ref().map_or(true, |objects| !objects.is_empty()));
    if let (false, Some(other)) = (here, elsewhere.first()) {
        return Err(anyhow::anyhow!(
            "Flux is not installed in the namespace \"{}\", but in \"{other}\"",
            namespace
        ))
        .hint(format!("pass --namespace {other}; nothing was deleted"));
    }
    let mut failures = 0;
    sink.action(format!("deleting components in {} namespace", namespace));
    for (known, list) in COMPONENTS.iter().zip(found) {
        failures += run.delete_found(known.plural, list).await;
    }
    if let Some(other) = elsewhere.first() {
        sink.warning(format!(
            "Flux also runs in the namespace \"{other}\": its custom resource definitions and finalizers stay"
        ));
    } else {
        sink.action(format!("deleting {DOMAIN} finalizers in all namespaces"));
        failures += run.remove_finalizers(&controllers).await;
        sink.action(format!("deleting {DOMAIN} custom resource definitions"));
        let definitions = cluster::CUSTOM_RESOURCE_DEFINITION;
        failures += run.delete_found(definitions.plural, run.find(&definitions).await).await;
    }
    if !options.keep_namespace {
        failures += run.delete_namespace().await;
    }
    Ok(failures)
}

/// How a deletion ended that did not fail.
enum Outcome {
    Deleted,
    WasGone,
}

struct Run<'a> {
    session: &'a Session<'a>,
    options: &'a UninstallOptions,
}

impl Run<'_> {
    fn suffix(&self) -> &'static str {
        if self.options.dry_run { "(dry run)" } else { "" }
    }

    /// Other namespaces in which controllers of Flux run; empty when that may not be asked.
    async fn namespaces_with_controllers(&self) -> anyhow::Result<BTreeSet<String>> {
        let found = match list_labelled(&self.session.client, &cluster::DEPLOYMENT, None).await {
            Ok(found) => found,
            Err(error) if cluster::is_hopeless(&error) => {
                return Err(cluster::explain(error, "looking for Flux in the cluster"));
            }
            Err(_) => Vec::new(),
        };
        let releases = Release::all();
        let is_known = |name: &str| releases.iter().any(|release| release.component(name).is_some());
        let namespaces = found
            .iter()
            .filter(|object| label(object, "component").is_some_and(is_known))
            .map(|object| object::namespace(object).to_owned());
        Ok(namespaces.filter(|namespace| *namespace != self.session.namespace).collect())
    }

    /// The objects of one kind that belong to this installation.
    async fn find(&self, kind: &BuiltIn) -> Result<Vec<Value>, kube::Error> {
        let namespace = kind.namespaced.then_some(self.session.namespace);
        let mut found = list_labelled(&self.session.client, kind, namespace).await?;
        // Roles and bindings of an installation in another namespace are not ours to delete.
        let ours = |object: &Value| {
            !kind.kind.starts_with("ClusterRole")
                || label(object, "instance").is_none_or(|instance| instance == self.session.namespace)
        };
        found.retain(ours);
        Ok(found)
    }

    async fn delete_found(&self, plural: &str, found: Result<Vec<Value>, kube::Error>) -> usize {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.session
                    .sink
                    .error(&cluster::explain(error, &format!("listing {plural} with the label {PART_OF}")));
                return 1;
            }
        };
        let outcomes = join_all(found.iter().map(|object| self.delete(object))).await;
        found.iter().zip(outcomes).map(|(object, outcome)| self.say(object, outcome)).sum()
    }

    /// Deletes the namespace; one that does not exist has no line.
    async fn delete_namespace(&self) -> usize {
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.session.namespace}});
        match self.delete(&namespace).await {
            Ok(Outcome::WasGone) => 0,
            outcome => self.say(&namespace, outcome),
        }
    }

    async fn delete(&self, object: &Value) -> anyhow::Result<Outcome> {
        let parameters = DeleteParams { dry_run: self.options.dry_run, ..DeleteParams::background() };
        let api = cluster::api_for(&self.session.client, object).await?;
        match api.delete(object::name(object), &parameters).await {
            Ok(_) => Ok(Outcome::Deleted),
            Err(error) if cluster::is_not_found(&error) => Ok(Outcome::WasGone),
            Err(error) => Err(cluster::explain(error, "the API server refused")),
        }
    }

    /// The line of a deletion; the answer is the number of failures.
    fn say(&self, object: &Value, outcome: anyhow::Result<Outcome>) -> usize {
        let id = ObjectId::of(object);
        match outcome {
            Ok(_) => {
                self.session.sink.success(format!("{id} deleted {}", self.suffix()));
                0
            }
            Err(error) => {
                self.session.sink.error(&error.context(format!("{id} deletion failed")));
                1
            }
        }
    }

    async fn remove_finalizers(&self, controllers: &[String]) -> usize {
        let lists = KINDS.iter().map(|kind| async move {
            let api: Api<DynamicObject> = Api::all_with(self.session.client.clone(), &kind.api_resource());
            (*kind, api.list(&ListParams::default()).await)
        });
        let mut failures = 0;
        let mut objects = Vec::new();
        for (kind, list) in join_all(lists).await {
            match list {
                Ok(list) => objects.extend(list.items.into_iter().map(|object| (kind, object))),
                Err(error) if cluster::is_not_found(&error) => {}
                Err(error) => {
                    self.session.sink.error(&cluster::explain(error, &format!("listing {}", kind.plural)));
                    failures += 1;
                }
            }
        }
        if !self.options.dry_run && !objects.is_empty() && !self.wait_until_stopped(controllers).await {
            self.session
                .sink
                .warning("the controllers are still running: they may act on what is deleted now");
        }
        let patches = objects.iter().map(|(kind, object)| async move {
            let name = object.metadata.name.as_deref().unwrap_or_default();
            let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.session.client.clone(), namespace, &kind.api_resource());
            let parameters = PatchParams { dry_run: self.options.dry_run, ..PatchParams::default() };
            let patch = Patch::Merge(json!({"metadata": {"finalizers": null}}));
            (kind.id(namespace, name), api.patch(name, &parameters, &patch).await)
        });
        for (id, outcome) in join_all(patches).await {
            match outcome {
                Ok(_) => self.session.sink.success(format!("{id} finalizers deleted {}", self.suffix())),
                Err(error) if cluster::is_not_found(&error) => {}
                Err(error) => {
                    let error = cluster::explain(error, "the API server refused");
                    self.session.sink.error(&error.context(format!("{id} removing finalizers failed")));
                    failures += 1;
                }
            }
        }
        failures
    }

    /// Waits for the pods of the controllers to go. A controller that still runs would put its finalizer back, and then prune
    /// the workloads of a Kustomization that goes away with its definition.
    async fn wait_until_stopped(&self, controllers: &[String]) -> bool {
        if controllers.is_empty() {
            return true;
        }
        let api: Api<DynamicObject> = Api::namespaced_with(
            self.session.client.clone(),
            self.session.namespace,
            &cluster::POD.api_resource(),
        );
        let theirs = ListParams::default().labels(&format!("app in ({})", controllers.join(",")));
        let deadline = Deadline::after(STOP_LIMIT.min(self.session.deadline.remaining()));
        let _busy = self.session.sink.busy("waiting for the controllers to stop");
        while !deadline.has_passed() {
            match api.list(&theirs).await {
                Ok(list) if list.items.is_empty() => return true,
                Ok(_) => tokio::time::sleep(PODS_INTERVAL).await,
                Err(_) => return false,
            }
        }
        false
    }
}

/// A label of the family `app.kubernetes.io`.
fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object::label(object, &format!("app.kubernetes.io/{name}"))
}
