//! Reads a stream of documents into nodes; anchors are resolved, merge keys are merged.

use super::BadYaml;
use super::Node;
use super::Scalar;
use super::Tag;
use base64::Engine;
use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use std::collections::HashMap;

/// More nodes than this come from aliases of aliases only.
const MOST_NODES: usize = 1_000_000;

/// The documents of a stream, nulls among them left out. `origin` is named in errors.
///
/// # Errors
/// A document that is not YAML, a separator with text behind it, an alias of nothing, a merge of something that is no mapping.
pub fn nodes(text: &str, origin: &str) -> Result<Vec<Node>, BadYaml> {
    let bad = |reason: String| BadYaml { origin: origin.to_owned(), reason };
    let text = text.replace("\r\n", "\n");
    let mut found = Vec::new();
    for document in split(&text).map_err(bad)? {
        match first_document(document).map_err(bad)? {
            Some(node) if !node.is_null() => found.push(node),
            _ => {}
        }
    }
    Ok(found)
}

/// The texts between lines that begin with `---`.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let mut documents = Vec::new();
    let (mut start, mut search) = (0, 0);
    while let Some(at) = text[search..].find("\n---").map(|at| search + at) {
        let Some(end) = text[at + 1..].find('\n').map(|end| at + 1 + end) else { break };
        let rest = text[at + 4..end].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(format!("invalid document separator: {}", text[at + 1..end].trim()));
        }
        documents.push(&text[start..=at]);
        start = end + 1;
        search = start;
    }
    documents.push(&text[start..]);
    Ok(documents)
}

#[derive(Default)]
struct Reader {
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

fn first_document(text: &str) -> Result<Option<Node>, String> {
    let mut reader = Reader::default();
    let mut options = granit_parser::Options::default();
    options.emit_comments = false;
    let mut parser = Parser::new_from_str_with_options(text, options);
    loop {
        match next(&mut parser)? {
            Event::DocumentStart(..) => {
                let event = next(&mut parser)?;
                return reader.node(event, &mut parser, 0).map(Some);
            }
            Event::StreamEnd => return Ok(None),
            _ => {}
        }
    }
}

type Source<'a> = Parser<'a, granit_parser::StrInput<'a>>;

/// The next event; a field that was left empty is an empty text.
fn next<'a>(parser: &mut Source<'a>) -> Result<Event<'a>, String> {
    match parser.next_event() {
        Some(Ok((Event::Scalar(_, ScalarStyle::Plain, anchor, tag), span)))
            if span.start.index() == span.end.index() =>
        {
            Ok(Event::Scalar("".into(), ScalarStyle::Plain, anchor, tag))
        }
        Some(Ok((event, _))) => Ok(event),
        Some(Err(error)) => Err(error.to_string()),
        None => Ok(Event::StreamEnd),
    }
}

impl Reader {
    fn node<'a>(&mut self, event: Event<'a>, parser: &mut Source<'a>, depth: usize) -> Result<Node, String> {
        self.nodes += 1;
        if depth > 500 || self.nodes > MOST_NODES {
            return Err("the document is too deep or too large".to_owned());
        }
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err("an alias refers to a node that is not finished".to_owned());
                };
                self.nodes += size(&node);
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map(granit_parser::Tag::original).unwrap_or_default();
                // A tag that is written out counts more than quotes.
                let quoted = style != ScalarStyle::Plain && tag.is_empty();
                let text = if tag == "!!binary" { decoded(&text)? } else { text.into_owned() };
                (anchor, Node::Scalar(Scalar { text, tag: tag_of(&tag), quoted }))
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match next(parser)? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event, parser, depth + 1)?),
                    }
                }
                (anchor, Node::Sequence(items))
            }
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(parser, depth)?),
            _ => return Err("a node was expected".to_owned()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn mapping<'a>(&mut self, parser: &mut Source<'a>, depth: usize) -> Result<Node, String> {
        let mut fields = Vec::new();
        let mut merged = None;
        loop {
            let key = match next(parser)? {
                Event::MappingEnd => break,
                event => self.node(event, parser, depth + 1)?,
            };
            let event = next(parser)?;
            let value = self.node(event, parser, depth + 1)?;
            let Node::Scalar(key) = key else { return Err("a key that is no scalar".to_owned()) };
            if key.text == "<<" && !key.quoted {
                if merged.replace(value).is_some() {
                    return Err("two merge keys in one mapping".to_owned());
                }
                continue;
            }
            // A quoted one is lost in kustomize, too.
            if key.text == "<<" {
                continue;
            }
            if !key.is_string() && !key.text.is_empty() {
                return Err(format!("the key \"{}\" is no string", key.text));
            }
            fields.push((key.text, value));
        }
        let mut mapping = Node::Mapping(Vec::new());
        if let Some(merged) = merged {
            for source in merge_sources(merged)? {
                overlay(&mut mapping, source)?;
            }
            overlay(&mut mapping, Node::Mapping(fields))?;
            return Ok(mapping);
        }
        Ok(Node::Mapping(fields))
    }
}

/// What a merge key names, the weakest first.
fn merge_sources(value: Node) -> Result<Vec<Node>, String> {
    match value {
        Node::Mapping(_) => Ok(vec![value]),
        Node::Sequence(items) => {
            let mut sources = Vec::new();
            for item in items.into_iter().rev() {
                match item {
                    Node::Mapping(_) => sources.push(item),
                    _ => return Err("a merge of something that is no mapping".to_owned()),
                }
            }
            Ok(sources)
        }
        Node::Scalar(_) => Err("a merge of something that is no mapping".to_owned()),
    }
}

fn overlay(mapping: &mut Node, source: Node) -> Result<(), String> {
    let Node::Mapping(fields) = source else {
        return Err("a merge of something that is no mapping".to_owned());
    };
    for (key, value) in fields {
        mapping.set(&key, value);
    }
    Ok(())
}

fn size(node: &Node) -> usize {
    match node {
        Node::Scalar(_) => 1,
        Node::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Node::Mapping(fields) => 1 + fields.iter().map(|(_, node)| size(node)).sum::<usize>(),
    }
}

/// The text of a `!!binary`.
fn decoded(text: &str) -> Result<String, String> {
    let packed: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed);
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| "a !!binary that is no Base64 of a text".to_owned())
}

fn tag_of(tag: &str) -> Tag {
    if tag.is_empty() {
        return Tag::Implicit;
    }
    match tag.trim_start_matches("tag:yaml.org,2002:").trim_start_matches('!') {
        "int" => Tag::Integer,
        "float" => Tag::Float,
        "bool" => Tag::Bool,
        "null" => Tag::Null,
        _ => Tag::Text,
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
        assert!(nodes("a: 1\n--- b\nc: 2\n", "x").unwrap_err().to_string().contains("separator"));
        assert!(nodes("a: [", "f.yaml").unwrap_err().to_string().starts_with("f.yaml:"));
    }
}
