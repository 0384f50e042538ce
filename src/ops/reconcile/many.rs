//! Many objects at once, each after those that it needs.

use super::ReconcileRequest;
use super::asking::ask;
use super::asking::verdict;
use super::order::Node;
use super::order::needs;
use super::order::order;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Readiness;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind;
use crate::ops::Session;
use crate::ops::Sink;
use crate::ops::get::listing_failed;
use crate::text::with_hint;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use std::collections::HashSet;

/// No more than so many objects are waited for at once.
const AT_ONCE: usize = 16;

/// Which objects are to be reconciled, and how.
#[derive(Debug, Clone)]
pub struct ManyRequest {
    pub kinds: Vec<&'static Kind>,
    pub selection: Selection,
    /// Sources that the selection does not hold as well.
    pub with_source: bool,
    /// Releases even when nothing changed.
    pub force: bool,
    /// Earlier failures are forgotten.
    pub reset: bool,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Done,
    /// It was left alone on purpose; what needs it continues.
    Passed,
    Failed,
}

/// Reconciles what is selected: sources first, then what depends on nothing that is still to come. Says how each went.
///
/// # Errors
/// Nothing is selected; objects that wait for each other; in the end, how many were not reconciled.
pub async fn reconcile_many(session: &Session<'_>, request: &ManyRequest) -> anyhow::Result<()> {
    let Session { client, sink, deadline, .. } = session;
    let mut objects = deadline.bound("the objects", selected(client, request)).await?;
    if request.with_source {
        deadline.bound("the sources", add_sources(client, &mut objects)).await?;
    }
    let nodes = order(objects)?;
    let mut outcomes: Vec<Option<Outcome>> = vec![None; nodes.len()];
    let mut started = vec![false; nodes.len()];
    let mut running = FuturesUnordered::new();
    loop {
        let mut moved = true;
        // One that is passed over may let the next ones go.
        while std::mem::take(&mut moved) {
            for place in 0..nodes.len() {
                if started[place] || running.len() >= AT_ONCE {
                    continue;
                }
                match decision(*sink, &nodes, place, &outcomes) {
                    Decision::Wait => {}
                    Decision::Pass(outcome, reason) => {
                        let line = format!("{}: {reason}", nodes[place].address());
                        if outcome == Outcome::Failed {
                            sink.failure(line)
                        } else {
                            sink.warning(line)
                        }
                        (started[place], outcomes[place], moved) = (true, Some(outcome), true);
                    }
                    Decision::Go => {
                        started[place] = true;
                        sink.action(format!("reconciling {}", nodes[place].address()));
                        running.push(one(session, request, &nodes, place));
                    }
                }
            }
        }
        let Some((place, answer)) = running.next().await else { break };
        let address = nodes[place].address();
        outcomes[place] = Some(match answer {
            Ok(message) => {
                sink.success(format!("{address}: {message}"));
                Outcome::Done
            }
            Err(error) => {
                sink.error(&error.context(address));
                Outcome::Failed
            }
        });
    }
    let failed = outcomes.iter().filter(|outcome| **outcome == Some(Outcome::Failed)).count();
    anyhow::ensure!(failed == 0, "{failed} of {} objects were not reconciled", nodes.len());
    Ok(())
}

/// What is to be done with an object now.
enum Decision {
    Wait,
    Pass(Outcome, String),
    Go,
}

fn decision(sink: &dyn Sink, nodes: &[Node], place: usize, outcomes: &[Option<Outcome>]) -> Decision {
    let node = &nodes[place];
    if node.kind.is_suspended(&node.object) {
        let noun = node.kind.noun.one.join(" ");
        let resume = format!("fluxr resume {noun} {} -n {}", node.name(), node.namespace());
        let resume = sink.command(&resume);
        let why = format!("suspended, skipped; `{resume}` resumes it");
        return Decision::Pass(Outcome::Passed, why);
    }
    if matches!((node.kind.readiness)(&node.object), Readiness::Static(_)) {
        return Decision::Pass(Outcome::Passed, "no controller reconciles it".to_owned());
    }
    let failed = node.before.iter().find(|before| outcomes[**before] == Some(Outcome::Failed));
    if let Some(failed) = failed {
        let why = format!("skipped because {} failed", nodes[*failed].address());
        return Decision::Pass(Outcome::Failed, why);
    }
    if node.before.iter().all(|before| outcomes[*before].is_some()) { Decision::Go } else { Decision::Wait }
}

/// Reconciles one object; what came of it.
async fn one(
    session: &Session<'_>,
    request: &ManyRequest,
    nodes: &[Node],
    place: usize,
) -> (usize, anyhow::Result<String>) {
    let node = &nodes[place];
    let can_be_forced = node.kind.reconciling.can_be_forced;
    let own = |node: &Node| ReconcileRequest {
        kind: node.kind,
        namespace: node.namespace().to_owned(),
        name: node.name().to_owned(),
        with_source: false,
        force: request.force && can_be_forced,
        reset: request.reset && can_be_forced,
    };
    let is_source = |before: &&usize| {
        let its_source = (node.kind.source)(&node.object);
        let other = &nodes[**before];
        node.kind.reconciling.follows_source
            && !other.kind.is_suspended(&other.object)
            && its_source.is_some_and(|its| its.is_same(&other.address()))
    };
    let source = node.before.iter().find(is_source).map(|before| own(&nodes[*before]));
    let asked = ask(session, &own(node), &node.object, source.as_ref(), || {}).await;
    let answer = asked.and_then(|after| match verdict(node.kind, &after) {
        (true, _) => Ok((node.kind.outcome)(&after)),
        (false, message) => {
            let next = crate::ops::next_step(node.kind, node.namespace(), node.name());
            Err(with_hint(anyhow::anyhow!(message), next))
        }
    });
    (place, answer)
}

/// The objects of all kinds that are asked for; a kind that the cluster does not have has none.
async fn selected(
    client: &kube::Client,
    request: &ManyRequest,
) -> anyhow::Result<Vec<(&'static Kind, Value)>> {
    let lists = request.kinds.iter().map(|kind| cluster::list(client, kind, &request.selection));
    let mut objects = Vec::new();
    for (kind, listed) in request.kinds.iter().copied().zip(futures::future::join_all(lists).await) {
        match listed {
            Ok((found, _)) => objects.extend(found.into_iter().map(|object| (kind, object))),
            Err(error) if request.kinds.len() > 1 && cluster::is_not_found(&error) => {}
            Err(error) => return Err(listing_failed(error, kind)),
        }
    }
    let place = request.selection.namespace.as_ref();
    let place = place.map_or_else(|| "any".to_owned(), |namespace| format!("\"{namespace}\""));
    let what = if let [kind] = request.kinds[..] { format!("{} ", kind.kind) } else { String::new() };
    anyhow::ensure!(!objects.is_empty(), "no {what}objects found in {place} namespace");
    Ok(objects)
}

/// Adds the sources that the objects refer to and do not contain, and the sources of those.
async fn add_sources(client: &kube::Client, objects: &mut Vec<(&'static Kind, Value)>) -> anyhow::Result<()> {
    let mut known: HashSet<String> =
        objects.iter().map(|(_, object)| ObjectId::of(object).to_string()).collect();
    let mut next = 0;
    while next < objects.len() {
        let (kind, object) = &objects[next];
        next += 1;
        for reference in needs(kind, object).into_iter().filter(|reference| reference.kind != kind.kind) {
            let source = kind::by_name(&reference.kind).filter(|source| source.verbs.reconcile);
            let Some(source) = source.filter(|_| known.insert(reference.to_string())) else { continue };
            let found = cluster::get(client, source, &reference.namespace, &reference.name).await?;
            objects.push((source, found));
        }
    }
    Ok(())
}
