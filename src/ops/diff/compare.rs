//! One object of a build beside the one in the cluster.

use super::differences::Change;
use super::differences::Compared;
use super::differences::Drift;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::CUSTOM_RESOURCE_DEFINITION;
use crate::cluster::Cause;
use crate::cluster::Kinds;
use crate::cluster::Refusal;
use crate::cluster::Trial;
use crate::render;
use crate::render::drift;
use crate::render::drift::IgnoreRules;
use crate::text::with_hint;
use futures::StreamExt;
use serde_json::Value;
use serde_json::json;
use std::collections::HashSet;

/// Dry runs under way at once.
const PARALLEL: usize = 16;

/// Compares all objects of a build.
pub(super) async fn all(
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
    let trial = match cluster::try_to_apply(client, kinds, object, KUSTOMIZATION.controller).await {
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
    let managed = live.pointer("/metadata/managedFields").cloned().unwrap_or_default();
    [&mut live, &mut merged].into_iter().for_each(cluster::drop_managed_fields);
    if is_secret(object) {
        render::mask_secret(&mut live, &mut merged);
        if render::same_keys(object, &mut live, &mut merged) == Some(true) {
            return Ok(Compared::new(object, Change::Unchanged));
        }
    }
    Ok(Compared::new(object, Change::Drifted(Box::new(Drift { live, merged, managed }))))
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
    let key = KUSTOMIZATION.mark(name);
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
