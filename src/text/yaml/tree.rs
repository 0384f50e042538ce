//! A document as it was written: what both readers make their values of.

use super::scan::ScalarStyle;

const CORE: &str = "tag:yaml.org,2002:";

#[derive(Debug, Clone)]
pub(super) enum Tree {
    Scalar(Leaf),
    Sequence(Layout, Vec<Tree>),
    Mapping(Layout, Vec<(Tree, Tree)>),
    /// What an alias stands for.
    Alias(Box<Tree>),
}

/// How a collection is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Block,
    /// In `[]` or `{}`.
    Flow,
}

impl Layout {
    /// How what has this layout is written inside of this one.
    pub(super) fn within(self, outer: Self) -> Self {
        if outer == Self::Flow { Self::Flow } else { self }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub text: String,
    pub style: ScalarStyle,
    pub tag: LeafTag,
    /// Counted from one; zero for what is not written.
    pub line: u32,
}

/// The tag that a scalar was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeafTag {
    None,
    /// `!`.
    NonSpecific,
    Text,
    Bool,
    Integer,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    Other,
}

impl LeafTag {
    pub(super) fn of(tag: &str) -> Self {
        match (tag, tag.strip_prefix(CORE)) {
            ("", _) => Self::None,
            ("!", _) => Self::NonSpecific,
            (_, Some("str")) => Self::Text,
            (_, Some("bool")) => Self::Bool,
            (_, Some("int")) => Self::Integer,
            (_, Some("float")) => Self::Float,
            (_, Some("null")) => Self::Null,
            (_, Some("timestamp")) => Self::Timestamp,
            (_, Some("binary")) => Self::Binary,
            (_, Some("merge")) => Self::Merge,
            _ => Self::Other,
        }
    }
}

impl Tree {
    /// The line where it begins, counted from one. That of an empty collection is not known, nor that of an alias.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Scalar(leaf) => usize::try_from(leaf.line).ok().filter(|line| *line > 0),
            Self::Sequence(_, items) => items.first()?.line(),
            Self::Mapping(_, fields) => fields.first()?.0.line(),
            Self::Alias(_) => None,
        }
    }

    /// How many nodes there are, and how deep they are nested.
    pub(super) fn measure(&self) -> (usize, usize) {
        let below = |trees: &mut dyn Iterator<Item = &Tree>| {
            trees
                .map(Self::measure)
                .fold((1, 1), |(nodes, depth), (more, deeper)| (nodes + more, depth.max(deeper + 1)))
        };
        match self {
            Self::Scalar(_) => (1, 1),
            Self::Sequence(_, items) => below(&mut items.iter()),
            Self::Mapping(_, fields) => below(&mut fields.iter().flat_map(|(key, value)| [key, value])),
            Self::Alias(tree) => below(&mut std::iter::once(tree.as_ref())),
        }
    }
}
