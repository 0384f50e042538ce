//! Where an object comes from: the Kustomization or HelmRelease that applied it, and the sources behind that.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::StageFact;
use crate::api::columns;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::text;
use crate::api::source::helm_chart::HELM_CHART;
use crate::cluster;
use crate::kind::KINDS;
use anyhow::Context;
use serde::Serialize;
use serde_json::Value;

/// An object, and what brought it into the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    pub object: Traced,
    /// From the one that applied the object to the source of all.
    pub stages: Vec<Stage>,
}

/// The object that is traced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traced {
    #[serde(flatten)]
    pub object: ObjectId,
    /// Nothing where objects of its kind do not say how they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
}

/// One of Flux's objects on the way from a source to the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    #[serde(flatten)]
    pub object: ObjectId,
    /// What it applied, or what was applied from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What it says about itself, in the order in which it is shown.
    pub facts: Vec<TraceFact>,
    /// Nothing while no controller has observed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
}

/// One thing that is known about a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceFact {
    /// Such as `Revision`.
    pub label: &'static str,
    /// Nothing where the artifact could say it and does not.
    pub value: Option<String>,
}

/// The condition Ready of a stage; of what is traced, also Available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// `True`, `False` or `Unknown`.
    pub status: String,
    pub last_transition_time: String,
    pub message: String,
}

/// Follows an object to its source.
///
/// # Errors
/// An object that Flux does not manage; a stage that does not exist.
pub async fn trace(client: &kube::Client, object: &Value) -> anyhow::Result<Trace> {
    let chain = owners(client, object).await;
    let stages = if let Some((namespace, name)) = manager(&chain, KUSTOMIZATION.group) {
        of_kustomization(client, &namespace, &name).await?
    } else if let Some((namespace, name)) = manager(&chain, HELM_RELEASE.group) {
        of_helm_release(client, &namespace, &name).await?
    } else {
        anyhow::bail!("object not managed by Flux");
    };
    let object = Traced {
        object: ObjectId::of(object),
        ready: Ready::of(object, "Ready").or_else(|| Ready::of(object, "Available")),
    };
    Ok(Trace { object, stages })
}

impl Stage {
    fn of(kind: &Kind, object: &Value, with_origin: bool) -> anyhow::Result<Self> {
        let mut told = Facts { object, facts: Vec::new() };
        for fact in kind.stage.map(|stage| stage.facts).unwrap_or_default() {
            if with_origin || !matches!(fact, StageFact::Origin) {
                told.add(*fact)?;
            }
        }
        let revision = told.facts.iter().find(|fact| fact.label == "Revision");
        Ok(Self {
            object: ObjectId::of(object),
            revision: revision.and_then(|fact| fact.value.clone()).filter(|revision| !revision.is_empty()),
            facts: told.facts,
            ready: Ready::of(object, "Ready"),
        })
    }
}

impl Ready {
    fn of(object: &Value, condition: &str) -> Option<Self> {
        let found = object::condition(object, condition)?;
        let of = |pointer: &str| text(found, pointer).to_owned();
        let last_transition_time = of("/lastTransitionTime");
        Some(Self { status: of("/status"), last_transition_time, message: of("/message") })
    }
}

/// Namespace and name of what applied the object or one of its owners, by the labels of that group.
fn manager(chain: &[Value], group: &str) -> Option<(String, String)> {
    chain.iter().find_map(|object| {
        let label = |key: &str| object::label(object, &format!("{group}/{key}"));
        let name = label("name").filter(|name| !name.is_empty())?;
        Some((label("namespace").unwrap_or_default().to_owned(), name.to_owned()))
    })
}

/// The object and its owners, in the order in which they are asked: of each, the first owner that has owners itself leads on. An owner
/// that cannot be read ends the chain.
async fn owners(client: &kube::Client, object: &Value) -> Vec<Value> {
    let mut chain = vec![object.clone()];
    let mut at = object.clone();
    // Owners that own each other would have no end.
    while chain.len() < 64 {
        let references = at.pointer("/metadata/ownerReferences").and_then(Value::as_array).cloned();
        let mut next = None;
        for reference in references.iter().flatten() {
            let mut address = reference.clone();
            address["metadata"] = serde_json::json!({"namespace": at["metadata"]["namespace"]});
            let Ok(api) = cluster::api_for(client, &address).await else { return chain };
            let Ok(owner) = api.get(text(reference, "/name")).await else { return chain };
            let Ok(owner) = serde_json::to_value(owner) else { return chain };
            chain.push(owner.clone());
            if owner.pointer("/metadata/ownerReferences").is_some() {
                next = Some(owner);
                break;
            }
        }
        match next {
            Some(owner) => at = owner,
            None => return chain,
        }
    }
    chain
}

async fn of_kustomization(client: &kube::Client, namespace: &str, name: &str) -> anyhow::Result<Vec<Stage>> {
    let object = read(client, &KUSTOMIZATION, "kustomization", namespace, name).await?;
    let mut stages = vec![Stage::of(&KUSTOMIZATION, &object, true)?];
    let reference = object.pointer("/spec/sourceRef").unwrap_or(&Value::Null);
    stages.extend(source(client, reference, namespace, true).await?);
    Ok(stages)
}

async fn of_helm_release(client: &kube::Client, namespace: &str, name: &str) -> anyhow::Result<Vec<Stage>> {
    let object = read(client, &HELM_RELEASE, HELM_RELEASE.kind, namespace, name).await?;
    let mut stages = vec![Stage::of(&HELM_RELEASE, &object, false)?];
    let chart = text(&object, "/status/helmChart");
    if !chart.is_empty() {
        let (chart_namespace, chart) = chart.split_once('/').unwrap_or(("", chart));
        let object = read(client, &HELM_CHART, HELM_CHART.kind, chart_namespace, chart).await?;
        stages.push(Stage::of(&HELM_CHART, &object, false)?);
    }
    let from_template = object.pointer("/spec/chart/spec/sourceRef");
    let reference = from_template.or_else(|| object.pointer("/spec/chartRef")).unwrap_or(&Value::Null);
    stages.extend(source(client, reference, namespace, false).await?);
    Ok(stages)
}

/// The source that a reference names, as far as it is of a kind that has something to tell.
async fn source(
    client: &kube::Client,
    reference: &Value,
    home: &str,
    with_origin: bool,
) -> anyhow::Result<Option<Stage>> {
    let is_source =
        |kind: &&Kind| kind.stage.is_some_and(|stage| stage.is_source) && reference["kind"] == kind.kind;
    let Some(kind) = KINDS.iter().copied().find(is_source) else { return Ok(None) };
    let namespace = Some(text(reference, "/namespace")).filter(|one| !one.is_empty()).unwrap_or(home);
    let object = read(client, kind, kind.kind, namespace, text(reference, "/name")).await?;
    Stage::of(kind, &object, with_origin).map(Some)
}

async fn read(
    client: &kube::Client,
    kind: &Kind,
    word: &str,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Value> {
    cluster::get(client, kind, namespace, name).await.with_context(|| format!("failed to find {word}"))
}

/// Collects the facts about an object.
struct Facts<'a> {
    object: &'a Value,
    facts: Vec<TraceFact>,
}

impl Facts<'_> {
    fn add(&mut self, fact: StageFact) -> anyhow::Result<()> {
        match fact {
            StageFact::Always(label, pointer) => self.all(label, pointer),
            StageFact::IfSet(label, pointer) => self.some(label, pointer),
            StageFact::Reference(fields) => self.first_of(fields),
            StageFact::Producer => self.producer()?,
            StageFact::Artifact => self.revision(),
            StageFact::Origin => self.origin(),
        }
        Ok(())
    }

    fn push(&mut self, label: &'static str, value: &str) {
        self.facts.push(TraceFact { label, value: Some(value.to_owned()) });
    }

    /// A field, also when it is empty.
    fn all(&mut self, label: &'static str, pointer: &str) {
        self.push(label, text(self.object, pointer));
    }

    /// A field, when it is set.
    fn some(&mut self, label: &'static str, pointer: &str) {
        let value = text(self.object, pointer);
        if !value.is_empty() {
            self.push(label, value);
        }
    }

    /// The first field of `spec.ref` that is set.
    fn first_of(&mut self, fields: &[(&'static str, &str)]) {
        let found =
            fields.iter().map(|(label, field)| (label, text(self.object, &format!("/spec/ref/{field}"))));
        if let Some((label, value)) = found.into_iter().find(|(_, value)| !value.is_empty()) {
            self.push(label, value);
        }
    }

    /// What made an external artifact.
    fn producer(&mut self) -> anyhow::Result<()> {
        let ObjectId { name, namespace, .. } = ObjectId::of(self.object);
        anyhow::ensure!(
            self.object.pointer("/spec/sourceRef").is_some(),
            "ExternalArtifact {namespace}/{name} is missing spec.sourceRef"
        );
        self.push("Source", &columns::written_reference(self.object, "/spec/sourceRef"));
        Ok(())
    }

    fn revision(&mut self) {
        if self.object.pointer("/status/artifact").is_some() {
            self.all("Revision", "/status/artifact/revision");
        }
    }

    /// Where the content of the artifact came from before it was packed.
    fn origin(&mut self) {
        let metadata = self.object.pointer("/status/artifact/metadata").and_then(Value::as_object);
        let Some(metadata) = metadata.filter(|metadata| !metadata.is_empty()) else { return };
        for (label, key) in [
            ("Origin Revision", "org.opencontainers.image.revision"),
            ("Origin Source", "org.opencontainers.image.source"),
        ] {
            let value = metadata.get(key).and_then(Value::as_str).filter(|value| !value.is_empty());
            self.facts.push(TraceFact { label, value: value.map(str::to_owned) });
        }
    }
}
