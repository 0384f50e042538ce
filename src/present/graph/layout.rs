//! Where the boxes of a picture are, and the ways of the arrows between them: layers from left to right, after Sugiyama.

use super::layers::layers;
use super::order::Stack;
use super::order::as_float;
use super::order::mean;
use std::collections::HashMap;

/// Room that a way takes in a layer that it only passes, as a part of that of a box.
const PASSING: f64 = 0.4;
/// How many passings a picture may have; the ways beyond that are straight.
const MOST: usize = 20_000;
/// How often boxes are moved towards their neighbours.
const ROUNDS: usize = 10;

/// A point of a picture: the layer, and how far down in it, in rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) layer: usize,
    pub(super) row: f64,
}

/// Where everything is.
pub(super) struct Layout {
    /// The middle of each box.
    pub(super) boxes: Vec<Point>,
    /// The way of each arrow between its boxes, from where it begins to where it ends.
    pub(super) ways: Vec<Vec<Point>>,
    pub(super) layers: usize,
    pub(super) rows: f64,
}

/// Arranges boxes and the arrows between them. Arrows from the same box that look the same share their way for as long as they can.
pub(super) fn arrange(count: usize, arrows: &[(usize, usize)], look: &[u8]) -> Layout {
    let found = layers(count, arrows);
    let (before, after) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    let mut items = Items { layer: found.of, before, after, shared: HashMap::new(), laid: 0 };
    let mut ways = Vec::with_capacity(arrows.len());
    for (((from, to), turned), look) in arrows.iter().zip(&found.is_turned).zip(look) {
        ways.push(if from == to {
            Vec::new()
        } else if *turned {
            let mut way = items.lay(*to, *from, *look);
            way.reverse();
            way
        } else {
            items.lay(*from, *to, *look)
        });
    }
    let layers = items.layer.iter().map(|layer| layer + 1).max().unwrap_or(0);
    let mut stack = Stack { layers: vec![Vec::new(); layers], before: items.before, after: items.after };
    for item in connected(&stack) {
        stack.layers[items.layer[item]].push(item);
    }
    stack.sort();
    let rows = place(&stack, count);
    let point = |item: usize| Point { layer: items.layer[item], row: rows[item] };
    let bottom = rows.iter().fold(0.0, |bottom: f64, row| bottom.max(*row));
    Layout {
        boxes: (0..count).map(point).collect(),
        ways: ways.into_iter().map(|way| way.into_iter().map(point).collect()).collect(),
        layers,
        rows: if count == 0 { 0.0 } else { bottom + 1.0 },
    }
}

/// Boxes and passings.
struct Items {
    layer: Vec<usize>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    /// The passing of the arrows of a box that look the same, by box, look and layer.
    shared: HashMap<(usize, u8, usize), usize>,
    /// How many passings all ways have together.
    laid: usize,
}

impl Items {
    /// The items on the way between two boxes, themselves not; each is linked to the next.
    fn lay(&mut self, from: usize, to: usize, look: u8) -> Vec<usize> {
        let between = self.layer[from] + 1..self.layer[to];
        self.laid += between.len();
        if self.laid > MOST {
            return Vec::new();
        }
        let (mut last, mut way) = (from, Vec::new());
        for layer in between {
            if let Some(item) = self.shared.get(&(from, look, layer)) {
                way.push(*item);
                last = *item;
                continue;
            }
            let item = self.layer.len();
            self.shared.insert((from, look, layer), item);
            self.layer.push(layer);
            self.before.push(vec![last]);
            self.after.push(Vec::new());
            self.after[last].push(item);
            way.push(item);
            last = item;
        }
        self.after[last].push(to);
        self.before[to].push(last);
        way
    }
}

/// All items, those that are linked to each other one after the other; the largest groups first.
fn connected(stack: &Stack) -> Vec<usize> {
    let count = stack.before.len();
    let mut seen = vec![false; count];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for start in 0..count {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let (mut group, mut waiting) = (Vec::new(), vec![start]);
        while let Some(item) = waiting.pop() {
            group.push(item);
            for next in stack.after[item].iter().chain(&stack.before[item]).rev() {
                if !std::mem::replace(&mut seen[*next], true) {
                    waiting.push(*next);
                }
            }
        }
        groups.push(group);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.concat()
}

/// The row of each item: in the order of its layer, as near to the middle of its neighbours as the others leave room.
fn place(stack: &Stack, boxes: usize) -> Vec<f64> {
    let mut rows = vec![0.0; stack.before.len()];
    let room = |item: usize| if item < boxes { 1.0 } else { PASSING };
    let gaps: Vec<Vec<f64>> = stack
        .layers
        .iter()
        .map(|layer| layer.windows(2).map(|pair| f64::midpoint(room(pair[0]), room(pair[1]))).collect())
        .collect();
    for layer in &stack.layers {
        layer.iter().enumerate().for_each(|(at, item)| rows[*item] = as_float(at));
    }
    for round in 0..ROUNDS {
        for step in 0..stack.layers.len() {
            let at = if round % 2 == 0 { step } else { stack.layers.len() - 1 - step };
            let wanted: Vec<f64> = stack.layers[at]
                .iter()
                .map(|item| {
                    let others = stack.before[*item].iter().chain(&stack.after[*item]);
                    mean(others.map(|other| rows[*other])).unwrap_or(rows[*item])
                })
                .collect();
            let placed = apart(&wanted, &gaps[at]);
            stack.layers[at].iter().zip(placed).for_each(|(item, row)| rows[*item] = row);
        }
    }
    let top = rows.iter().fold(f64::INFINITY, |top: f64, row| top.min(*row));
    rows.iter().map(|row| row - top).collect()
}

/// The places nearest to those that are wanted, at least so far apart: groups that want to overlap share their mean.
fn apart(wanted: &[f64], gaps: &[f64]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0.0;
    for at in 0..wanted.len() {
        offsets.push(offset);
        offset += gaps.get(at).copied().unwrap_or_default();
    }
    // Sum and count of each group.
    let mut groups: Vec<(f64, f64)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        let mut group = (want - offset, 1.0);
        while let Some((sum, count)) = groups.last().copied()
            && sum / count >= group.0 / group.1
        {
            groups.pop();
            group = (group.0 + sum, group.1 + count);
        }
        groups.push(group);
    }
    let mut placed = Vec::with_capacity(wanted.len());
    for (sum, count) in groups {
        let mut left = count;
        while left > 0.5 {
            placed.push(sum / count + offsets[placed.len()]);
            left -= 1.0;
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_distance_and_stay_near_to_what_is_wanted() {
        assert_eq!(apart(&[0.0, 5.0], &[1.0]), [0.0, 5.0]);
        assert_eq!(apart(&[2.0, 2.0, 2.0], &[1.0, 1.0]), [1.0, 2.0, 3.0]);
        assert_eq!(apart(&[], &[]), Vec::<f64>::new());
    }

    #[test]
    fn no_two_boxes_overlap_and_a_long_way_passes_between_boxes() {
        let arrows = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (0, 4), (5, 5)];
        let layout = arrange(6, &arrows, &[0; 7]);
        for (at, one) in layout.boxes.iter().enumerate() {
            for other in &layout.boxes[at + 1..] {
                assert!(one.layer != other.layer || (one.row - other.row).abs() > 0.999, "{one:?} {other:?}");
            }
        }
        let passing = layout.ways[5][0];
        assert_eq!(layout.ways[5].len(), 1);
        for place in layout.boxes.iter().filter(|place| place.layer == passing.layer) {
            assert!((place.row - passing.row).abs() > 0.69, "{place:?} {passing:?}");
        }
        assert!(layout.ways[6].is_empty() && layout.ways[0].is_empty());
    }

    #[test]
    fn a_long_chain_with_ways_to_all_of_it_stays_small() {
        let count = 2000;
        let arrows: Vec<(usize, usize)> = (1..count).flat_map(|node| [(node - 1, node), (0, node)]).collect();
        let layout = arrange(count, &arrows, &vec![0; arrows.len()]);
        assert_eq!(layout.layers, count);
        assert!(layout.ways.iter().map(Vec::len).sum::<usize>() <= MOST);
    }
}
