//! A graph for Mermaid, which GitHub and GitLab draw in Markdown.

use super::model::Graph;
use super::model::Node;
use super::model::STATES;
use super::model::State;
use crate::text::neutralised;

/// The graph as a flowchart; arrows go the way that changes go.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (group, (name, nodes)) in graph.groups().into_iter().enumerate() {
        let (margin, end) = if name.is_some() { ("    ", "  end\n") } else { ("  ", "") };
        if let Some(name) = name {
            text.push_str(&format!("  subgraph c{group}[\"{}\"]\n", in_label(name)));
        }
        for number in nodes {
            let node = &graph.nodes[number];
            text.push_str(&format!("{margin}n{number}[\"{}\"]:::{}\n", label(node), node.state.word()));
        }
        text.push_str(end);
    }
    let mut in_cycle = Vec::new();
    for (number, edge) in graph.edges.iter().enumerate() {
        let (from, to) = edge.flow();
        let arrow = if edge.is_order { "-.->" } else { "-->" };
        text.push_str(&format!("  n{from} {arrow}|{}| n{to}\n", edge.relation));
        if edge.is_in_cycle {
            in_cycle.push(number.to_string());
        }
    }
    for state in STATES.iter().filter(|state| graph.nodes.iter().any(|node| node.state == **state)) {
        let (inside, border) = state.colours();
        let dashed = if state.is_dashed() { ",stroke-dasharray:4" } else { "" };
        let word = state.word();
        text.push_str(&format!("  classDef {word} fill:{inside},stroke:{border},color:#1f2328{dashed}\n"));
    }
    if !in_cycle.is_empty() {
        text.push_str(&format!("  linkStyle {} stroke:#cf222e\n", in_cycle.join(",")));
    }
    for finding in graph.findings() {
        text.push_str(&format!("  %% {}\n", in_comment(&finding)));
    }
    text
}

fn label(node: &Node) -> String {
    let told = if node.state == State::Ready { String::new() } else { node.told() };
    let lines = [node.kind.clone(), node.place(), told];
    let lines: Vec<String> =
        lines.iter().filter(|line| !line.is_empty()).map(|line| in_label(&clipped(line))).collect();
    lines.join("<br/>")
}

/// Long messages make boxes that no one can read.
fn clipped(line: &str) -> String {
    const ROOM: usize = 80;
    if line.chars().count() <= ROOM {
        return line.to_owned();
    }
    line.chars().take(ROOM).chain(['…']).collect()
}

/// A text between quotes: what Mermaid or a browser would obey is written as a number.
fn in_label(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in neutralised(text).chars() {
        match char {
            '\n' | '\t' => safe.push(' '),
            char if char.is_alphanumeric() || " /.:,@-_…→()+=".contains(char) => safe.push(char),
            char => safe.push_str(&format!("#{};", u32::from(char))),
        }
    }
    safe
}

/// A text behind `%%`, which ends with the line; braces would begin a directive.
fn in_comment(text: &str) -> String {
    neutralised(text).replace(['\n', '\t', '{', '}'], " ")
}
