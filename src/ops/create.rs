//! Bringing one object into the cluster as `create` does: its labels and spec are replaced as a whole.

use crate::api::Kind;
use crate::api::object;
use crate::cluster;
use crate::cluster::Deadline;
use crate::ops::ReconcileRequest;
use crate::ops::Session;
use crate::ops::reconcile;
use kube::Api;
use kube::api::PostParams;
use kube::core::DynamicObject;
use serde_json::Value;

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upserted {
    Created,
    /// Whether the API server found nothing else in it than before.
    Updated {
        is_same: bool,
    },
    /// It was as it should be.
    Left,
}

/// How an object is brought into the cluster, and what is reported about it.
#[derive(Debug, Clone)]
pub struct Manner<'a> {
    /// What it is called, e.g. `GitRepository source`.
    pub title: &'a str,
    /// What it is called when it is written.
    pub written: &'a str,
    /// What is reported once it is ready.
    pub done: String,
    /// Whether an object that is as it should be is left alone, and nothing is reported.
    pub leaves_unchanged: bool,
    /// Whether the Secret that the object refers to has changed, which its controller would not notice before the next interval.
    pub has_new_secret: bool,
}

impl<'a> Manner<'a> {
    /// At the end its reconciliation has completed.
    pub fn completed(title: &'a str) -> Self {
        let done = format!("{title} reconciliation completed");
        Self { title, written: title, done, leaves_unchanged: false, has_new_secret: false }
    }

    /// At the end the object of this name is ready.
    pub fn ready(title: &'a str, name: &str) -> Self {
        Self { done: format!("{title} {name} is ready"), ..Self::completed(title) }
    }
}

/// The objects of a kind in a namespace.
pub fn api_of(client: &kube::Client, kind: &Kind, namespace: &str) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &kind.api_resource())
}

/// Creates the object, or replaces labels and spec of the present one; annotations and finalizers are kept.
///
/// # Errors
/// What the API server answers; the deadline.
async fn upsert(
    client: &kube::Client,
    kind: &Kind,
    object: &Value,
    leaves_unchanged: bool,
    deadline: Deadline,
) -> anyhow::Result<Upserted> {
    let (name, namespace) = (object::name(object), object::namespace(object));
    let api = api_of(client, kind, namespace);
    let doing = format!("applying {} \"{namespace}/{name}\"", kind.kind);
    let wanted: DynamicObject = serde_json::from_value(object.clone())?;
    let upsert = || async {
        let Some(mut present) = api.get_opt(name).await? else {
            api.create(&PostParams::default(), &wanted).await?;
            return Ok(Upserted::Created);
        };
        let labels = &wanted.metadata.labels;
        if leaves_unchanged
            && present.metadata.labels.clone().unwrap_or_default() == labels.clone().unwrap_or_default()
            && present.data["spec"] == wanted.data["spec"]
        {
            return Ok(Upserted::Left);
        }
        present.metadata.labels.clone_from(labels);
        present.metadata.managed_fields = None;
        present.data["spec"] = wanted.data["spec"].clone();
        let replaced = api.replace(name, &PostParams::default(), &present).await?;
        Ok(Upserted::Updated { is_same: replaced.metadata.generation == present.metadata.generation })
    };
    let work = async {
        let upserted = cluster::despite_conflicts(deadline, upsert).await;
        upserted.map_err(|error: kube::Error| cluster::explain(error, &doing))
    };
    deadline.bound(&doing, work).await
}

/// Brings an object into the cluster and waits until it is ready, as every `create` reports it. Returns the object as it then is.
///
/// # Errors
/// What the API server answers; an object that does not become ready in time.
pub async fn apply(
    session: &Session<'_>,
    kind: &'static Kind,
    object: &Value,
    manner: &Manner<'_>,
) -> anyhow::Result<Value> {
    let Session { client, sink, namespace, deadline, .. } = session;
    let Manner { title, written, done, leaves_unchanged, has_new_secret } = manner;
    let name = object::name(object);
    sink.action(format!("applying {title}"));
    let upserted = upsert(client, kind, object, *leaves_unchanged, *deadline).await?;
    match upserted {
        Upserted::Created => sink.success(format!("{written} created")),
        Upserted::Updated { .. } => sink.success(format!("{written} updated")),
        Upserted::Left => {}
    }
    let request = match upserted {
        Upserted::Updated { is_same: true } if *has_new_secret => {
            let request = ReconcileRequest {
                kind,
                namespace: (*namespace).to_owned(),
                name: name.to_owned(),
                with_source: false,
                force: false,
                reset: false,
            };
            Some(reconcile::annotate(session, &request).await?)
        }
        _ => None,
    };
    sink.waiting(format!("waiting for {title} reconciliation"));
    let ready = {
        let _busy = sink.busy(&format!("{} {name}", kind.kind));
        session.waiting().until_ready_after(kind, namespace, name, request.as_deref()).await?
    };
    sink.success(done);
    Ok(ready)
}
