//! Reads YAML as `sigs.k8s.io/yaml` does, which all Kubernetes tools use: `0644` is an octal number, `yes` and `on` are bools, also as keys, and of a key that is repeated the last one counts.

use super::BadYaml;
use super::bad::Broken;
use super::number;
use super::parse::Parser;
use super::resolve::Meaning;
use super::resolve::meaning;
use super::scan::Dialect;
use super::scan::Problem;
use super::scan::ScalarStyle;
use super::tree::Leaf;
use super::tree::LeafTag;
use super::tree::Tree;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use std::collections::BTreeMap;

/// The first document of a text, as programs take it that expect one; null when there is none. `origin` is named in errors.
///
/// # Errors
/// It is not YAML, or holds what JSON cannot.
pub fn document(text: &str, origin: &str) -> Result<Value, BadYaml> {
    Ok(read(text, origin, 1)?.into_iter().next().unwrap_or_default())
}

/// The documents of a stream; empty ones are left out. `origin` is named in errors.
///
/// # Errors
/// The first document that is not YAML, or holds what JSON cannot.
pub fn documents(text: &str, origin: &str) -> Result<Vec<Value>, BadYaml> {
    let mut documents = read(text, origin, usize::MAX)?;
    documents.retain(|document| !document.is_null());
    Ok(documents)
}

fn read(text: &str, origin: &str, most: usize) -> Result<Vec<Value>, BadYaml> {
    let syntax = |problem: Problem| BadYaml::syntax(origin, &problem, Dialect::Two, 0);
    let mut parser = Parser::new(text, Dialect::Two).map_err(syntax)?;
    let mut documents = Vec::new();
    while documents.len() < most {
        let Some(tree) = parser.document().map_err(syntax)? else { break };
        documents.push(value(tree).map_err(|refusal| BadYaml::rule(origin, refusal.broken(), 0))?);
    }
    Ok(documents)
}

/// Why a tree has no value.
enum Refusal {
    Broken(Broken),
    /// JSON has no such number: that does not matter where a later field of the same name replaces it.
    NotJson(Broken),
}

impl Refusal {
    fn broken(self) -> Broken {
        match self {
            Self::Broken(broken) | Self::NotJson(broken) => broken,
        }
    }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// The value of a document as it was written.
///
/// # Errors
/// What JSON cannot hold.
pub(super) fn value_of(tree: Tree) -> Result<Value, Broken> {
    value(tree).map_err(Refusal::broken)
}

fn value(tree: Tree) -> Result<Value, Refusal> {
    let line = tree.line();
    Ok(match tree {
        Tree::Alias(tree) => value(*tree)?,
        Tree::Scalar(leaf) => match scalar(leaf)? {
            Scalar::Text(text) => Value::String(text),
            Scalar::Integer(number) => Value::Number(number),
            Scalar::Float(float) => Value::Number(
                Meaning::float(float).map_err(|reason| Refusal::NotJson(Broken { reason, line }))?,
            ),
            Scalar::Bool(flag) => Value::Bool(flag),
            Scalar::Null => Value::Null,
        },
        Tree::Sequence(_, items) => Value::Array(items.into_iter().map(value).collect::<Result<_, _>>()?),
        Tree::Mapping(_, fields) => {
            let mut read = Fields::default();
            mapping(fields, &mut read)?;
            match read.not_json.into_values().next() {
                Some(broken) => return Err(Refusal::NotJson(broken)),
                None => Value::Object(read.map),
            }
        }
    })
}

enum Scalar {
    Text(String),
    Integer(Number),
    Float(f64),
    Bool(bool),
    Null,
}

fn scalar(leaf: Leaf) -> Result<Scalar, Broken> {
    let line = usize::try_from(leaf.line).ok();
    meant(leaf).map_err(|reason| Broken { reason, line })
}

fn meant(leaf: Leaf) -> Result<Scalar, String> {
    let Leaf { text, style, tag, .. } = leaf;
    let resolved = match tag {
        LeafTag::None if style != ScalarStyle::Plain => Meaning::Text,
        LeafTag::None => meaning(&text, Dialect::Two),
        LeafTag::NonSpecific | LeafTag::Text | LeafTag::Merge | LeafTag::Other => Meaning::Text,
        LeafTag::Binary => return Ok(Scalar::Text(decoded(&text)?)),
        tag => tagged(&text, tag, Dialect::Two)?,
    };
    Ok(match resolved {
        Meaning::Null => Scalar::Null,
        Meaning::Bool(flag) => Scalar::Bool(flag),
        Meaning::Integer(number) => Scalar::Integer(number),
        Meaning::Float(float) => Scalar::Float(float),
        Meaning::Text | Meaning::Timestamp => Scalar::Text(text),
    })
}

/// What a text means whose tag says what it is.
///
/// # Errors
/// The text is something else.
pub(super) fn tagged(text: &str, tag: LeafTag, dialect: Dialect) -> Result<Meaning, String> {
    let found = meaning(text, dialect);
    match (&found, tag) {
        (Meaning::Null, LeafTag::Null)
        | (Meaning::Bool(_), LeafTag::Bool)
        | (Meaning::Integer(_), LeafTag::Integer)
        | (Meaning::Float(_), LeafTag::Float)
        | (Meaning::Timestamp, LeafTag::Timestamp) => Ok(found),
        (Meaning::Integer(number), LeafTag::Float) if number.is_i64() => {
            Ok(Meaning::Float(number.as_f64().unwrap_or_default()))
        }
        _ => Err(format!("cannot decode {} `{text}` as a {}", word(&found), tag_word(tag))),
    }
}

fn word(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Null => "!!null",
        Meaning::Bool(_) => "!!bool",
        Meaning::Integer(_) => "!!int",
        Meaning::Float(_) => "!!float",
        Meaning::Timestamp => "!!timestamp",
        Meaning::Text => "!!str",
    }
}

fn tag_word(tag: LeafTag) -> &'static str {
    match tag {
        LeafTag::Null => "!!null",
        LeafTag::Bool => "!!bool",
        LeafTag::Integer => "!!int",
        LeafTag::Float => "!!float",
        LeafTag::Timestamp => "!!timestamp",
        _ => "!!str",
    }
}

/// The text of a `!!binary`; octets that are not UTF-8 become replacement characters.
///
/// # Errors
/// The content is not Base64.
pub(super) fn decoded(text: &str) -> Result<String, String> {
    let bytes = crate::text::from_base64(text);
    let bytes = bytes.ok_or_else(|| "!!binary value contains invalid base64 data".to_owned())?;
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(text)
}

#[derive(Default)]
struct Fields {
    map: Map<String, Value>,
    /// Fields whose value JSON does not have.
    not_json: BTreeMap<String, Broken>,
}

/// Adds fields in their order: what a merge key brings replaces what is before it and is replaced by what follows.
fn mapping(fields: Vec<(Tree, Tree)>, read: &mut Fields) -> Result<(), Refusal> {
    for (key, field) in fields {
        let line = key.line();
        if is_merge(&key) {
            merge(field, line, read)?;
            continue;
        }
        let name = name(key).map_err(|broken| broken.or_in(line))?;
        match value(field) {
            Ok(value) => {
                read.not_json.remove(&name);
                read.map.insert(name, value);
            }
            Err(Refusal::NotJson(broken)) => {
                read.not_json.insert(name, broken);
            }
            Err(broken) => return Err(broken),
        }
    }
    Ok(())
}

pub(super) fn is_merge(key: &Tree) -> bool {
    let Tree::Scalar(leaf) = key else { return false };
    let is_bare = leaf.tag == LeafTag::None && leaf.style == ScalarStyle::Plain;
    leaf.text == "<<" && (is_bare || matches!(leaf.tag, LeafTag::NonSpecific | LeafTag::Merge))
}

fn merge(tree: Tree, line: Option<usize>, read: &mut Fields) -> Result<(), Refusal> {
    match tree {
        Tree::Sequence(_, sources) => {
            sources.into_iter().rev().try_for_each(|source| merge_one(source, line, read))
        }
        source => merge_one(source, line, read),
    }
}

fn merge_one(tree: Tree, line: Option<usize>, read: &mut Fields) -> Result<(), Refusal> {
    let tree = match tree {
        Tree::Alias(tree) => *tree,
        tree => tree,
    };
    match tree {
        Tree::Mapping(_, fields) => mapping(fields, read),
        _ => {
            let reason = "map merge requires map or sequence of maps as the value".to_owned();
            Err(Refusal::Broken(Broken { reason, line }))
        }
    }
}

/// A key: `on` is `true`, `0x10` is `16`.
pub(super) fn name(key: Tree) -> Result<String, Broken> {
    match key {
        Tree::Alias(tree) => name(*tree),
        Tree::Sequence(..) | Tree::Mapping(..) => {
            Err("invalid map key: a mapping or a sequence is a key".to_owned().into())
        }
        Tree::Scalar(leaf) => match scalar(leaf)? {
            Scalar::Text(text) => Ok(text),
            Scalar::Bool(flag) => Ok(flag.to_string()),
            Scalar::Float(float) => Ok(number::key(float)),
            Scalar::Integer(number) if number.is_i64() => Ok(number.to_string()),
            Scalar::Integer(number) => Err(format!("unsupported map key: {number} is too large").into()),
            Scalar::Null => Err("unsupported map key: null".to_owned().into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_are_read_as_go_reads_them() {
        let read = documents("mode: 0644\non: yes\nversion: \"1.10\"\n---\n---\na: 1\n", "x.yaml").unwrap();
        assert_eq!(read, [json!({"mode": 420, "true": true, "version": "1.10"}), json!({"a": 1})]);
    }

    #[test]
    fn keys_are_read_as_values_are_and_then_are_texts() {
        let read = documents("y: 1\n'on': 2\n0x10: 3\n1.5: 4\n1e10: 5\n\"yes\": 7\nNo: {n: y}\n", "x.yaml");
        let wanted = json!({
            "true": 1, "on": 2, "16": 3, "1.5": 4, "1e+10": 5, "yes": 7, "false": {"false": true},
        });
        assert_eq!(read.unwrap(), [wanted]);
        assert!(documents("~: 6\n", "x.yaml").is_err(), "JSON has no such key");
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_merges_have_their_place() {
        let text = "b: &b {x: 1, z: 2}\nc: {x: 3, <<: *b, z: 4}\nd: 1\nd: 2\n";
        let wanted = json!({"b": {"x": 1, "z": 2}, "c": {"x": 1, "z": 4}, "d": 2});
        assert_eq!(document(text, "x.yaml").unwrap(), wanted);
        assert_eq!(document("a: [.nan]\na: 1\n", "x.yaml").unwrap(), json!({"a": 1}));
    }

    #[test]
    fn a_broken_document_names_its_file_and_its_line() {
        for (text, reason) in [
            ("a: [", "line 2, column 1: did not find expected node content"),
            ("a: b\n c: d\n", "line 2, column 3: mapping values are not allowed in this context"),
            ("a:\n\tb: 2\n", "line 2, column 1: found character that cannot start any token"),
            (
                "a: b\nc: \"d\ne: f\n",
                "line 4, column 1: found unexpected end of stream, in what begins at line 2, column 4",
            ),
            ("a: 1\n---\na: [b, *b]\n", "line 3, column 8: unknown anchor 'b' referenced"),
            ("a: 1\nb: .nan\n", "line 2: json: unsupported value: NaN"),
            ("a: !!int x\n", "line 1: cannot decode !!str `x` as a !!int"),
            ("a: 1\n~: 2\n", "line 2: unsupported map key: null"),
            ("a: 1\n<<: 2\n", "line 2: map merge requires map or sequence of maps as the value"),
            ("a: \u{1}\n", "control characters are not allowed"),
        ] {
            let error = documents(text, "deploy.yaml").unwrap_err().to_string();
            assert_eq!(error, format!("deploy.yaml: not valid YAML: {reason}"));
        }
    }

    #[test]
    fn what_follows_the_first_document_is_read_only_where_a_stream_is_expected() {
        let text = "a: 1\n---\nb: [\n";
        assert_eq!(document(text, "x.yaml").unwrap(), json!({"a": 1}));
        assert!(documents(text, "x.yaml").is_err());
        assert_eq!(document("# nothing\n", "x.yaml").unwrap(), Value::Null);
    }
}
