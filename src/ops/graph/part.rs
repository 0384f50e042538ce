//! The part of a graph that is about one object: what it needs, and what needs it.

use crate::present::graph::Finding;
use crate::present::graph::Graph;

/// Keeps what leads to an object, and what that leads to; each cluster has its own node for it.
pub(super) fn part(graph: Graph, starts: &[usize]) -> Graph {
    let count = graph.nodes.len();
    let (mut above, mut below) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for edge in &graph.edges {
        let (from, to) = edge.flow();
        below[from].push(to);
        above[to].push(from);
    }
    let (above, below) = (reached(starts, &above), reached(starts, &below));
    let patterns: Vec<(&str, String)> = starts
        .iter()
        .map(|start| &graph.nodes[*start])
        .map(|start| (start.cluster.as_str(), format!("{}/{}/*", start.kind, start.namespace)))
        .collect();
    let selects = |node: usize| {
        let node = &graph.nodes[node];
        let mut selected = node.selects.iter().filter_map(|words| Some(words.split_once(' ')?.1));
        selected.any(|of| patterns.iter().any(|(cluster, pattern)| *cluster == node.cluster && of == pattern))
    };
    let is_kept: Vec<bool> = (0..count).map(|node| above[node] || below[node] || selects(node)).collect();
    let mut next = 0;
    let place: Vec<Option<usize>> = is_kept
        .iter()
        .map(|kept| {
            kept.then(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    let edges = graph.edges.into_iter().filter_map(|mut edge| {
        (edge.from, edge.to) = (place[edge.from]?, place[edge.to]?);
        Some(edge)
    });
    let findings = graph.findings.into_iter().filter_map(|finding| moved(finding, &place));
    let nodes = graph.nodes.into_iter().zip(&is_kept).filter(|(_, kept)| **kept).map(|(node, _)| node);
    Graph { edges: edges.collect(), findings: findings.collect(), nodes: nodes.collect() }
}

/// A finding with the new indices of its nodes; `None` if one of them is gone.
fn moved(finding: Finding, place: &[Option<usize>]) -> Option<Finding> {
    Some(match finding {
        Finding::Cycle(nodes) => {
            Finding::Cycle(nodes.into_iter().map(|node| place[node]).collect::<Option<_>>()?)
        }
        Finding::Missing(node, by) => {
            let by: Vec<usize> = by.into_iter().filter_map(|one| place[one]).collect();
            Finding::Missing(place[node].filter(|_| !by.is_empty())?, by)
        }
        Finding::Twice(node, first, other) => Finding::Twice(place[node]?, first, other),
    })
}

fn reached(starts: &[usize], next: &[Vec<usize>]) -> Vec<bool> {
    let mut is_reached = vec![false; next.len()];
    starts.iter().for_each(|start| is_reached[*start] = true);
    let mut waiting = starts.to_vec();
    while let Some(node) = waiting.pop() {
        for other in &next[node] {
            if !std::mem::replace(&mut is_reached[*other], true) {
                waiting.push(*other);
            }
        }
    }
    is_reached
}
