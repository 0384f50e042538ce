//! A graph for Graphviz.

use super::model::Edge;
use super::model::Graph;
use super::model::Node;
use crate::text::neutralised;

/// The graph in the language of Graphviz; arrows go the way that changes go.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::from(
        "digraph flux {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"monospace\"];\n",
    );
    for (group, (name, nodes)) in graph.groups().into_iter().enumerate() {
        let (margin, end) = if name.is_some() { ("    ", "  }\n") } else { ("  ", "") };
        if let Some(name) = name {
            text.push_str(&format!("  subgraph cluster_{group} {{\n    label={};\n", quoted(name)));
        }
        for number in nodes {
            text.push_str(&format!("{margin}n{number} [{}];\n", box_of(&graph.nodes[number])));
        }
        text.push_str(end);
    }
    for edge in &graph.edges {
        let (from, to) = edge.flow();
        text.push_str(&format!("  n{from} -> n{to} [{}];\n", arrow(edge)));
    }
    let findings: Vec<String> = graph.findings().collect();
    if !findings.is_empty() {
        text.push_str(&format!("  label={};\n  labelloc=b;\n", quoted(&findings.join("\n"))));
    }
    text.push_str("}\n");
    text
}

fn box_of(node: &Node) -> String {
    let (inside, border) = node.state.colours();
    let label = quoted(&format!("{}\n{}\n{}", node.kind, node.place(), node.state.word()));
    let dashed = if node.state.is_dashed() { ", style=\"rounded,filled,dashed\"" } else { "" };
    let tooltip = quoted(&node.lines());
    format!("label={label}, tooltip={tooltip}, fillcolor=\"{inside}\", color=\"{border}\"{dashed}")
}

fn arrow(edge: &Edge) -> String {
    let dashed = if edge.is_order { ", style=dashed" } else { "" };
    let in_cycle = if edge.is_in_cycle { ", color=\"#cf222e\"" } else { "" };
    format!("label=\"{}\"{dashed}{in_cycle}", edge.relation)
}

/// A text as Graphviz reads it back.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in neutralised(text).chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
