//! What is drawn: objects, what they refer to, and what is wrong with that.

use crate::text::first_line;
use crate::text::shorten_hex;
use serde::Serialize;
use std::ops::Range;

/// Objects, what they refer to, and what is wrong with that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub findings: Vec<Finding>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// The folder of its cluster, where there are several; empty where there are not, and for what is reached from none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster: String,
    pub state: State,
    /// One CamelCase word of the object's own; may be empty.
    pub reason: String,
    pub message: String,
    /// What it holds or has applied; may be empty.
    pub revision: String,
    /// What it refers to without names, such as `watches Kustomization/apps/*`.
    pub selects: Vec<String>,
}

/// How an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ready,
    Reconciling,
    Suspended,
    Failed,
    /// Something refers to it, but it does not exist.
    Missing,
    /// It may not be read, or no cluster was asked.
    Unknown,
}

/// All states, in the order in which a legend has them.
pub(super) const STATES: [State; 6] =
    [State::Ready, State::Reconciling, State::Suspended, State::Failed, State::Missing, State::Unknown];

/// A reference: the positions of two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The object that refers to the other one.
    pub from: usize,
    pub to: usize,
    pub relation: &'static str,
    /// Whether the other one has to be there first.
    pub is_order: bool,
    /// Whether changes go the same way as the reference.
    pub is_outward: bool,
    /// Whether it is part of a cycle.
    pub is_in_cycle: bool,
}

/// What is wrong with a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// These wait for each other, each for the next one and the last for the first.
    Cycle(Vec<usize>),
    /// A node that does not exist, and those that refer to it.
    Missing(usize, Vec<usize>),
    /// A node that files declare more than once; the first and another file.
    Twice(usize, String, String),
}

impl State {
    /// One lower-case word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Reconciling => "reconciling",
            Self::Suspended => "suspended",
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }

    /// The colours of a box that has it: inside and border. Dark text is readable on each, whatever is behind the picture.
    pub(super) fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Ready => ("#dcf5e3", "#1a7f37"),
            Self::Reconciling => ("#fff4c8", "#9a6700"),
            Self::Suspended => ("#e4e9ef", "#57606a"),
            Self::Failed => ("#ffe2df", "#cf222e"),
            Self::Missing => ("#ffffff", "#cf222e"),
            Self::Unknown => ("#f6f8fa", "#7d8590"),
        }
    }

    /// Whether the border is dashed.
    pub(super) fn is_dashed(self) -> bool {
        matches!(self, Self::Missing | Self::Unknown)
    }
}

impl Node {
    /// `Kind/namespace/name`.
    pub(super) fn address(&self) -> String {
        format!("{}/{}", self.kind, self.place())
    }

    /// `namespace/name`.
    pub(super) fn place(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }

    /// What it says of itself in one line: the revision of one that is ready, else why it is not.
    pub(super) fn told(&self) -> String {
        if self.state == State::Ready {
            return shorten_hex(&first_line(&self.revision));
        }
        let message = first_line(&self.message);
        let parts = [self.reason.as_str(), message.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        shorten_hex(&parts.join(": "))
    }

    /// Everything that is known about it, a line for each fact.
    pub(super) fn lines(&self) -> String {
        let told = Some(self.told()).filter(|told| !told.is_empty());
        let cluster = Some(self.cluster.clone()).filter(|cluster| !cluster.is_empty());
        let parts = [self.address(), self.state.word().to_owned()].into_iter().chain(cluster).chain(told);
        parts.chain(self.selects.iter().cloned()).collect::<Vec<_>>().join("\n")
    }
}

impl Edge {
    /// The two nodes in the direction in which changes go.
    pub fn flow(&self) -> (usize, usize) {
        if self.is_outward { (self.from, self.to) } else { (self.to, self.from) }
    }
}

impl Finding {
    /// One CamelCase word that scripts can rely on.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Cycle(_) => "Cycle",
            Self::Missing(..) => "Missing",
            Self::Twice(..) => "DeclaredTwice",
        }
    }

    /// The nodes that it is about, the one to look at first.
    pub(super) fn nodes(&self) -> Vec<usize> {
        match self {
            Self::Cycle(nodes) => nodes.clone(),
            Self::Missing(node, by) => [&[*node], by.as_slice()].concat(),
            Self::Twice(node, ..) => vec![*node],
        }
    }

    /// The cluster that it is about, where there are several.
    pub(super) fn cluster<'a>(&self, graph: &'a Graph) -> &'a str {
        self.nodes().first().map_or("", |node| graph.nodes[*node].cluster.as_str())
    }

    /// One sentence, after the cluster that it is about.
    pub(super) fn message(&self, graph: &Graph) -> String {
        let said = self.said(graph);
        match self.cluster(graph) {
            "" => said,
            cluster => format!("{cluster}: {said}"),
        }
    }

    fn said(&self, graph: &Graph) -> String {
        let address = |node: &usize| graph.nodes[*node].address();
        match self {
            Self::Cycle(nodes) => {
                let names: Vec<String> = nodes.iter().chain(nodes.first()).map(address).collect();
                format!("these wait for each other: {}", names.join(" → "))
            }
            Self::Missing(node, by) => {
                let by: Vec<String> = by.iter().map(address).collect();
                format!("{} does not exist, but {} needs it", address(node), listed(&by))
            }
            Self::Twice(node, first, other) => {
                format!("{} is declared in {first} and in {other}", address(node))
            }
        }
    }
}

/// The first of several, and how many more there are.
fn listed(names: &[String]) -> String {
    match names {
        [] => "something".to_owned(),
        [one] => one.clone(),
        [one, others @ ..] => format!("{one} (and {} more)", others.len()),
    }
}

/// The name of the group of what is reached from none of several clusters.
const OF_NONE: &str = "other files";

impl Graph {
    /// The nodes of each cluster, which are beside each other, with its name; without one where there are not several.
    pub(super) fn groups(&self) -> Vec<(Option<&str>, Range<usize>)> {
        let is_grouped = self.nodes.iter().any(|node| !node.cluster.is_empty());
        let mut groups = Vec::new();
        for nodes in self.nodes.chunk_by(|one, other| one.cluster == other.cluster) {
            let begin = groups.last().map_or(0, |(_, last): &(_, Range<usize>)| last.end);
            let name = if nodes[0].cluster.is_empty() { OF_NONE } else { nodes[0].cluster.as_str() };
            groups.push((is_grouped.then_some(name), begin..begin + nodes.len()));
        }
        groups
    }

    /// The words of a finding, with what it is.
    pub(super) fn findings(&self) -> impl Iterator<Item = String> + '_ {
        self.findings.iter().map(|finding| format!("{} ({})", finding.message(self), finding.code()))
    }
}
