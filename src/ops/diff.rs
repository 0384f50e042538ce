//! What an apply of a Kustomization would change in the cluster, told by dry runs.

use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::list;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::CUSTOM_RESOURCE_DEFINITION;
use crate::cluster::Cause;
use crate::cluster::Deadline;
use crate::cluster::Kinds;
use crate::cluster::Refusal;
use crate::cluster::Trial;
use crate::ops::build;
use crate::ops::build::BuildRequest;
use crate::ops::build::Built;
use crate::render;
use crate::render::drift;
use crate::render::drift::IgnoreRules;
use crate::text::with_hint;
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use serde_json::Value;
use serde_json::json;
use std::collections::HashSet;

/// The field manager of the controller, in whose name is asked.
const MANAGER: &str = "kustomize-controller";
/// Dry runs under way at once.
const PARALLEL: usize = 16;
const OWNER: &str = "kustomize.toolkit.fluxcd.io";

/// What would change for one Kustomization.
#[derive(Debug)]
pub struct Differences {
    pub kustomization: ObjectId,
    /// In the order of the build.
    pub objects: Vec<Compared>,
    /// What the Kustomization has applied and would remove.
    pub deleted: Vec<ObjectId>,
    /// What could not be compared, also further down, each naming its object.
    pub errors: Vec<anyhow::Error>,
}

/// One object of the build.
#[derive(Debug)]
pub struct Compared {
    pub id: ObjectId,
    pub change: Change,
    pub below: Option<Below>,
}

/// What would happen to an object.
#[derive(Debug)]
pub enum Change {
    /// It says itself that it is not applied.
    Skipped,
    /// What it would be, without managed fields and the values of a Secret.
    Created(Box<Value>),
    Drifted(Box<Drift>),
    Unchanged,
}

/// An object without managed fields, ignored fields and secret values: as it is, and as it would be.
#[derive(Debug)]
pub struct Drift {
    pub live: Value,
    pub merged: Value,
}

/// A Kustomization that is part of the build.
#[derive(Debug)]
pub enum Below {
    Compared(Differences),
    /// It applies to another cluster.
    Remote,
}

impl Differences {
    /// Whether an apply would change anything.
    pub fn is_change(&self) -> bool {
        let changes = |one: &Compared| {
            let below = matches!(&one.below, Some(Below::Compared(below)) if below.is_change());
            below || matches!(one.change, Change::Created(_) | Change::Drifted(_))
        };
        !self.deleted.is_empty() || self.objects.iter().any(changes)
    }
}

/// Compares what the request builds with the cluster.
///
/// # Errors
/// A build that fails. What the API server refuses is in the answer.
pub fn diff<'a>(
    client: &'a kube::Client,
    request: &'a BuildRequest,
    deadline: Deadline,
) -> LocalBoxFuture<'a, anyhow::Result<Differences>> {
    Box::pin(async move {
        let Built { kustomization, objects } =
            build::build_alone(Some(client), request, None, deadline).await?;
        let rules = IgnoreRules::read(&kustomization["spec"])?;
        let objects: Vec<Value> = objects.into_iter().map(drift::normalised).collect();
        let compared = async { Ok(compare_all(client, &objects, &rules).await) };
        let compared = deadline.bound("the objects to be compared", compared).await?;
        let id = KUSTOMIZATION.id(object::namespace(&kustomization), object::name(&kustomization));
        let mut found =
            Differences { kustomization: id, objects: Vec::new(), deleted: Vec::new(), errors: Vec::new() };
        for (object, compared) in objects.iter().zip(compared) {
            match compared {
                Ok(mut compared) => {
                    let goes_on = request.settings.is_recursive
                        && !matches!(compared.change, Change::Created(_))
                        && build::is_another_kustomization(object, &kustomization);
                    if goes_on {
                        match below(client, request, object, deadline).await {
                            Ok(below) => compared.below = Some(below),
                            Err(error) => found.errors.push(error),
                        }
                    }
                    if let Some(Below::Compared(below)) = &mut compared.below {
                        found.errors.append(&mut below.errors);
                    }
                    found.objects.push(compared);
                }
                Err(error) => found.errors.push(error),
            }
        }
        // What failed may be what seems to be gone.
        if kustomization["spec"]["prune"] == true && found.errors.is_empty() {
            found.deleted = deleted(&kustomization, &found.objects)?;
        }
        Ok(found)
    })
}

async fn below(
    client: &kube::Client,
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> anyhow::Result<Below> {
    if kustomization.pointer("/spec/kubeConfig").is_some_and(|config| !config.is_null()) {
        return Ok(Below::Remote);
    }
    let request = request.below(kustomization)?;
    diff(client, &request, deadline).await.map(Below::Compared)
}

/// What the inventory has and the build has not, in the order in which kinds are applied.
fn deleted(kustomization: &Value, objects: &[Compared]) -> anyhow::Result<Vec<ObjectId>> {
    let key = |id: &ObjectId| [&id.group, &id.kind, &id.namespace, &id.name].map(Clone::clone);
    let kept: HashSet<_> = objects.iter().map(|one| key(&one.id)).collect();
    let mut gone = Vec::new();
    for entry in list(kustomization, "/status/inventory/entries") {
        let id = ObjectId::in_inventory(text(entry, "/id"))?;
        if !kept.contains(&key(&id)) {
            gone.push(ObjectId { version: text(entry, "/v").to_owned(), ..id });
        }
    }
    gone.sort_by_cached_key(|id| (cluster::rank(&id.kind), key(id)));
    Ok(gone)
}

async fn compare_all(
    client: &kube::Client,
    objects: &[Value],
    rules: &IgnoreRules,
) -> Vec<anyhow::Result<Compared>> {
    let kinds = Kinds::of(client, objects).await;
    let compared: Vec<_> = futures::stream::iter(objects)
        .map(|object| compare(client, &kinds, object, rules))
        .buffered(PARALLEL)
        .collect()
        .await;
    let brought = Brought::by(objects);
    let settle = |(object, outcome): (&Value, Result<Compared, Refusal>)| match outcome {
        Ok(compared) => Ok(compared),
        Err(refusal) if brought.explains(object, &refusal) => Ok(Compared::created(object)),
        Err(refusal) => Err(explained(object, refusal)),
    };
    objects.iter().zip(compared).map(settle).collect()
}

/// Namespaces and kinds that come with the same build: what needs them cannot be tried before they are there.
struct Brought<'o> {
    namespaces: HashSet<&'o str>,
    /// Group and kind.
    kinds: HashSet<(&'o str, &'o str)>,
}

impl<'o> Brought<'o> {
    fn by(objects: &'o [Value]) -> Self {
        let of = |kind: &'static str| objects.iter().filter(move |object| object::kind(object) == kind);
        let defined = |definition| (text(definition, "/spec/group"), text(definition, "/spec/names/kind"));
        Self {
            namespaces: of("Namespace").map(object::name).collect(),
            kinds: of(CUSTOM_RESOURCE_DEFINITION.kind).map(defined).collect(),
        }
    }

    /// Whether an object was refused for what is brought.
    fn explains(&self, object: &Value, refusal: &Refusal) -> bool {
        match &refusal.cause {
            Cause::UnknownKind(_) => {
                let id = ObjectId::of(object);
                self.kinds.contains(&(id.group.as_str(), id.kind.as_str()))
            }
            Cause::Answer(status) if status.code == 404 => {
                let namespace = object::namespace(object);
                let is_about_it = status.message == format!("namespaces {namespace:?} not found");
                is_about_it && self.namespaces.contains(namespace)
            }
            _ => false,
        }
    }
}

async fn compare(
    client: &kube::Client,
    kinds: &Kinds,
    object: &Value,
    rules: &IgnoreRules,
) -> Result<Compared, Refusal> {
    if is_excluded(object) {
        return Ok(Compared::new(object, Change::Skipped));
    }
    let trial = match cluster::try_to_apply(client, kinds, object.clone(), MANAGER).await {
        Ok(trial) => trial,
        Err(refusal) => {
            let is_forced = |object: &Value| has_mark(object, "force", "enabled");
            let live = refusal.live.as_ref();
            if live.is_some_and(is_excluded) {
                return Ok(Compared::new(object, Change::Skipped));
            }
            if is_immutable(&refusal.cause) && (is_forced(object) || live.is_some_and(is_forced)) {
                return Ok(Compared::created(object));
            }
            return Err(refusal);
        }
    };
    let Trial { live, mut merged } = trial;
    let Some(mut live) = live else { return Ok(Compared::created(&merged)) };
    if is_excluded(&live) || has_mark(object, "ssa", "ifnotpresent") {
        return Ok(Compared::new(&live, Change::Skipped));
    }
    rules.strip(&mut live, &mut merged);
    if !drift::has_drifted(&live, &merged) {
        return Ok(Compared::new(&merged, Change::Unchanged));
    }
    [&mut live, &mut merged].into_iter().for_each(cluster::drop_managed_fields);
    if is_secret(object) {
        render::mask_secret(&mut live, &mut merged);
        if render::same_keys(object, &mut live, &mut merged) == Some(true) {
            return Ok(Compared::new(object, Change::Unchanged));
        }
    }
    Ok(Compared::new(object, Change::Drifted(Box::new(Drift { live, merged }))))
}

impl Compared {
    fn new(object: &Value, change: Change) -> Self {
        Self { id: ObjectId::of(object), change, below: None }
    }

    fn created(object: &Value) -> Self {
        let mut shown = object.clone();
        cluster::drop_managed_fields(&mut shown);
        if is_secret(object) {
            render::mask_secret(&mut shown, &mut json!({}));
        }
        Self::new(object, Change::Created(Box::new(shown)))
    }
}

fn is_secret(object: &Value) -> bool {
    object["kind"] == "Secret" && object["apiVersion"] == "v1"
}

fn is_excluded(object: &Value) -> bool {
    has_mark(object, "reconcile", "disabled") || has_mark(object, "ssa", "ignore")
}

/// Whether a label or an annotation of the controller has this value.
fn has_mark(object: &Value, name: &str, value: &str) -> bool {
    let key = format!("{OWNER}/{name}");
    let is_it = |found: Option<&str>| found.is_some_and(|found| found.eq_ignore_ascii_case(value));
    is_it(object::label(object, &key)) || is_it(object::annotation(object, &key))
}

/// Whether an object would have to be deleted and created.
fn is_immutable(cause: &Cause) -> bool {
    let Cause::Answer(status) = cause else { return false };
    let told = |words: &str| status.message.contains(words);
    matches!(status.code, 409 | 422) || told("is immutable") || told("immutable field")
}

/// In the words of the Flux CLI.
fn explained(object: &Value, refusal: Refusal) -> anyhow::Error {
    let id = ObjectId::of(object);
    match refusal.cause {
        Cause::NoNamespace => {
            let error = anyhow::anyhow!(
                "{id} namespace not specified: the server could not find the requested resource"
            );
            with_hint(error, "give it a namespace, or set spec.targetNamespace of the Kustomization")
        }
        Cause::UnknownKind(reason) => anyhow::anyhow!("{id} dry-run failed: {reason}"),
        Cause::Failure(error) => error.context(format!("{id} dry-run failed")),
        Cause::Answer(status) if status.code == 404 => anyhow::anyhow!("{id} not found: {}", status.message),
        Cause::Answer(status) => {
            let reason =
                if status.reason.is_empty() { String::new() } else { format!(" ({})", status.reason) };
            anyhow::anyhow!("{id} dry-run failed{reason}: {}", status.message)
        }
    }
}
