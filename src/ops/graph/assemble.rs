//! Builds a graph of objects: references become edges, and objects that are only referred to become nodes too.

use super::cycles::cycles;
use super::seen::Key;
use super::seen::Seen;
use super::seen::key_of;
use crate::api::ObjectId;
use crate::api::Reference;
use crate::api::ReferenceTarget;
use crate::api::Relation;
use crate::api::reference;
use crate::kind::KINDS;
use crate::present::graph::Edge;
use crate::present::graph::Finding;
use crate::present::graph::Graph;
use crate::present::graph::State;
use std::collections::HashMap;
use std::collections::HashSet;

/// Builds a graph of objects. `absent` returns the state of an object that is referred to but was not seen, and the reason.
pub(super) fn assemble(mut seen: Vec<Seen>, absent: &dyn Fn(&ObjectId) -> (State, String)) -> Graph {
    let twice = declared_once(&mut seen);
    let known: HashSet<Key> = seen.iter().map(Seen::key).collect();
    let mut added = HashSet::new();
    let mut ghosts = Vec::new();
    for id in seen.iter().flat_map(|one| &one.references).filter_map(|one| target(one, &known)) {
        let key = key_of(id);
        if !id.name.is_empty() && !known.contains(&key) && added.insert(key) {
            let (state, message) = absent(id);
            ghosts.push(Seen::named(id, state, &message));
        }
    }
    seen.extend(ghosts);
    // Kinds of others than Flux come last.
    let place = |kind: &str| KINDS.iter().position(|known| known.kind == kind).unwrap_or(KINDS.len());
    seen.sort_by_cached_key(|one| (place(&one.node.kind), one.key()));
    let edges = edges(&seen, &known);
    let places: HashMap<Key, usize> = seen.iter().enumerate().map(|(at, one)| (one.key(), at)).collect();
    let twice = twice
        .into_iter()
        .filter_map(|(key, first, other)| Some(Finding::Twice(*places.get(&key)?, first, other)))
        .collect();
    let mut nodes = Vec::with_capacity(seen.len());
    for mut one in seen {
        one.node.selects = one.references.iter().filter_map(everything).collect();
        nodes.push(one.node);
    }
    let mut graph = Graph { nodes, edges, findings: twice };
    judge(&mut graph);
    graph
}

/// Adds what is wrong with a graph: cycles, and nodes that are missing.
fn judge(graph: &mut Graph) {
    for cycle in cycles(graph) {
        let steps: HashSet<(usize, usize)> =
            cycle.iter().copied().zip(cycle.iter().skip(1).chain(&cycle[..1]).copied()).collect();
        for edge in graph.edges.iter_mut().filter(|edge| edge.is_order) {
            edge.is_in_cycle |= steps.contains(&(edge.from, edge.to));
        }
        graph.findings.push(Finding::Cycle(cycle));
    }
    let mut needed_by = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if graph.nodes[edge.to].state == State::Missing && !needed_by[edge.to].contains(&edge.from) {
            needed_by[edge.to].push(edge.from);
        }
    }
    let missing = needed_by.into_iter().enumerate().filter(|(_, by)| !by.is_empty());
    graph.findings.extend(missing.map(|(node, by)| Finding::Missing(node, by)));
}

/// Keeps the first of several declarations of an object. Returns the others: the key and two files.
fn declared_once(seen: &mut Vec<Seen>) -> Vec<(Key, String, String)> {
    let mut files: HashMap<Key, String> = HashMap::new();
    let mut twice = Vec::new();
    seen.retain(|one| match files.get(&one.key()) {
        None => files.insert(one.key(), one.file.clone()).is_none(),
        Some(first) => {
            twice.push((one.key(), first.clone(), one.file.clone()));
            false
        }
    });
    twice
}

/// The one object that a reference names, if it names one.
fn target<'a>(reference: &'a Reference, known: &HashSet<Key>) -> Option<&'a ObjectId> {
    match &reference.to {
        ReferenceTarget::One(id) => Some(id),
        ReferenceTarget::Made(made, source) => {
            Some(if known.contains(&key_of(made)) { made } else { source })
        }
        ReferenceTarget::All { .. } | ReferenceTarget::Labelled { .. } => None,
    }
}

/// The text for a reference to all objects of a kind: arrows to each would hide everything else.
fn everything(reference: &Reference) -> Option<String> {
    let ReferenceTarget::All { kind, namespace } = &reference.to else { return None };
    Some(format!("{} {kind}/{namespace}/*", reference.relation.word()))
}

/// The edges from each object, in their order.
fn edges(seen: &[Seen], known: &HashSet<Key>) -> Vec<Edge> {
    let places: HashMap<Key, usize> = seen.iter().enumerate().map(|(at, one)| (one.key(), at)).collect();
    let mut groups: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, one) in seen.iter().enumerate() {
        groups.entry((&one.node.kind, &one.node.namespace)).or_default().push(at);
    }
    let mut edges = Vec::new();
    let mut drawn = HashSet::new();
    for (from, one) in seen.iter().enumerate() {
        for reference in &one.references {
            let to: Vec<usize> = match &reference.to {
                ReferenceTarget::Labelled { kind, namespace, selector } => {
                    let group = groups.get(&(kind.as_str(), namespace.as_str())).into_iter().flatten();
                    group.copied().filter(|at| reference::fits(selector, &seen[*at].labels)).collect()
                }
                _ => {
                    let id = target(reference, known);
                    id.and_then(|id| places.get(&key_of(id)).copied()).into_iter().collect()
                }
            };
            let relation = reference.relation;
            let is_new = |to: &usize| drawn.insert((from, *to, relation.word()));
            edges.extend(to.into_iter().filter(is_new).map(|to| Edge {
                from,
                to,
                relation: relation.word(),
                is_order: relation == Relation::DependsOn,
                is_outward: relation.is_outward(),
                is_in_cycle: false,
            }));
        }
    }
    edges
}
