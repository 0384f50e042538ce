//! A graph for programs.

use super::model::Edge;
use super::model::Finding;
use super::model::Graph;
use super::model::Node;
use serde::Serialize;

/// The document: nodes as they are, and all others by the addresses of nodes.
#[derive(Serialize)]
struct Document<'a> {
    nodes: &'a [Node],
    edges: Vec<Reference<'a>>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct Reference<'a> {
    from: String,
    to: String,
    relation: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cluster: &'a str,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    message: String,
    objects: Vec<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    cluster: &'a str,
}

/// The graph as JSON.
///
/// # Errors
/// None in practice: the document has texts and lists only.
pub fn document(graph: &Graph) -> anyhow::Result<String> {
    let addresses: Vec<String> = graph.nodes.iter().map(Node::address).collect();
    let reference = |edge: &Edge| Reference {
        from: addresses[edge.from].clone(),
        to: addresses[edge.to].clone(),
        relation: edge.relation,
        cluster: graph.nodes[edge.from].cluster.as_str(),
    };
    let told = |finding: &Finding| FindingDocument {
        code: finding.code(),
        message: finding.message(graph),
        objects: finding.nodes().iter().map(|node| addresses[*node].clone()).collect(),
        cluster: finding.cluster(graph),
    };
    let document = Document {
        nodes: &graph.nodes,
        edges: graph.edges.iter().map(reference).collect(),
        findings: graph.findings.iter().map(told).collect(),
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}
