//! The walk: from an object to everything it depends on, what is independent at the same time.

use super::causes::recognise;
use super::chain::Answer;
use super::chain::Cause;
use super::chain::Link;
use super::chain::LinkState;
use super::controller;
use super::recogniser::Fact;
use super::references;
use super::step::Findings;
use super::step::IN_PROGRESS;
use super::step::Walk;
use super::step::fact_of;
use super::step::state_of;
use super::targets;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Readiness;
use crate::api::SuspensionNote;
use crate::api::object;
use crate::cluster;
use crate::cluster::Selection;
use crate::ops::events;
use crate::text::age;
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// No more objects of Flux are looked at in one walk.
const OBJECTS: usize = 40;
/// No chain of dependencies, sources and managed objects is followed further.
const DEPTH: usize = 8;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub kind: &'static Kind,
    pub namespace: &'a str,
    pub name: &'a str,
    /// How the program is called, for the commands that are proposed.
    pub program: &'a str,
    /// A moment to hold the ends of suspensions against.
    pub now: jiff::Timestamp,
}

/// Walks from an object to what it depends on, and names the root cause.
///
/// # Errors
/// The object does not exist, or it cannot be read.
pub async fn why(client: &kube::Client, question: Question<'_>) -> anyhow::Result<Answer> {
    let Question { kind, namespace, name, program, now } = question;
    let (object, controllers) =
        futures::future::join(cluster::get(client, kind, namespace, name), controller::controllers(client))
            .await;
    let object = object?;
    let walk = Walk { client, program, now, controllers, looked_at: AtomicUsize::new(0) };
    let found = walk.examine(kind, object, Vec::new()).await?;
    Ok(Answer { chain: found.links, cause: found.cause })
}

impl Walk<'_> {
    /// Looks at an object and at what it depends on; `above` are the objects that lead to it.
    pub fn examine<'b>(
        &'b self,
        kind: &'static Kind,
        object: Value,
        above: Vec<ObjectId>,
    ) -> BoxFuture<'b, anyhow::Result<Findings>> {
        Box::pin(async move {
            let depth = above.len();
            let link = link_of(kind, &object, depth);
            let state = link.state;
            let own = link.id.clone();
            if above.iter().any(|one| one.is_same(&own)) {
                return Ok(Findings::one(link, Some(self.cycle(&object, &above))));
            }
            let path: Vec<ObjectId> = above.into_iter().chain([own]).collect();
            if path.len() > DEPTH || self.looked_at.fetch_add(1, Ordering::Relaxed) >= OBJECTS {
                return Ok(Findings::one(link, None));
            }
            let (dependencies, source, (referred, targets), managed, events) = futures::future::join5(
                self.dependencies(kind, &object, &path),
                self.source(kind, &object, &path),
                futures::future::join(
                    references::missing(self, &object, depth + 1),
                    targets::targets(self, &object, depth + 1),
                ),
                self.managed(kind, &object, state, &path),
                self.warnings(kind, &object, state),
            )
            .await;
            let (dependencies, source, managed) = (dependencies?, source?, managed?);
            let absence = controller::absence(
                self.controllers.as_deref().filter(|_| state != LinkState::Suspended),
                kind,
                &object,
                depth + 1,
                self.program,
            );
            let (controller, absent) = absence.unzip();
            let told = self.told(&with_server(&object, source.object.as_ref()), state, &events);
            let reports = reports(kind, &object);
            let causes = [
                (state == LinkState::Suspended).then(|| self.suspended(kind, &object)),
                absent.filter(|_| reports),
                dependencies.cause.filter(|_| state != LinkState::Ok),
                // What reports nothing about itself is not well because it looks well.
                referred.cause.filter(|_| state != LinkState::Ok || !reports),
                source
                    .cause
                    .clone()
                    .filter(|cause| !["Suspended", IN_PROGRESS].contains(&cause.code.as_str())),
                told,
                targets.cause,
                self.reported(kind, &object, &events),
                managed.cause,
                source.cause.clone().filter(|cause| cause.code == "Suspended"),
                self.unexplained(&link, &object),
                source.cause,
            ];
            let mut links = vec![link];
            links.extend(controller);
            for found in [dependencies.links, source.links, referred.links, targets.links, managed.links] {
                links.extend(found);
            }
            Ok(Findings { links, cause: causes.into_iter().flatten().next(), object: None })
        })
    }

    /// What a row of the table knows about the object's conditions, or else about the warnings that were reported for it.
    fn told(&self, object: &Value, state: LinkState, events: &[Value]) -> Option<Cause> {
        if matches!(state, LinkState::Ok | LinkState::Suspended) {
            return None;
        }
        let facts = facts_of(object);
        recognise(&facts, self.program).or_else(|| {
            let told: Vec<Fact<'_>> = events.iter().map(|event| fact_of(object, event)).collect();
            recognise(&told, self.program)
        })
    }

    /// What was last reported about an object that has no conditions. Nothing reports that it is over.
    fn reported(&self, kind: &Kind, object: &Value, events: &[Value]) -> Option<Cause> {
        let newest = events.first().filter(|_| !reports(kind, object))?;
        let fact = fact_of(object, newest);
        let seen = events::last_seen(newest)?;
        let ago = age(self.now.duration_since(seen).as_secs());
        let says = format!("{ago} ago {{it}} failed: {{message}}");
        Some(fact.cause(fact.reason, &says, "{program} events --for {kind}/{name} -n {ns}", self.program))
    }

    /// The warnings about an object that is not as it should be, or cannot say whether it is, the newest first. Empty if they
    /// may not be read.
    async fn warnings(&self, kind: &Kind, object: &Value, state: LinkState) -> Vec<Value> {
        if reports(kind, object) && state != LinkState::Failed {
            return Vec::new();
        }
        let name = object::name(object);
        let fields = format!("involvedObject.kind={},involvedObject.name={name},type=Warning", kind.kind);
        let namespace = Some(object::namespace(object).to_owned());
        let selection = Selection { namespace, fields: Some(fields), ..Selection::default() };
        let found = cluster::list_resource(self.client, &cluster::EVENT.api_resource(), &selection).await;
        let (mut found, _) = found.unwrap_or_default();
        // Those about an earlier object of the same name are still there for a while.
        let own = object::text(object, "/metadata/uid");
        found.retain(|event| ["", own].contains(&object::text(event, "/involvedObject/uid")));
        found.sort_by_key(events::last_seen);
        found.reverse();
        found
    }

    fn suspended(&self, kind: &Kind, object: &Value) -> Cause {
        let note = SuspensionNote::of(kind, object).unwrap_or_default();
        let is_over = note.until.parse::<jiff::Timestamp>().is_ok_and(|until| until <= self.now);
        let over = if is_over { ", which is over" } else { "" };
        let told = note.to_string();
        let told = if told.is_empty() { told } else { format!(" {told}") };
        let next = match kind.suspension {
            crate::api::Suspension::Annotation(name) => {
                format!("kubectl -n {{ns}} annotate {}.{} {{name}} {name}-", kind.plural, kind.group)
            }
            _ => "{program} resume {noun} {name} -n {ns}".to_owned(),
        };
        let fact = Fact { object, reason: "", message: "" };
        let mut cause = fact.cause("Suspended", "{it} is suspended", &next, self.program);
        // What a person wrote is not a template.
        cause.message.push_str(&format!("{told}{over}"));
        cause
    }

    fn cycle(&self, object: &Value, above: &[ObjectId]) -> Cause {
        let way: Vec<String> = above.iter().map(ObjectId::to_string).collect();
        let message = way.join(" → ");
        let fact = Fact { object, reason: "", message: &message };
        let (says, next) =
            ("these depend on each other: {message} → {it}", "{program} export {noun} {name} -n {ns}");
        fact.cause("DependencyCycle", says, next, self.program)
    }

    /// What the object itself says, where nothing better was found.
    fn unexplained(&self, link: &Link, object: &Value) -> Option<Cause> {
        let fact = Fact { object, reason: &link.reason, message: &link.message };
        let made = |code, says, next| Some(fact.cause(code, says, next, self.program));
        match link.state {
            LinkState::Failed => {
                let code = if link.reason.is_empty() { "NotReady" } else { link.reason.as_str() };
                made(code, "{it} is not ready: {message}", "{program} events --for {kind}/{name} -n {ns}")
            }
            LinkState::Waiting => made(
                IN_PROGRESS,
                "{it} is still reconciling: {message}",
                "{program} get {plural} {name} -n {ns} --watch",
            ),
            _ => None,
        }
    }
}

/// Whether an object says itself how it is.
fn reports(kind: &Kind, object: &Value) -> bool {
    (kind.readiness)(object) == Readiness::Conditions
}

/// A chart is fetched from the server of its source and with the credentials of that, so that messages about the server are about those.
fn with_server(object: &Value, source: Option<&Value>) -> Value {
    let mut object = object.clone();
    for field in ["url", "secretRef", "certSecretRef"] {
        if let Some(value) = source.and_then(|source| source["spec"].get(field))
            && let Some(spec) = object["spec"].as_object_mut()
        {
            spec.entry(field).or_insert_with(|| value.clone());
        }
    }
    object
}

/// How one of Flux's objects is, by its Ready condition.
fn link_of(kind: &Kind, object: &Value, depth: usize) -> Link {
    let id = kind.id(object::namespace(object), object::name(object));
    let (state, reason, message) = state_of(kind, object);
    Link { depth, id, state, reason, message }
}

/// What the object's conditions say that is not good; Ready comes first.
fn facts_of(object: &Value) -> Vec<Fact<'_>> {
    const BAD: [&str; 6] = [
        "Stalled",
        "FetchFailed",
        "BuildFailed",
        "StorageOperationFailed",
        "IncludeUnavailable",
        "ArtifactOutdated",
    ];
    let mut bad: Vec<&Value> = object::conditions(object)
        .iter()
        .filter(|condition| {
            let (name, status) = (object::text(condition, "/type"), &condition["status"]);
            let says_progress = name == "Reconciling";
            if BAD.contains(&name) { status == "True" } else { !says_progress && status != "True" }
        })
        .collect();
    bad.sort_by_key(|condition| condition["type"] != "Ready");
    bad.into_iter().map(|condition| fact_of(object, condition)).collect()
}
