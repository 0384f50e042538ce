//! A YAML document as a tree that keeps the text of its scalars: what kustomize works on.

use super::fold::refolded;
use super::number;
use super::read::tagged;
use super::resolve::Meaning;
use super::resolve::meaning;
use super::scan::Dialect;
use super::style::Shape;
use super::timestamp;
use super::tree::LeafTag;
use super::twins::Twin;
use serde_json::Map;
use serde_json::Value;

/// A node; mappings keep the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<(String, Node)>),
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    pub tag: Tag,
    pub form: Form,
    pub twin: Twin,
}

/// How a scalar was written. kustomize writes it so again at the end of a build and reads that, which not all texts survive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Plain,
    Quoted,
    Literal,
    Folded,
    /// Left empty inside of `[]` or `{}`, where kustomize writes the empty text.
    EmptyInFlow,
}

/// What a scalar is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Whatever its text looks like, when it is not quoted.
    Implicit,
    /// Nothing yet: a text, until it is written and read again.
    Unset,
    Text,
    Integer,
    Float,
    Bool,
    Null,
}

impl Node {
    /// A string, whatever it looks like.
    pub fn text(text: impl Into<String>) -> Self {
        Self::plain(text, Tag::Text)
    }

    /// A null that was left empty.
    pub fn null() -> Self {
        Self::plain("", Tag::Null)
    }

    /// A scalar without quotes.
    pub fn plain(text: impl Into<String>, tag: Tag) -> Self {
        Self::Scalar(Scalar { text: text.into(), tag, form: Form::Plain, twin: Twin::default() })
    }

    pub fn empty_mapping() -> Self {
        Self::Mapping(Vec::new())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.is_null())
    }

    /// Whether it is a timestamp.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.is_time())
    }

    /// Null, an empty mapping or an empty sequence.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Scalar(scalar) => scalar.is_null(),
            Self::Sequence(items) => items.is_empty(),
            Self::Mapping(fields) => fields.is_empty(),
        }
    }

    /// The text of a scalar; empty for everything else.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Scalar(scalar) => &scalar.text,
            _ => "",
        }
    }

    /// The field of a mapping.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Self::Mapping(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The field of a mapping, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        match self {
            Self::Mapping(fields) => fields.iter_mut().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The node below these fields.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The text below these fields; empty when there is none.
    pub fn text_at(&self, path: &[&str]) -> &str {
        self.at(path).map_or("", Node::as_text)
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Node] {
        match self {
            Self::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Sets or adds a field; a node that is not a mapping becomes one.
    pub fn set(&mut self, name: &str, value: Node) {
        if let Some(present) = self.get_mut(name) {
            *present = value;
            return;
        }
        if !matches!(self, Self::Mapping(_)) {
            *self = Self::empty_mapping();
        }
        if let Self::Mapping(fields) = self {
            fields.push((name.to_owned(), value));
        }
    }

    /// Removes a field.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        let Self::Mapping(fields) = self else { return None };
        let at = fields.iter().position(|(key, _)| key == name)?;
        Some(fields.remove(at).1)
    }

    /// The mapping of this field, made when it is missing or null.
    pub fn mapping_at(&mut self, name: &str) -> &mut Node {
        if self.get(name).is_none_or(Node::is_null) {
            self.set(name, Self::empty_mapping());
        }
        match self {
            Self::Mapping(fields) => {
                let at = fields.iter().position(|(key, _)| key == name).unwrap_or_default();
                &mut fields[at].1
            }
            other => other,
        }
    }

    /// Gives a scalar another text; how it was written stays.
    pub fn set_text(&mut self, text: &str) {
        if let Self::Scalar(scalar) = self {
            scalar.put(text, Tag::Unset);
        } else {
            *self = Self::text(text);
        }
    }

    /// The value, as kustomize hands it to JSON.
    ///
    /// # Errors
    /// A number that JSON cannot hold, e.g. `.nan`; a scalar that is not what its tag says; a duplicate key.
    pub fn to_value(&self) -> Result<Value, String> {
        Ok(match self {
            Self::Scalar(scalar) => scalar.to_value()?,
            Self::Sequence(items) => {
                Value::Array(items.iter().map(Node::to_value).collect::<Result<_, _>>()?)
            }
            Self::Mapping(fields) => {
                let mut map = Map::new();
                for (key, node) in fields {
                    if map.insert(key.clone(), node.to_value()?).is_some() {
                        return Err(format!("mapping key \"{key}\" already defined"));
                    }
                }
                Value::Object(map)
            }
        })
    }

    /// A tree that holds this value, as Go makes it of JSON: every number is a float.
    pub fn from_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::plain("null", Tag::Null),
            Value::Bool(flag) => Self::plain(flag.to_string(), Tag::Bool),
            Value::Number(number) => {
                let text = number::shortest(number.as_f64().unwrap_or_default());
                let tag = if text.contains(['.', 'e']) { Tag::Float } else { Tag::Integer };
                Self::plain(text, tag)
            }
            Value::String(text) => Self::text(text.clone()),
            Value::Array(items) => Self::Sequence(items.iter().map(Self::from_value).collect()),
            Value::Object(fields) => Self::Mapping(
                fields.iter().map(|(key, value)| (key.clone(), Self::from_value(value))).collect(),
            ),
        }
    }
}

impl Scalar {
    /// Gives it another text and tag; how it was written stays.
    pub fn put(&mut self, text: &str, tag: Tag) {
        text.clone_into(&mut self.text);
        self.tag = tag;
        self.twin.count_change();
    }

    pub fn is_null(&self) -> bool {
        match self.tag {
            Tag::Null => true,
            Tag::Implicit => match self.form() {
                Form::Plain => self.meaning() == Meaning::Null,
                Form::EmptyInFlow => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// A string, or something that looks like nothing else or was not looked at yet.
    pub fn is_string(&self) -> bool {
        self.tag == Tag::Unset || matches!(self.to_value(), Ok(Value::String(_)))
    }

    /// Between quotes or as a block: it is a text whatever it looks like.
    pub fn is_quoted(&self) -> bool {
        !matches!(self.form(), Form::Plain | Form::EmptyInFlow)
    }

    /// A field that was left empty may have got a text since.
    fn form(&self) -> Form {
        match self.form {
            Form::EmptyInFlow if !self.text.is_empty() => Form::Plain,
            form => form,
        }
    }

    /// What it is taken for, as a tag that stays when its text changes.
    pub fn settled(&self) -> Tag {
        if self.tag == Tag::Unset {
            return Tag::Unset;
        }
        // As JSON, `1.0` would be an integer.
        let is_float = self.tag == Tag::Float
            || self.tag == Tag::Implicit
                && self.form() == Form::Plain
                && matches!(self.meaning(), Meaning::Float(_));
        match self.to_value() {
            // One that JSON does not have, e.g. `.inf`, among them.
            _ if is_float => Tag::Float,
            Ok(Value::Number(number)) if number.is_f64() => Tag::Float,
            Ok(Value::Number(_)) => Tag::Integer,
            Ok(Value::Bool(_)) => Tag::Bool,
            Ok(Value::Null) => Tag::Null,
            _ => Tag::Text,
        }
    }

    /// Whether it is a timestamp: without quotes and without a tag.
    fn is_time(&self) -> bool {
        self.tag == Tag::Implicit && self.form() == Form::Plain && self.meaning() == Meaning::Timestamp
    }

    fn meaning(&self) -> Meaning {
        meaning(&self.text, Dialect::Three)
    }

    fn to_value(&self) -> Result<Value, String> {
        let is_block = match self.form() {
            Form::Literal | Form::Folded => true,
            Form::Plain => self.text.contains('\n'),
            _ => false,
        };
        let is_block = is_block && Shape::of(&self.text).block_with_tabs_allowed;
        if is_block && self.text.starts_with('\t') {
            return Err("found a tab character where an indentation space is expected".to_owned());
        }
        let text = || match self.form {
            Form::Folded if is_block => refolded(&self.text),
            _ => self.text.clone(),
        };
        let resolved = match self.tag {
            Tag::Null if self.form() != Form::Plain || self.meaning() == Meaning::Null => Meaning::Null,
            Tag::Null => return Err(format!("\"{}\" is not null", self.text)),
            Tag::Text => Meaning::Text,
            // What is between quotes is a string to those who read it.
            _ if self.form() != Form::Plain => Meaning::Text,
            Tag::Implicit | Tag::Unset => self.meaning(),
            Tag::Integer => tagged(&self.text, LeafTag::Integer, Dialect::Three)?,
            Tag::Float => tagged(&self.text, LeafTag::Float, Dialect::Three)?,
            Tag::Bool => tagged(&self.text, LeafTag::Bool, Dialect::Three)?,
        };
        Ok(match resolved {
            Meaning::Null => Value::Null,
            Meaning::Bool(flag) => Value::Bool(flag),
            Meaning::Integer(number) => Value::Number(number),
            Meaning::Float(float) => Value::Number(Meaning::float(float)?),
            Meaning::Timestamp => Value::String(timestamp::parse(&self.text).unwrap_or_else(text)),
            Meaning::Text => Value::String(text()),
        })
    }
}
