//! A graph for a terminal: a tree by sources, in which each object is shown once, followed by its other references.

use super::model::Edge;
use super::model::Graph;
use super::model::Node;
use super::model::State;

/// The graph as trees, and below them what is wrong.
pub fn text(graph: &Graph) -> String {
    let trees = Trees::of(graph);
    let mut text = String::new();
    let mut shown = vec![false; graph.nodes.len()];
    for (name, nodes) in graph.groups() {
        if let Some(name) = name {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{name}:\n"));
        }
        let roots = nodes.clone().filter(|node| trees.above[*node].is_none());
        // What is below itself has no root.
        for root in roots.chain(nodes.clone()) {
            trees.draw(root, &mut shown, &mut text);
        }
    }
    if !graph.findings.is_empty() {
        text.push('\n');
        graph.findings().for_each(|finding| text.push_str(&format!("✗ {finding}\n")));
    }
    text
}

/// Which node is below which.
struct Trees<'a> {
    graph: &'a Graph,
    /// The edge to what each node is below.
    above: Vec<Option<usize>>,
    below: Vec<Vec<usize>>,
    /// The edges of each node to what it refers to.
    references: Vec<Vec<usize>>,
}

impl<'a> Trees<'a> {
    fn of(graph: &'a Graph) -> Self {
        let count = graph.nodes.len();
        let mut above: Vec<Option<usize>> = vec![None; count];
        let mut references = vec![Vec::new(); count];
        for (number, edge) in graph.edges.iter().enumerate() {
            references[edge.from].push(number);
            let (_, down) = edge.flow();
            // Where something comes from says more than what it waits for.
            if !edge.is_order && !edge.is_outward && edge.from != edge.to && above[down].is_none() {
                above[down] = Some(number);
            }
        }
        let mut below = vec![Vec::new(); count];
        for (node, edge) in above.iter().enumerate() {
            if let Some(edge) = edge {
                below[graph.edges[*edge].flow().0].push(node);
            }
        }
        Self { graph, above, below, references }
    }

    /// Draws a node and all below it that was not drawn yet.
    fn draw(&self, root: usize, shown: &mut [bool], text: &mut String) {
        let mut waiting = vec![(root, String::new(), String::new())];
        while let Some((node, branch, margin)) = waiting.pop() {
            if std::mem::replace(&mut shown[node], true) {
                continue;
            }
            text.push_str(&format!("{branch}{}\n", self.line(node)));
            let below: Vec<usize> = self.below[node].iter().copied().filter(|one| !shown[*one]).collect();
            for (number, one) in below.iter().enumerate().rev() {
                let (branch, further) =
                    if number + 1 == below.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
                waiting.push((*one, format!("{margin}{branch}"), format!("{margin}{further}")));
            }
        }
    }

    /// `✔ Kind/namespace/name: what it says (dependsOn a, b; provider chat)`.
    fn line(&self, number: usize) -> String {
        let node = &self.graph.nodes[number];
        let glyph = match node.state {
            State::Ready => "✔ ",
            State::Reconciling | State::Suspended => "◎ ",
            State::Failed | State::Missing => "✗ ",
            State::Unknown => "· ",
        };
        let mut line = format!("{glyph}{}", node.address());
        let told = node.told();
        match (node.state, told.as_str()) {
            (State::Suspended, "") => line.push_str(": suspended"),
            (State::Suspended, told) => line.push_str(&format!(": suspended, {told}")),
            (_, "") => {}
            (_, told) => line.push_str(&format!(": {told}")),
        }
        let others = self.others(number);
        if !others.is_empty() {
            line.push_str(&format!(" ({})", others.join("; ")));
        }
        line
    }

    /// What a node refers to beside what it is below.
    fn others(&self, number: usize) -> Vec<String> {
        let node = &self.graph.nodes[number];
        let mut groups: Vec<(&'static str, Vec<String>)> = Vec::new();
        for at in &self.references[number] {
            let edge: &Edge = &self.graph.edges[*at];
            // Drawn as a branch, either way.
            if self.above[edge.flow().1] == Some(*at) {
                continue;
            }
            let name = relative(node, &self.graph.nodes[edge.to]);
            match groups.iter_mut().find(|(relation, _)| *relation == edge.relation) {
                Some((_, names)) => names.push(name),
                None => groups.push((edge.relation, vec![name])),
            }
        }
        let listed = groups.into_iter().map(|(relation, names)| format!("{relation} {}", names.join(", ")));
        listed.chain(node.selects.iter().cloned()).collect()
    }
}

/// The name of a node as another one may call it.
fn relative(from: &Node, to: &Node) -> String {
    match (from.kind == to.kind, from.namespace == to.namespace) {
        (true, true) => to.name.clone(),
        (true, false) => to.place(),
        (false, true) => format!("{}/{}", to.kind, to.name),
        (false, false) => to.address(),
    }
}
