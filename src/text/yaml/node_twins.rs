//! Scalars that are one: a program that puts one node into several places changes all of them with each.

use super::node::Node;
use super::node::Scalar;
use super::twins::Twin;
use std::collections::HashMap;

impl Node {
    /// Gives all scalars of a group what the one has that was changed last.
    pub fn settle_twins(&mut self) {
        let mut latest: HashMap<u32, Scalar> = HashMap::new();
        let mut is_settled = true;
        self.each_twin(&mut |scalar, group| {
            let known = latest.entry(group).or_insert_with(|| scalar.clone());
            is_settled &= known.twin.changes() == scalar.twin.changes();
            if scalar.twin.changes() > known.twin.changes() {
                known.clone_from(scalar);
            }
        });
        if !is_settled {
            self.each_twin(&mut |scalar, group| scalar.clone_from(&latest[&group]));
        }
    }

    /// The same tree, of which nothing is one with anything else.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.each_twin(&mut |scalar, _| scalar.twin = Twin::default());
        self
    }

    fn each_twin(&mut self, visit: &mut dyn FnMut(&mut Scalar, u32)) {
        match self {
            Self::Scalar(scalar) => {
                if let Some(group) = scalar.twin.group() {
                    visit(scalar, group);
                }
            }
            Self::Sequence(items) => items.iter_mut().for_each(|item| item.each_twin(visit)),
            Self::Mapping(fields) => fields.iter_mut().for_each(|(_, field)| field.each_twin(visit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::Tag;
    use super::*;

    fn twins(texts: &[&str]) -> Node {
        let scalar = |text: &&str| {
            let Node::Scalar(scalar) = Node::text(*text) else { unreachable!() };
            Node::Scalar(Scalar { twin: Twin::of(1), ..scalar })
        };
        Node::Sequence(texts.iter().map(scalar).collect())
    }

    #[test]
    fn all_of_a_group_become_what_was_changed_last() {
        let mut node = twins(&["a", "a", "a"]);
        let Node::Sequence(items) = &mut node else { unreachable!() };
        items.push(Node::text("alone"));
        let Node::Scalar(second) = &mut items[1] else { unreachable!() };
        second.put("b", Tag::Text);
        node.settle_twins();
        assert_eq!(node.items().iter().map(Node::as_text).collect::<Vec<_>>(), ["b", "b", "b", "alone"]);
        let mut apart = node.clone().apart();
        let Node::Sequence(items) = &mut apart else { unreachable!() };
        let Node::Scalar(first) = &mut items[0] else { unreachable!() };
        first.put("c", Tag::Text);
        apart.settle_twins();
        assert_eq!(apart.items().iter().map(Node::as_text).collect::<Vec<_>>(), ["c", "b", "b", "alone"]);
    }
}
