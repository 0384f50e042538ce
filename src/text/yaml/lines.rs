//! The lines of the fields of a document, for messages about them: values do not know them.

use super::parse::Parser;
use super::scan::Dialect;
use super::scan::ScalarStyle;
use super::tree::Layout;
use super::tree::Tree;

/// A step from a node to one that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The field of a mapping; as in Go, the case of its name does not matter.
    Field(String),
    /// The item of a list, counted from zero.
    Item(usize),
    /// The item of a list that is this text.
    Text(String),
}

impl Step {
    pub fn field(name: impl Into<String>) -> Self {
        Self::Field(name.into())
    }
}

/// A document that is asked for the lines of its fields.
pub struct Lines(Option<Tree>);

impl Lines {
    /// Reads the first document of a text; one that is not YAML has no lines.
    pub fn of(text: &str) -> Self {
        Self(Parser::new(text, Dialect::Two).and_then(|mut parser| parser.document()).ok().flatten())
    }

    /// The line of what is at a path, counted from one; nothing if nothing is there. What an alias stands for has the line of the alias.
    pub fn at(&self, path: &[Step]) -> Option<usize> {
        let mut tree = self.0.as_ref()?;
        let mut line = tree.line();
        let mut is_elsewhere = false;
        for step in path {
            while let Tree::Alias(inner) = tree {
                tree = inner;
                is_elsewhere = true;
            }
            let (next, own) = below(tree, step)?;
            if !is_elsewhere {
                line = own.or(line);
            }
            tree = next;
        }
        line
    }

    /// Whether what is at a path is written in `[]` or `{}`.
    pub fn is_flow(&self, path: &[Step]) -> bool {
        matches!(self.tree(path), Some(Tree::Sequence(Layout::Flow, _) | Tree::Mapping(Layout::Flow, _)))
    }

    /// How the scalar at a path is written.
    pub fn style(&self, path: &[Step]) -> Option<ScalarStyle> {
        match self.tree(path)? {
            Tree::Scalar(leaf) => Some(leaf.style),
            _ => None,
        }
    }

    /// How a key of the mapping at a path is written.
    pub fn key_style(&self, path: &[Step], name: &str) -> Option<ScalarStyle> {
        let Tree::Mapping(_, fields) = self.tree(path)? else { return None };
        fields.iter().find_map(|(key, _)| match key {
            Tree::Scalar(leaf) if leaf.text == name => Some(leaf.style),
            _ => None,
        })
    }

    fn tree(&self, path: &[Step]) -> Option<&Tree> {
        path.iter().try_fold(self.0.as_ref()?, |tree, step| Some(below(tree, step)?.0))
    }
}

/// What a step leads to, with its line.
fn below<'a>(tree: &'a Tree, step: &Step) -> Option<(&'a Tree, Option<usize>)> {
    match (tree, step) {
        (Tree::Mapping(_, fields), Step::Field(name)) => {
            let named = |is_meant: &dyn Fn(&str) -> bool| {
                fields.iter().rfind(|(key, _)| matches!(key, Tree::Scalar(leaf) if is_meant(&leaf.text)))
            };
            let (key, value) =
                named(&|text| text == name).or_else(|| named(&|text| text.eq_ignore_ascii_case(name)))?;
            Some((value, key.line()))
        }
        (Tree::Sequence(_, items), Step::Item(at)) => items.get(*at).map(|item| (item, item.line())),
        (Tree::Sequence(_, items), Step::Text(text)) => {
            let item = items.iter().find(|item| matches!(item, Tree::Scalar(leaf) if leaf.text == *text))?;
            Some((item, item.line()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_items_have_their_lines() {
        let lines =
            Lines::of("# what is built\nresources:\n- a.yaml\n- b.yaml\nx: &x\n  y: 1\nPatches: [*x]\n");
        let field = Step::field;
        for (path, line) in [
            (vec![], Some(2)),
            (vec![field("resources")], Some(2)),
            (vec![field("resources"), Step::Item(1)], Some(4)),
            (vec![field("resources"), Step::Text("b.yaml".to_owned())], Some(4)),
            (vec![field("resources"), Step::Text("c.yaml".to_owned())], None),
            (vec![field("resources"), Step::Item(2)], None),
            (vec![field("x"), field("y")], Some(6)),
            (vec![field("patches"), Step::Item(0), field("y")], Some(7)),
            (vec![field("none")], None),
        ] {
            assert_eq!(lines.at(&path), line, "{path:?}");
        }
        assert_eq!(Lines::of("a: [").at(&[]), None);
        assert!(lines.is_flow(&[field("Patches")]) && !lines.is_flow(&[field("resources")]));
    }
}
