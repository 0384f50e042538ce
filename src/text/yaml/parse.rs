//! From tokens to trees, as libyaml's parser and Go's composer behind it do it. Aliases are replaced by what they stand for.

mod directives;

use super::place::Places;
use super::scan::Dialect;
use super::scan::Mark;
use super::scan::Problem;
use super::scan::ScalarStyle;
use super::scan::Scanner;
use super::scan::Token;
use super::scan::TokenKind;
use super::tree::Layout;
use super::tree::Leaf;
use super::tree::LeafTag;
use super::tree::Tree;
use std::collections::HashMap;

/// Collections inside of collections.
const DEEPEST: usize = 500;
/// So many bytes of stack are there for every level, on whatever thread a document is read; more are taken as they are needed.
const STACK_OF_A_LEVEL: usize = 128 << 10;
const MORE_STACK: usize = 1 << 20;

pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    is_first: bool,
    handles: Vec<(String, String)>,
    /// What anchors stand for; `None` while their node is being read.
    anchors: HashMap<String, Option<Anchored>>,
    depth: usize,
    nodes: usize,
    nodes_of_aliases: usize,
    places: Places,
}

struct Anchored {
    tree: Tree,
    nodes: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// # Errors
    /// Characters that YAML does not have.
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Result<Self, Problem> {
        if Scanner::has_control(text) {
            return Err(Problem::document("control characters are not allowed"));
        }
        Ok(Self {
            scanner: Scanner::new(text, dialect),
            is_first: true,
            handles: Vec::new(),
            anchors: HashMap::new(),
            depth: 0,
            nodes: 0,
            nodes_of_aliases: 0,
            places: Places::default(),
        })
    }

    /// Where the nodes of the document read last are, in the order in which they begin, and where the document itself does. Nothing is noted
    /// before this is called for the first time.
    pub(super) fn places(&mut self) -> Places {
        std::mem::replace(&mut self.places, Places::noting())
    }

    /// Where the comments are that were passed.
    pub(super) fn comments(&self) -> &[Mark] {
        &self.scanner.comments
    }

    /// Takes the next token.
    fn take(&mut self) -> Result<Token, Problem> {
        let token = self.scanner.next()?;
        self.places.pass(&token);
        Ok(token)
    }

    /// The next document of the stream.
    pub(super) fn document(&mut self) -> Result<Option<Tree>, Problem> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        while !is_first && self.next_is(&TokenKind::DocumentEnd)? {
            self.take()?;
        }
        let explicit = |kind: &TokenKind| {
            matches!(
                kind,
                TokenKind::Version { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart
            )
        };
        if self.next_is(&TokenKind::StreamEnd)? {
            return Ok(None);
        }
        let is_implicit = is_first && !explicit(&self.scanner.peek()?.kind);
        if !is_implicit {
            self.places.document = self.scanner.peek()?.start.index;
        }
        self.directives()?;
        if !is_implicit {
            let token = self.take()?;
            if token.kind != TokenKind::DocumentStart {
                return Err(self.unexpected("did not find expected <document start>", None, token.start));
            }
        }
        let next = &self.scanner.peek()?.kind;
        let is_empty = explicit(next) || matches!(next, TokenKind::DocumentEnd | TokenKind::StreamEnd);
        let tree = if is_empty && !is_implicit {
            self.places.empty();
            leaf(String::new(), ScalarStyle::Plain, "", Mark::default())
        } else {
            self.node(Context::Block)?
        };
        if self.next_is(&TokenKind::DocumentEnd)? {
            self.take()?;
        }
        self.handles.clear();
        self.anchors.clear();
        Ok(Some(tree))
    }

    pub(super) fn next_is(&mut self, kind: &TokenKind) -> Result<bool, Problem> {
        Ok(self.scanner.peek()?.kind == *kind)
    }

    fn next_is_any(&mut self, kinds: &[TokenKind]) -> Result<bool, Problem> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    fn unexpected(&self, text: &str, context: Option<Mark>, place: Mark) -> Problem {
        Problem::parser(text, context.unwrap_or_default(), place)
    }

    fn node(&mut self, context: Context) -> Result<Tree, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(too_deep(self.scanner.peek()?.start));
        }
        let place = self.places.open(self.scanner.peek()?.start);
        let tree = stacker::maybe_grow(STACK_OF_A_LEVEL, MORE_STACK, || self.shallow_node(context));
        self.places.close(place);
        self.depth -= 1;
        tree
    }

    fn shallow_node(&mut self, context: Context) -> Result<Tree, Problem> {
        self.nodes += 1;
        let start = self.scanner.peek()?.start;
        if let TokenKind::Alias(_) = self.scanner.peek()?.kind
            && let TokenKind::Alias(name) = self.take()?.kind
        {
            return self.alias(&name, start);
        }
        let (anchor, tag) = self.properties()?;
        if let Some(anchor) = &anchor {
            self.anchors.insert(anchor.clone(), None);
        }
        let is_bare = anchor.is_none() && tag.is_empty();
        let next = self.scanner.peek()?;
        let tree = match (&next.kind, context) {
            (TokenKind::BlockEntry, Context::BlockOrIndentless) => self.indentless_sequence()?,
            (TokenKind::Scalar { .. }, _) => self.scalar(&tag)?,
            (TokenKind::FlowSequenceStart, _) => self.flow_sequence()?,
            (TokenKind::FlowMappingStart, _) => self.flow_mapping()?,
            (TokenKind::BlockSequenceStart, Context::Block | Context::BlockOrIndentless) => {
                self.block_sequence()?
            }
            (TokenKind::BlockMappingStart, Context::Block | Context::BlockOrIndentless) => {
                self.block_mapping()?
            }
            _ if is_bare => {
                let place = next.start;
                return Err(self.unexpected("did not find expected node content", Some(start), place));
            }
            _ => leaf(String::new(), ScalarStyle::Plain, &tag, start),
        };
        if let Some(anchor) = anchor {
            let (nodes, depth) = tree.measure();
            self.anchors.insert(anchor, Some(Anchored { tree: tree.clone(), nodes, depth }));
        }
        Ok(tree)
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Result<(Option<String>, String), Problem> {
        let (mut anchor, mut tag) = (None, None);
        let start = self.scanner.peek()?.start;
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if anchor.is_none() => anchor = Some(self.take()?.kind),
                TokenKind::Tag { .. } if tag.is_none() => tag = Some(self.take()?),
                _ => break,
            }
        }
        let anchor = match anchor {
            Some(TokenKind::Anchor(name)) => Some(name),
            _ => None,
        };
        let Some(Token { kind: TokenKind::Tag { handle, suffix }, start: place, .. }) = tag else {
            return Ok((anchor, String::new()));
        };
        if handle.is_empty() {
            return Ok((anchor, suffix));
        }
        let prefix = self.handles.iter().find(|(known, _)| *known == handle).map(|(_, prefix)| prefix);
        match prefix {
            Some(prefix) => Ok((anchor, format!("{prefix}{suffix}"))),
            None => Err(self.unexpected("found undefined tag handle", Some(start), place)),
        }
    }

    fn scalar(&mut self, tag: &str) -> Result<Tree, Problem> {
        let token = self.take()?;
        match token.kind {
            TokenKind::Scalar { text, style } => Ok(leaf(text, style, tag, token.start)),
            _ => Err(Problem::document("a scalar was expected")),
        }
    }

    /// A copy of what the anchor stands for. Documents that consist of little else are refused, as they may grow beyond all bounds.
    fn alias(&mut self, name: &str, place: Mark) -> Result<Tree, Problem> {
        let anchored = match self.anchors.get(name) {
            None => return Err(Problem::rule(format!("unknown anchor '{name}' referenced"), place)),
            Some(None) => return Err(Problem::rule(format!("anchor '{name}' value contains itself"), place)),
            Some(Some(anchored)) => anchored,
        };
        if self.depth + anchored.depth > DEEPEST {
            return Err(too_deep(place));
        }
        self.nodes += anchored.nodes;
        self.nodes_of_aliases += anchored.nodes;
        #[expect(clippy::cast_precision_loss, reason = "a share of a number of nodes need not be exact")]
        let (all, of_aliases) = (self.nodes as f64, self.nodes_of_aliases as f64);
        // 99 % may come of aliases in small documents, 10 % in large ones.
        let allowed = 0.99 - 0.89 * ((all - 400_000.0) / 3_600_000.0).clamp(0.0, 1.0);
        if self.nodes_of_aliases > 100 && self.nodes > 1000 && of_aliases / all > allowed {
            return Err(Problem::rule("document contains excessive aliasing", place));
        }
        Ok(Tree::Alias(Box::new(anchored.tree.clone())))
    }

    fn indentless_sequence(&mut self) -> Result<Tree, Problem> {
        let mut items = Vec::new();
        while self.next_is(&TokenKind::BlockEntry)? {
            self.take()?;
            let ends = [TokenKind::BlockEntry, TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
            items.push(self.node_unless(&ends, Context::Block)?);
        }
        Ok(Tree::Sequence(Layout::Block, items))
    }

    fn block_sequence(&mut self) -> Result<Tree, Problem> {
        let start = self.take()?.start;
        let mut items = Vec::new();
        loop {
            let token = self.take()?;
            match token.kind {
                TokenKind::BlockEntry => {
                    let ends = [TokenKind::BlockEntry, TokenKind::BlockEnd];
                    items.push(self.node_unless(&ends, Context::Block)?);
                }
                TokenKind::BlockEnd => return Ok(Tree::Sequence(Layout::Block, items)),
                _ => {
                    let text = "did not find expected '-' indicator";
                    return Err(self.unexpected(text, Some(start), token.start));
                }
            }
        }
    }

    fn block_mapping(&mut self) -> Result<Tree, Problem> {
        let start = self.take()?.start;
        let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        let mut fields = Vec::new();
        loop {
            let token = self.take()?;
            match token.kind {
                TokenKind::Key => {
                    let key = self.node_unless(&ends, Context::BlockOrIndentless)?;
                    let value = if self.next_is(&TokenKind::Value)? {
                        self.take()?;
                        self.node_unless(&ends, Context::BlockOrIndentless)?
                    } else {
                        self.empty()
                    };
                    fields.push((key, value));
                }
                TokenKind::BlockEnd => return Ok(Tree::Mapping(Layout::Block, fields)),
                _ => return Err(self.unexpected("did not find expected key", Some(start), token.start)),
            }
        }
    }

    fn flow_sequence(&mut self) -> Result<Tree, Problem> {
        let start = self.take()?.start;
        let mut items = Vec::new();
        while !self.next_is(&TokenKind::FlowSequenceEnd)? {
            if !items.is_empty() {
                self.flow_entry(start, "did not find expected ',' or ']'")?;
            }
            if self.next_is(&TokenKind::Key)? {
                self.take()?;
                items.push(self.pair_in_flow()?);
            } else if !self.next_is(&TokenKind::FlowSequenceEnd)? {
                items.push(self.node(Context::Flow)?);
            }
        }
        self.take()?;
        Ok(Tree::Sequence(Layout::Flow, items))
    }

    /// `[a: b]` is a sequence with a mapping in it.
    fn pair_in_flow(&mut self) -> Result<Tree, Problem> {
        let place = self.places.open(self.scanner.peek()?.start);
        let ends = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
        let key = if self.next_is_any(&ends)? {
            // The token behind an empty key is lost in libyaml, too.
            self.take()?;
            self.empty()
        } else {
            self.node(Context::Flow)?
        };
        let value = self.flow_value(&[TokenKind::FlowEntry, TokenKind::FlowSequenceEnd])?;
        self.places.close(place);
        Ok(Tree::Mapping(Layout::Flow, vec![(key, value)]))
    }

    fn flow_mapping(&mut self) -> Result<Tree, Problem> {
        let start = self.take()?.start;
        let mut fields = Vec::new();
        while !self.next_is(&TokenKind::FlowMappingEnd)? {
            if !fields.is_empty() {
                self.flow_entry(start, "did not find expected ',' or '}'")?;
            }
            if self.next_is(&TokenKind::Key)? {
                self.take()?;
                let ends = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
                let key = self.node_unless(&ends, Context::Flow)?;
                let value = self.flow_value(&[TokenKind::FlowEntry, TokenKind::FlowMappingEnd])?;
                fields.push((key, value));
            } else if !self.next_is(&TokenKind::FlowMappingEnd)? {
                let key = self.node(Context::Flow)?;
                fields.push((key, self.empty()));
            }
        }
        self.take()?;
        Ok(Tree::Mapping(Layout::Flow, fields))
    }

    fn flow_entry(&mut self, start: Mark, otherwise: &str) -> Result<(), Problem> {
        let token = self.take()?;
        if token.kind == TokenKind::FlowEntry {
            return Ok(());
        }
        Err(self.unexpected(otherwise, Some(start), token.start))
    }

    fn flow_value(&mut self, ends: &[TokenKind]) -> Result<Tree, Problem> {
        if !self.next_is(&TokenKind::Value)? {
            return Ok(self.empty());
        }
        self.take()?;
        self.node_unless(ends, Context::Flow)
    }

    fn node_unless(&mut self, ends: &[TokenKind], context: Context) -> Result<Tree, Problem> {
        if self.next_is_any(ends)? { Ok(self.empty()) } else { self.node(context) }
    }

    fn empty(&mut self) -> Tree {
        self.nodes += 1;
        self.places.empty();
        Tree::Scalar(Leaf { text: String::new(), style: ScalarStyle::Plain, tag: LeafTag::None, line: 0 })
    }
}

fn leaf(text: String, style: ScalarStyle, tag: &str, start: Mark) -> Tree {
    let line = u32::try_from(start.line + 1).unwrap_or_default();
    Tree::Scalar(Leaf { text, style, tag: LeafTag::of(tag), line })
}

fn too_deep(place: Mark) -> Problem {
    Problem::rule(format!("the document is nested deeper than {DEEPEST} levels"), place)
}

/// Where a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Flow,
    Block,
    /// The value of a key, which may be a sequence that is not indented.
    BlockOrIndentless,
}
