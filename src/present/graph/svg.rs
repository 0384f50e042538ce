//! A graph as a picture. It has no background, and is readable on a light one and on a dark one.

use super::layout::Layout;
use super::layout::Point;
use super::layout::arrange;
use super::model::Edge;
use super::model::Graph;
use super::model::Node;
use super::model::STATES;
use super::model::State;
use std::fmt::Write;

/// From the middle of a box to the middle of the one below it.
const ROW: f64 = 58.0;
const BOX_HEIGHT: f64 = 44.0;
/// Between two layers.
const GAP: f64 = 84.0;
const MARGIN: f64 = 16.0;
/// The width of a character of the names, and of what is written smaller.
const CHARACTER: f64 = 7.3;
const SMALL: f64 = 6.1;
/// Longer names end in an ellipsis; the tooltip has them whole.
const LONGEST: usize = 44;
/// How far below the middle of its boxes an arrow from right to left is.
const BACK: f64 = 12.0;
/// The colour of arrows, and of texts outside of boxes.
const GREY: &str = "#7d8590";
const RED: &str = "#cf222e";

/// The graph as SVG; arrows go the way that changes go.
pub fn svg(graph: &Graph) -> String {
    let arrows: Vec<(usize, usize)> = graph.edges.iter().map(Edge::flow).collect();
    let look: Vec<u8> =
        graph.edges.iter().map(|edge| u8::from(edge.is_order) + 2 * u8::from(edge.is_in_cycle)).collect();
    let picture = Picture::of(graph, arrange(graph.nodes.len(), &arrows, &look));
    picture.draw()
}

struct Picture<'a> {
    graph: &'a Graph,
    layout: Layout,
    /// Where each layer begins, and how wide its boxes are.
    columns: Vec<(f64, f64)>,
}

impl<'a> Picture<'a> {
    fn of(graph: &'a Graph, layout: Layout) -> Self {
        let mut widths: Vec<f64> = vec![0.0; layout.layers];
        for (node, place) in graph.nodes.iter().zip(&layout.boxes) {
            widths[place.layer] = widths[place.layer].max(width(node));
        }
        let mut left = MARGIN;
        let columns = widths.into_iter().map(|width| {
            let column = (left, width);
            left += width + GAP;
            column
        });
        Self { graph, columns: columns.collect(), layout }
    }

    fn draw(&self) -> String {
        let right = self.columns.last().map_or(0.0, |(left, width)| left + width);
        let findings: Vec<String> = self.graph.findings().map(|text| clipped(&text, 160)).collect();
        let told = findings.iter().map(|text| room(text, SMALL)).fold(0.0, f64::max);
        let legend = 560.0;
        let width = right.max(told + MARGIN).max(legend) + MARGIN;
        let below = self.layout.rows * ROW + MARGIN;
        let height = below + 20.0 * (as_rows(findings.len()) + 2.0);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\">\n\
             <title>Objects of Flux</title>\n<defs>\n"
        );
        for (name, colour) in [("arrow", GREY), ("cycle", RED)] {
            let _ = writeln!(
                text,
                "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
                 <path d=\"M0 0L8 4L0 8z\" fill=\"{colour}\"/></marker>"
            );
        }
        text.push_str("</defs>\n");
        (0..self.graph.edges.len()).for_each(|edge| self.arrow(edge, &mut text));
        (0..self.graph.nodes.len()).for_each(|node| self.draw_box(node, &mut text));
        self.legend(below + 12.0, &mut text);
        for (number, finding) in findings.iter().enumerate() {
            let down = below + 12.0 + 20.0 * (as_rows(number) + 1.0);
            let _ = writeln!(
                text,
                "<text x=\"{MARGIN}\" y=\"{down:.0}\" font-size=\"10\" fill=\"{RED}\">{}</text>",
                escaped(finding)
            );
        }
        text.push_str("</svg>\n");
        text
    }

    fn down(row: f64) -> f64 {
        MARGIN + BOX_HEIGHT / 2.0 + row * ROW
    }

    fn draw_box(&self, number: usize, text: &mut String) {
        let node = &self.graph.nodes[number];
        let place = self.layout.boxes[number];
        let (left, width) = self.columns[place.layer];
        let top = Self::down(place.row) - BOX_HEIGHT / 2.0;
        let (inside, border) = node.state.colours();
        let dashed = if node.state.is_dashed() { " stroke-dasharray=\"4 3\"" } else { "" };
        let _ = writeln!(
            text,
            "<g><title>{}</title><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\" \
             fill=\"{inside}\" stroke=\"{border}\" stroke-width=\"1.5\"{dashed}/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" fill=\"#57606a\">{}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" font-weight=\"600\" fill=\"#1f2328\">{}</text></g>",
            escaped(&node.lines()),
            left + 10.0,
            top + 17.0,
            escaped(&heading(node)),
            left + 10.0,
            top + 34.0,
            escaped(&clipped(&node.place(), LONGEST)),
        );
    }

    /// An arrow from the right side of a box to the left side of another one, through the gaps that its way has.
    fn arrow(&self, number: usize, text: &mut String) {
        let edge = &self.graph.edges[number];
        let (from, to) = edge.flow();
        let (start, end) = (self.layout.boxes[from], self.layout.boxes[to]);
        let path =
            if from == to { self.knot(start) } else { self.path(start, end, &self.layout.ways[number]) };
        let (colour, marker) = if edge.is_in_cycle { (RED, "cycle") } else { (GREY, "arrow") };
        let dashed = if edge.is_order { " stroke-dasharray=\"6 4\"" } else { "" };
        let title = escaped(&format!(
            "{} {} {}",
            self.graph.nodes[edge.from].address(),
            edge.relation,
            self.graph.nodes[edge.to].address()
        ));
        let _ = writeln!(
            text,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\"{dashed} marker-end=\"url(#{marker})\">\
             <title>{title}</title></path>"
        );
    }

    fn path(&self, start: Point, end: Point, way: &[Point]) -> String {
        let sides = |place: Point| {
            let (left, width) = self.columns[place.layer];
            (left, left + width, Self::down(place.row))
        };
        // One that was turned round goes from right to left, beside one that may go the other way.
        let is_back = start.layer > end.layer;
        let aside = if is_back { BACK } else { 0.0 };
        let (left, right, down) = sides(start);
        let mut down = down + aside;
        let mut across = if is_back { left } else { right };
        let mut path = format!("M{across:.1} {down:.1}");
        let mut curve = |to: f64, row: f64, across: f64, down: f64| {
            let middle = f64::midpoint(across, to);
            let _ = write!(path, "C{middle:.1} {down:.1} {middle:.1} {row:.1} {to:.1} {row:.1}");
        };
        for point in way {
            let (left, right, row) = sides(*point);
            let (near, far) = if is_back { (right, left) } else { (left, right) };
            curve(near, row, across, down);
            curve(far, row, near, row);
            (across, down) = (far, row);
        }
        let (left, right, row) = sides(end);
        curve(if is_back { right } else { left }, row + aside, across, down);
        path
    }

    /// From a box back to itself.
    fn knot(&self, place: Point) -> String {
        let (left, width) = self.columns[place.layer];
        let (right, down) = (left + width, Self::down(place.row));
        format!(
            "M{right:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {right:.1} {:.1}",
            down - 10.0,
            right + 34.0,
            down - 18.0,
            right + 34.0,
            down + 18.0,
            down + 10.0
        )
    }

    fn legend(&self, down: f64, text: &mut String) {
        let mut left = MARGIN;
        for state in STATES {
            let (inside, border) = state.colours();
            let dashed = if state.is_dashed() { " stroke-dasharray=\"4 3\"" } else { "" };
            let _ = writeln!(
                text,
                "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\" rx=\"3\" fill=\"{inside}\" stroke=\"{border}\"{dashed}/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" fill=\"{GREY}\">{}</text>",
                down - 10.0,
                left + 17.0,
                down,
                state.word()
            );
            left += 17.0 + room(state.word(), SMALL) + 14.0;
        }
        let (line, y) = (left + 24.0, down - 4.0);
        let _ = writeln!(
            text,
            "<path d=\"M{left:.1} {y:.1}H{line:.1}\" stroke=\"{GREY}\" stroke-width=\"1.4\" stroke-dasharray=\"6 4\"/>\
             <text x=\"{:.1}\" y=\"{down:.1}\" font-size=\"10\" fill=\"{GREY}\">goes first</text>",
            line + 5.0
        );
    }
}

/// The line above the name: the kind, how it is, and of several clusters which one has it.
fn heading(node: &Node) -> String {
    let state = if node.reason.is_empty() || node.state == State::Ready {
        node.state.word().to_owned()
    } else {
        format!("{}: {}", node.state.word(), node.reason)
    };
    let cluster = if node.cluster.is_empty() { String::new() } else { format!(" · {}", node.cluster) };
    clipped(&format!("{} · {state}{cluster}", node.kind), LONGEST + 8)
}

fn width(node: &Node) -> f64 {
    let name = room(&clipped(&node.place(), LONGEST), CHARACTER);
    name.max(room(&heading(node), SMALL)) + 20.0
}

fn room(text: &str, character: f64) -> f64 {
    as_rows(text.chars().count()) * character
}

fn as_rows(count: usize) -> f64 {
    super::order::as_float(count)
}

fn clipped(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

/// A text between tags. What XML cannot hold is replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(char),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            char if char.is_control() => safe.push('\u{fffd}'),
            char => safe.push(char),
        }
    }
    safe
}
