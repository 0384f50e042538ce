//! Objects that wait for each other.

use crate::present::graph::Graph;
use std::collections::HashMap;
use std::collections::VecDeque;

/// One shortest cycle of each group of nodes that wait for each other, in the order of their first nodes.
pub(super) fn cycles(graph: &Graph) -> Vec<Vec<usize>> {
    let mut needs = vec![Vec::new(); graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.is_order) {
        needs[edge.from].push(edge.to);
    }
    let group = groups(&needs);
    let mut is_done = vec![false; graph.nodes.len()];
    let mut found = Vec::new();
    for node in 0..needs.len() {
        if !std::mem::replace(&mut is_done[group[node]], true) {
            found.extend(shortest_cycle(node, &needs, &group));
        }
    }
    found
}

/// The shortest cycle through a node within its group, the node first.
fn shortest_cycle(start: usize, needs: &[Vec<usize>], group: &[usize]) -> Option<Vec<usize>> {
    let mut from: HashMap<usize, usize> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        for next in needs[node].iter().filter(|next| group[**next] == group[start]) {
            if *next == start {
                let mut way = vec![node];
                while let Some(before) = way.last().and_then(|last| from.get(last)) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = from.entry(*next) {
                entry.insert(node);
                waiting.push_back(*next);
            }
        }
    }
    None
}

/// The number of the strongly connected group of each node: Tarjan's algorithm, with a stack of its own.
fn groups(needs: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = needs.len();
    let (mut number, mut lowest, mut group) = (vec![NONE; count], vec![NONE; count], vec![NONE; count]);
    let (mut open, mut next_number) = (Vec::new(), 0);
    for start in 0..count {
        if number[start] != NONE {
            continue;
        }
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            if next == 0 {
                (number[node], lowest[node]) = (next_number, next_number);
                next_number += 1;
                open.push(node);
            }
            if let Some(to) = needs[node].get(next).copied() {
                way.push((node, next + 1));
                if number[to] == NONE {
                    way.push((to, 0));
                } else if group[to] == NONE {
                    lowest[node] = lowest[node].min(number[to]);
                }
                continue;
            }
            if let Some((above, _)) = way.last() {
                lowest[*above] = lowest[*above].min(lowest[node]);
            }
            if lowest[node] == number[node] {
                while let Some(member) = open.pop() {
                    group[member] = node;
                    if member == node {
                        break;
                    }
                }
            }
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needs: &[&[usize]]) -> Vec<Vec<usize>> {
        let needs: Vec<Vec<usize>> = needs.iter().map(|one| one.to_vec()).collect();
        let group = groups(&needs);
        let firsts = (0..needs.len()).filter(|node| !(0..*node).any(|other| group[other] == group[*node]));
        firsts.filter_map(|node| shortest_cycle(node, &needs, &group)).collect()
    }

    #[test]
    fn every_cycle_is_found_and_what_leads_to_one_is_not_part_of_it() {
        assert_eq!(found(&[&[1], &[2], &[]]), Vec::<Vec<usize>>::new());
        assert_eq!(found(&[&[1], &[2], &[1], &[3], &[5], &[6], &[4]]), [vec![1, 2], vec![3], vec![4, 5, 6]]);
    }
}
