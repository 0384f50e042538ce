//! The objects of Flux with what they refer to, from a cluster or from files, and what is wrong with that: cycles, and what is missing.

mod assemble;
mod cluster;
mod cycles;
mod folder;
mod part;
mod repository;
mod seen;

pub use cluster::GraphRequest;
pub use cluster::from_cluster;
pub use folder::from_folder;

use crate::api::Kind;
use crate::present::graph::Graph;
use crate::present::graph::State;

/// A graph, and what could not be read for it.
pub struct Drawn {
    pub graph: Graph,
    pub failures: Vec<anyhow::Error>,
}

/// The object that a graph is about.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub kind: &'static Kind,
    pub namespace: &'a str,
    pub name: &'a str,
}

impl Start<'_> {
    /// Its indices among the nodes of a graph, one in each cluster, unless it is only referred to.
    fn places_in(&self, graph: &Graph) -> Vec<usize> {
        let is_it = |place: &usize| {
            let node = &graph.nodes[*place];
            let is_there = node.state != State::Missing && node.kind == self.kind.kind;
            is_there && node.namespace == self.namespace && node.name == self.name
        };
        (0..graph.nodes.len()).filter(is_it).collect()
    }
}
