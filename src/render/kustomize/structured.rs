//! A text that is YAML or JSON itself, and is written again after a replacement has changed it.

use crate::text::json;
use crate::text::yaml;
use crate::text::yaml::Form;
use crate::text::yaml::Lines;
use crate::text::yaml::Node;
use crate::text::yaml::Scalar;
use crate::text::yaml::Step;
use crate::text::yaml::Tag;
use anyhow::Context;
use serde_json::Value;

/// A document in a text.
pub(super) struct Structured {
    original: String,
    pub root: Node,
}

/// What the text of a scalar begins with when it was put into quotes, which follow.
const QUOTED: char = '\0';

impl Structured {
    /// The document of a text; `None` when it is neither.
    pub(super) fn read(text: &str) -> Option<Self> {
        let root = yaml::nodes(text, "a text").ok()?.into_iter().next()?;
        Some(Self { original: text.to_owned(), root })
    }

    /// Puts a text where a scalar is; how it is written stays.
    pub(super) fn put(&mut self, place: impl Fn(&mut Node) -> Option<&mut Node>, value: &Node) {
        let is_json = self.is_json();
        let Some(place) = place(&mut self.root) else { return };
        let Node::Scalar(scalar) = place else {
            *place = value.clone();
            return;
        };
        let text = value.as_text();
        scalar.tag = scalar.settled();
        scalar.text = if scalar.form == Form::Quoted && !is_json {
            format!("{QUOTED}{}{text}", quote_in(&self.original, &scalar.text))
        } else {
            text.to_owned()
        };
    }

    fn is_json(&self) -> bool {
        self.original.trim_start().starts_with(['{', '['])
    }

    /// The text of the document: JSON as it was indented, else YAML. `None` when JSON has a value that is not of its type.
    ///
    /// # Errors
    /// YAML with comments, which would be lost.
    pub(super) fn text(&self) -> anyhow::Result<Option<String>> {
        if self.is_json() {
            let Ok(value) = self.root.to_value() else { return Ok(None) };
            let is_indented = self.original.contains('\n') && self.original.contains("  ");
            return Ok(Some(if is_indented { json::pretty(&value, "  ") } else { json::compact(&value) }));
        }
        let has_comment = |line: &str| line.trim_start().starts_with('#') || line.contains(" #");
        anyhow::ensure!(
            !self.original.lines().any(has_comment),
            "the YAML in this text has comments, which a replacement inside of it would lose"
        );
        let (mut out, mut way) =
            (String::new(), Way { written: Lines::of(&self.original), steps: Vec::new() });
        self.write(&self.root, 0, false, &mut way, &mut out).context("the YAML in this text")?;
        Ok(Some(out.trim().to_owned()))
    }

    /// Writes a node; `follows` says whether it is not the first on its line.
    fn write(
        &self,
        node: &Node,
        indent: usize,
        follows: bool,
        way: &mut Way,
        out: &mut String,
    ) -> anyhow::Result<()> {
        let margin = " ".repeat(indent);
        match node {
            node if way.is_flow(node) => {
                self.write_flow(node, out)?;
                out.push('\n');
            }
            Node::Mapping(fields) if !fields.is_empty() => {
                for (at, (key, value)) in fields.iter().enumerate() {
                    if at > 0 || !follows {
                        out.push_str(&margin);
                    }
                    out.push_str(&self.key(key));
                    out.push(':');
                    way.steps.push(Step::field(key));
                    self.write_value(value, indent, way, out)?;
                    way.steps.pop();
                }
            }
            Node::Sequence(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 || !follows {
                        out.push_str(&margin);
                    }
                    out.push_str("- ");
                    way.steps.push(Step::Item(at));
                    self.write(item, indent + 2, true, way, out)?;
                    way.steps.pop();
                }
            }
            Node::Mapping(_) => out.push_str("{}\n"),
            Node::Sequence(_) => out.push_str("[]\n"),
            Node::Scalar(scalar) => self.write_scalar(scalar, indent, out)?,
        }
        Ok(())
    }

    fn write_value(
        &self,
        value: &Node,
        indent: usize,
        way: &mut Way,
        out: &mut String,
    ) -> anyhow::Result<()> {
        match value {
            value if way.is_flow(value) => {
                out.push(' ');
                self.write(value, indent, true, way, out)
            }
            Node::Mapping(fields) if !fields.is_empty() => {
                out.push('\n');
                self.write(value, indent + 2, false, way, out)
            }
            // Sequences stand at the column of their key.
            Node::Sequence(items) if !items.is_empty() => {
                out.push('\n');
                self.write(value, indent, false, way, out)
            }
            Node::Scalar(scalar) if scalar.text.is_empty() && !scalar.is_quoted() => {
                out.push('\n');
                Ok(())
            }
            _ => {
                out.push(' ');
                self.write(value, indent + 2, true, way, out)
            }
        }
    }

    /// Writes what is in `[]` or `{}`, in one line.
    fn write_flow(&self, node: &Node, out: &mut String) -> anyhow::Result<()> {
        match node {
            Node::Sequence(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.write_flow(item, out)?;
                }
                out.push(']');
            }
            Node::Mapping(fields) => {
                out.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(&self.key(key));
                    out.push_str(": ");
                    self.write_flow(value, out)?;
                }
                out.push('}');
            }
            Node::Scalar(scalar) => {
                self.write_scalar(scalar, 0, out)?;
                out.truncate(out.trim_end_matches('\n').len());
            }
        }
        Ok(())
    }

    /// A key as it was written, if it was.
    fn key(&self, key: &str) -> String {
        let is_written = |form: &str| self.original.contains(&format!("{form}:"));
        let forms = [format!("\"{key}\""), format!("'{key}'"), key.to_owned()];
        let is_simple = !key.contains(['\n', '\\', '"', '\'']);
        let form = forms.into_iter().find(|form| is_simple && is_written(form));
        form.unwrap_or_else(|| plain(key).trim_end().to_owned())
    }

    fn write_scalar(&self, scalar: &Scalar, indent: usize, out: &mut String) -> anyhow::Result<()> {
        let mut inner = scalar.text.strip_prefix(QUOTED).unwrap_or_default().chars();
        let (quote, text) = match inner.next() {
            Some(quote) => (quote, inner.as_str()),
            None => (quote_in(&self.original, &scalar.text), scalar.text.as_str()),
        };
        match scalar.form {
            Form::Literal | Form::Folded if text.contains('\n') => {
                out.push(if scalar.form == Form::Literal { '|' } else { '>' });
                let trimmed = text.trim_end_matches('\n');
                match text.len() - trimmed.len() {
                    0 => out.push('-'),
                    1 => {}
                    _ => out.push('+'),
                }
                out.push('\n');
                for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                    if !line.is_empty() {
                        out.push_str(&" ".repeat(indent));
                        out.push_str(line);
                    }
                    out.push('\n');
                }
            }
            Form::Quoted if !text.contains(['\n', '\\', '"', '\'']) => {
                out.push_str(&format!("{quote}{text}{quote}\n"));
            }
            Form::Plain | Form::EmptyInFlow if !text.is_empty() && !text.contains('\n') => {
                out.push_str(&typed(scalar.tag, text));
                out.push('\n');
            }
            _ => {
                let value =
                    Node::Scalar(scalar.clone()).to_value().map_err(|reason| anyhow::anyhow!(reason))?;
                out.push_str(&yaml::to_string(&value));
            }
        }
        Ok(())
    }
}

/// The way to what is being written, in a document that is asked how that was written before.
struct Way {
    written: Lines,
    steps: Vec<Step>,
}

impl Way {
    /// Whether a collection was in `[]` or `{}`, and can be again.
    fn is_flow(&self, node: &Node) -> bool {
        !matches!(node, Node::Scalar(_))
            && !node.is_empty()
            && is_one_line(node)
            && self.written.is_flow(&self.steps)
    }
}

/// Whether no text in it has several lines, or means something in `[]`.
fn is_one_line(node: &Node) -> bool {
    match node {
        Node::Scalar(scalar) if scalar.form == Form::Plain => {
            !scalar.text.is_empty() && !scalar.text.contains(['\n', ',', '[', ']', '{', '}'])
        }
        Node::Scalar(scalar) => scalar.form == Form::Quoted && !scalar.text.contains('\n'),
        Node::Sequence(items) => items.iter().all(is_one_line),
        Node::Mapping(fields) => fields.iter().all(|(_, value)| is_one_line(value)),
    }
}

fn plain(key: &str) -> String {
    yaml::to_string(&Value::String(key.to_owned()))
}

/// A scalar without quotes: a text that looks like something else gets some, and what does not look like its type says it.
fn typed(tag: Tag, text: &str) -> String {
    let Node::Scalar(read) = Node::plain(text, Tag::Implicit) else { return text.to_owned() };
    let name = match tag {
        Tag::Text if read.settled() != Tag::Text => return format!("\"{text}\""),
        Tag::Integer => "int",
        Tag::Float => "float",
        Tag::Bool => "bool",
        Tag::Null => "null",
        Tag::Implicit | Tag::Unset | Tag::Text => return text.to_owned(),
    };
    if read.settled() == tag { text.to_owned() } else { format!("!!{name} {text}") }
}

/// The quotes around a text.
fn quote_in(original: &str, text: &str) -> char {
    if original.contains(&format!("'{text}'")) { '\'' } else { '"' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str, field: &str, value: &str) -> String {
        let mut read = Structured::read(text).unwrap();
        read.put(|root| root.get_mut(field), &Node::text(value));
        read.text().unwrap().unwrap()
    }

    #[test]
    fn yaml_keeps_the_order_and_the_quotes_of_its_fields() {
        let text = "b: 1\na: 'x'\nlist:\n- one\n- two: 2\n  three: \"3\"\nblock: |\n  line\n";
        assert_eq!(replaced(text, "a", "y"), text.replace('x', "y").trim());
        assert_eq!(replaced(text, "b", "2"), text.replace("b: 1", "b: 2").trim());
        assert_eq!(replaced("a: x\nb: 1", "a", "5"), "a: \"5\"\nb: 1");
        assert_eq!(replaced("a: x\nb: 1", "b", "y"), "a: x\nb: !!int y");
        assert_eq!(replaced("a: x\nb: 1.0", "b", "y"), "a: x\nb: !!float y");
    }

    #[test]
    fn yaml_keeps_its_brackets_and_the_quotes_of_its_keys() {
        let text = "n: 1\n\"y\": 2\na: x\n1: b\nlist: [u, \"v\", {n: w}, [1]]\nmap: {k: [l], 'm': \"n\"}\nnext:\n- {o: p}\n- q: [r]\nnone: []";
        assert_eq!(replaced(text, "a", "z"), text.replace("a: x", "a: z"));
    }

    #[test]
    fn json_is_indented_as_it_was() {
        assert_eq!(replaced("{\"b\": 1, \"a\": \"x\"}", "a", "y"), r#"{"a":"y","b":1}"#);
        assert_eq!(replaced("{\n  \"a\": \"x\"\n}", "a", "y"), "{\n  \"a\": \"y\"\n}");
    }
}
