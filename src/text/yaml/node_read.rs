//! Reads a stream of documents into nodes; anchors are resolved, merge keys are merged.

use super::BadYaml;
use super::Form;
use super::Node;
use super::Scalar;
use super::Tag;
use super::bad::Broken;
use super::parse::Parser;
use super::read::decoded;
use super::read::tagged;
use super::scan::Dialect;
use super::scan::ScalarStyle;
use super::timestamp;
use super::tree::Layout;
use super::tree::Leaf;
use super::tree::LeafTag;
use super::tree::Tree;
use super::twins::Twin;

/// The documents of a stream, nulls among them left out. `origin` is named in errors.
///
/// # Errors
/// A document that is not YAML, a separator with text behind it, an alias of nothing, a merge of something that is not a mapping.
pub fn nodes(text: &str, origin: &str) -> Result<Vec<Node>, BadYaml> {
    Ok(nodes_with_lines(text, origin)?.into_iter().map(|(_, node)| node).collect())
}

/// The same, each with the line of the text where it begins, counted from one.
///
/// # Errors
/// As [`nodes`].
pub fn nodes_with_lines(text: &str, origin: &str) -> Result<Vec<(usize, Node)>, BadYaml> {
    let text = text.replace("\r\n", "\n");
    let mut found = Vec::new();
    for Document { text, before } in split(&text, origin)? {
        if let Some(tree) = first_document(text, origin, before)? {
            let line = tree.line().unwrap_or(1) + before;
            let node = top(tree).map_err(|broken| BadYaml::rule(origin, broken, before))?;
            if !node.is_null() {
                found.push((line, node));
            }
        }
    }
    Ok(found)
}

/// One of several documents, and how many lines there are before it.
struct Document<'a> {
    text: &'a str,
    before: usize,
}

/// The texts between lines that begin with `---`.
fn split<'a>(text: &'a str, origin: &str) -> Result<Vec<Document<'a>>, BadYaml> {
    let mut documents = Vec::new();
    let (mut start, mut before) = (0, 0);
    while let Some(at) = text[start..].find("\n---").map(|at| start + at) {
        let Some(end) = text[at + 1..].find('\n').map(|end| at + 1 + end) else { break };
        let document = &text[start..=at];
        let after = before + document.matches('\n').count() + 1;
        let rest = text[at + 4..end].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let reason = format!("invalid document separator: {}", text[at + 1..end].trim());
            return Err(BadYaml::rule(origin, Broken { reason, line: Some(after) }, 0));
        }
        documents.push(Document { text: document, before });
        (start, before) = (end + 1, after);
    }
    documents.push(Document { text: &text[start..], before });
    Ok(documents)
}

fn first_document(text: &str, origin: &str, before: usize) -> Result<Option<Tree>, BadYaml> {
    let tree = Parser::new(text, Dialect::Three).and_then(|mut parser| parser.document());
    tree.map_err(|problem| BadYaml::syntax(origin, &problem, Dialect::Three, before))
}

fn top(tree: Tree) -> Result<Node, Broken> {
    match tree {
        // The keys of an object itself are texts whatever they look like.
        Tree::Mapping(layout, fields) => mapping(fields, layout, true),
        tree => node(tree, Layout::Block),
    }
}

/// A node whose place is written in this layout: kustomize writes what an alias or a merge stands for there before it reads it again.
fn node(tree: Tree, place: Layout) -> Result<Node, Broken> {
    match tree {
        Tree::Alias(tree) => node(*tree, place),
        Tree::Scalar(leaf) => {
            let line = usize::try_from(leaf.line).ok();
            let read = scalar(leaf, place).map_err(|reason| Broken { reason, line });
            Ok(Node::Scalar(read?))
        }
        Tree::Sequence(layout, items) => {
            let items = items.into_iter().map(|item| node(item, layout.within(place)));
            Ok(Node::Sequence(items.collect::<Result<_, _>>()?))
        }
        Tree::Mapping(layout, fields) => mapping(fields, layout.within(place), false),
    }
}

fn scalar(leaf: Leaf, place: Layout) -> Result<Scalar, String> {
    let Leaf { text, style, tag, .. } = leaf;
    let in_flow = place == Layout::Flow;
    let form = match style {
        ScalarStyle::Folded | ScalarStyle::Literal if in_flow => Form::Quoted,
        ScalarStyle::Folded => Form::Folded,
        ScalarStyle::Literal => Form::Literal,
        ScalarStyle::Single | ScalarStyle::Double => Form::Quoted,
        ScalarStyle::Plain if in_flow && text.is_empty() => Form::EmptyInFlow,
        // A colon there makes kustomize write quotes: the time becomes a text.
        ScalarStyle::Plain if in_flow && text.contains(':') && timestamp::parse(&text).is_some() => {
            Form::Quoted
        }
        ScalarStyle::Plain => Form::Plain,
    };
    let written = match tag {
        LeafTag::None | LeafTag::NonSpecific => {
            return Ok(Scalar { text, tag: Tag::Implicit, form, twin: Twin::default() });
        }
        LeafTag::Timestamp => Tag::Implicit,
        LeafTag::Integer => Tag::Integer,
        LeafTag::Float => Tag::Float,
        LeafTag::Bool => Tag::Bool,
        LeafTag::Null => Tag::Null,
        _ => Tag::Text,
    };
    if tag == LeafTag::Timestamp {
        tagged(&text, tag, Dialect::Three)?;
    }
    let text = if tag == LeafTag::Binary { decoded(&text)? } else { text };
    // A tag that is written out counts more than quotes.
    let is_block = matches!(form, Form::Literal | Form::Folded);
    let form = if is_block && written == Tag::Text { form } else { Form::Plain };
    Ok(Scalar { text, tag: written, form, twin: Twin::default() })
}

/// A mapping. kustomize sets the fields of what a merge key names beside its own; a merge key among those stays, and is followed by those who
/// read what kustomize writes.
fn mapping(read: Vec<(Tree, Tree)>, place: Layout, takes_all_keys: bool) -> Result<Node, Broken> {
    let Fields { own, merge } = fields(read, place, takes_all_keys)?;
    let Some(merge) = merge else { return Ok(Node::Mapping(own)) };
    let mut mapping = Node::Mapping(own.clone());
    let mut left = None;
    for source in sources(merge)? {
        let Fields { own, merge } = fields(source.fields, place, takes_all_keys)?;
        own.into_iter().for_each(|(key, value)| mapping.set(&key, value));
        left = merge.or(left);
    }
    own.into_iter().for_each(|(key, value)| mapping.set(&key, value));
    let left = left.map(sources).transpose()?.unwrap_or_default();
    for Source { fields, layout } in left.into_iter().rev() {
        let Node::Mapping(more) = self::mapping(fields, layout.within(place), false)? else { continue };
        for (key, value) in more {
            if mapping.get(&key).is_none() {
                mapping.set(&key, value);
            }
        }
    }
    Ok(mapping)
}

struct Fields {
    own: Vec<(String, Node)>,
    /// What a merge key names.
    merge: Option<Tree>,
}

/// The fields of a mapping that is written in this layout.
fn fields(read: Vec<(Tree, Tree)>, place: Layout, takes_all_keys: bool) -> Result<Fields, Broken> {
    let mut fields = Fields { own: Vec::new(), merge: None };
    for (key, value) in read {
        let line = key.line();
        let broken = |reason: String| Broken { reason, line };
        let has_own_tag = matches!(&key, Tree::Scalar(leaf) if leaf.tag == LeafTag::Other);
        let Node::Scalar(key) = node(key, place)? else {
            return Err(broken("a key that is not a scalar".to_owned()));
        };
        if key.text == "<<" && key.form == Form::Plain {
            if fields.merge.replace(value).is_some() {
                return Err(broken("duplicate merge key".to_owned()));
            }
            continue;
        }
        // A quoted one is lost in kustomize, too.
        if key.text == "<<" {
            continue;
        }
        let is_time = key.form == Form::Plain && timestamp::parse(&key.text).is_some();
        let is_text = key.is_string() && !is_time && !has_own_tag || takes_all_keys && !key.is_null();
        if !is_text && !key.text.is_empty() {
            return Err(broken(format!("the key \"{}\" is not a string", key.text)));
        }
        fields.own.push((key.text, node(value, place)?));
    }
    Ok(fields)
}

/// A mapping that is merged into another one.
struct Source {
    layout: Layout,
    fields: Vec<(Tree, Tree)>,
}

/// What a merge key names, the weakest first.
fn sources(tree: Tree) -> Result<Vec<Source>, Broken> {
    match tree {
        Tree::Sequence(layout, items) => {
            let of =
                |item| source(item).map(|source| Source { layout: source.layout.within(layout), ..source });
            items.into_iter().rev().map(of).collect()
        }
        tree => Ok(vec![source(tree)?]),
    }
}

fn source(tree: Tree) -> Result<Source, Broken> {
    match tree {
        Tree::Alias(tree) => source(*tree),
        Tree::Mapping(layout, fields) => Ok(Source { layout, fields }),
        tree => {
            let reason = "a merge of something that is not a mapping".to_owned();
            Err(Broken { reason, line: tree.line() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn anchors_merges_and_separators_are_resolved() {
        let text = "base: &b {a: 1, b: 2}\nuse: {<<: *b, b: 3}\nagain: *b\n--- # second\nx: yes\r\n---\n";
        let read: Vec<_> = nodes(text, "x").unwrap().iter().map(|node| node.to_value().unwrap()).collect();
        assert_eq!(
            read,
            [
                json!({"base": {"a": 1, "b": 2}, "use": {"a": 1, "b": 3}, "again": {"a": 1, "b": 2}}),
                json!({"x": "yes"}),
            ]
        );
        let tagged = nodes("a: !!str 1\nb: !!binary aGk=\nc: !!int \"7\"\nd: {\"<<\": x}\n", "x").unwrap();
        assert_eq!(tagged[0].to_value().unwrap(), json!({"a": "1", "b": "hi", "c": 7, "d": {}}));
    }

    #[test]
    fn what_is_wrong_has_its_line_in_the_whole_text() {
        let second = |text: &str| format!("# one\na: 1\n---\n\n{text}");
        let found = nodes_with_lines(&second("# two\nb: 1\n"), "x").unwrap();
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 6]);
        for (text, wanted) in [
            ("b: [\n", "line 6, column 1: did not find expected node content"),
            (
                "b: \"c\n",
                "line 6, column 1: found unexpected end of stream, in what begins at line 5, column 4",
            ),
            ("b: *c\n", "line 5, column 4: unknown anchor 'c' referenced"),
            ("b: 1\nc:\n  1: d\n", "line 7: the key \"1\" is not a string"),
            ("b:\n- !!int x\n- !!binary '+'\n", "line 7: !!binary value contains invalid base64 data"),
            ("b: 1\n--- c\nd: 2\n", "line 6: invalid document separator: --- c"),
        ] {
            let error = nodes(&second(text), "f.yaml").unwrap_err().to_string();
            assert_eq!(error, format!("f.yaml: not valid YAML: {wanted}"));
        }
    }
}
