//! A text that is YAML or JSON itself, and is written again after a replacement has changed it.

use crate::text::json;
use crate::text::yaml;
use crate::text::yaml::Around;
use crate::text::yaml::Comments;
use crate::text::yaml::Form;
use crate::text::yaml::Lines;
use crate::text::yaml::Node;
use crate::text::yaml::ScalarStyle;
use crate::text::yaml::Step;
use crate::text::yaml::Tag;
use anyhow::Context;

/// A document in a text.
pub(super) struct Structured {
    original: String,
    pub root: Node,
}

impl Structured {
    /// The document of a text; `None` if it is neither.
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
        let (text, tag) = (value.as_text(), scalar.settled());
        let is_new_in_json = is_json && tag == Tag::Unset;
        // JSON is in `{}`: what is empty or has a colon gets quotes there before it is read again.
        let gets_quotes = text.is_empty() || Node::plain(text, Tag::Implicit).is_time() && text.contains(':');
        scalar.put(text, if is_new_in_json && gets_quotes { Tag::Text } else { tag });
    }

    fn is_json(&self) -> bool {
        self.original.trim_start().starts_with(['{', '['])
    }

    /// The text of the document: JSON as it was indented, else YAML. `None` if JSON has a value that is not of its type.
    ///
    /// # Errors
    /// YAML with comments that would be lost, or of which it is not clear where kustomize puts them.
    pub(super) fn text(&self) -> anyhow::Result<Option<String>> {
        if self.is_json() {
            let Ok(value) = self.root.to_value() else { return Ok(None) };
            let is_indented = self.original.contains('\n') && self.original.contains("  ");
            return Ok(Some(if is_indented { json::pretty(&value, "  ") } else { json::compact(&value) }));
        }
        let lost = "the YAML in this text has comments that a replacement inside of it would lose or move";
        let comments = Comments::of(&self.original).context(lost)?;
        let mut writer = Writer {
            written: Lines::of(&self.original),
            comments,
            commented: 0,
            steps: Vec::new(),
            out: String::new(),
        };
        writer.node(&self.root, 0, false);
        anyhow::ensure!(writer.commented == writer.comments.count(), lost);
        writer.end();
        Ok(Some(writer.out.trim().to_owned()))
    }
}

/// Writes a document again as it was written before.
struct Writer {
    written: Lines,
    comments: Comments,
    /// How many of them were written.
    commented: usize,
    /// The way to what is being written.
    steps: Vec<Step>,
    out: String,
}

impl Writer {
    /// Writes a node; `follows` says whether it is not the first on its line.
    fn node(&mut self, node: &Node, indent: usize, follows: bool) {
        let margin = " ".repeat(indent);
        match node {
            node if node.is_empty() || self.is_flow(node) => self.rest_of_line(node, indent),
            Node::Mapping(fields) => {
                for (at, (key, value)) in fields.iter().enumerate() {
                    let key_text = self.key_text(key);
                    self.below(Step::field(key), |writer| {
                        if at > 0 || !follows {
                            writer.begin(&margin);
                        }
                        writer.out.push_str(&key_text);
                        writer.out.push(':');
                        writer.value(value, indent);
                    });
                }
            }
            Node::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.below(Step::Item(at), |writer| {
                        if at > 0 || !follows {
                            writer.begin(&margin);
                        }
                        writer.out.push('-');
                        writer.item(item, indent + 2);
                    });
                }
            }
            Node::Scalar(_) => self.rest_of_line(node, indent),
        }
    }

    /// Begins the line of an entry, below the comments that are above it.
    fn begin(&mut self, margin: &str) {
        let above = self.comments.above(&self.steps);
        self.commented += usize::from(!above.is_empty());
        for line in above {
            if !line.is_empty() {
                self.out.push_str(margin);
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.out.push_str(margin);
    }

    fn value(&mut self, value: &Node, indent: usize) {
        match value {
            value if value.is_empty() || self.is_flow(value) => self.rest_of_line(value, indent + 2),
            Node::Mapping(_) => {
                self.end_line("\n");
                self.node(value, indent + 2, false);
            }
            // Sequences start at the column of their key.
            Node::Sequence(_) => {
                self.end_line("\n");
                self.node(value, indent, false);
            }
            Node::Scalar(_) => self.rest_of_line(value, indent + 2),
        }
    }

    fn item(&mut self, item: &Node, indent: usize) {
        if matches!(item, Node::Scalar(_)) || item.is_empty() || self.is_flow(item) {
            self.rest_of_line(item, indent);
        } else {
            self.out.push(' ');
            self.node(item, indent, true);
        }
    }

    /// Writes behind a key or a dash what begins on its line. What was left empty is left empty.
    fn rest_of_line(&mut self, node: &Node, indent: usize) {
        let text = self.in_line(node, Around::Block, indent);
        if !text.is_empty() && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push(' ');
        }
        let first = text.split_once('\n').map_or(text.as_str(), |(first, _)| first);
        self.out.push_str(first);
        let rest = &text[first.len()..];
        let is_quoted = matches!(node, Node::Scalar(_)) && first.starts_with(['\'', '"']);
        if is_quoted && !rest.is_empty() {
            // A comment would be inside of the quotes.
            self.out.push_str(rest);
            self.out.push('\n');
        } else {
            self.end_line(if rest.is_empty() { "\n" } else { rest });
        }
    }

    /// Writes what follows the first line of an entry, behind its comment.
    fn end_line(&mut self, rest: &str) {
        if let Some(comment) = self.comments.behind(&self.steps) {
            self.commented += 1;
            self.out.push(' ');
            self.out.push_str(comment);
        }
        self.out.push_str(rest);
        if !rest.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Writes the comments below the last entry.
    fn end(&mut self) {
        for line in self.comments.end() {
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// A scalar, or what is in `[]` or `{}`, in one line if it is not a block.
    fn in_line(&mut self, node: &Node, around: Around, indent: usize) -> String {
        match node {
            Node::Sequence(items) => {
                let items = items.iter().enumerate().map(|(at, item)| {
                    self.below(Step::Item(at), |writer| writer.in_line(item, Around::Flow, indent))
                });
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Node::Mapping(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    let key_text = self.key_text(key);
                    self.below(Step::field(key), |writer| {
                        format!("{key_text}: {}", writer.in_line(value, Around::Flow, indent))
                    })
                });
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Node::Scalar(scalar) => {
                let style = match scalar.form {
                    Form::Plain | Form::EmptyInFlow => ScalarStyle::Plain,
                    Form::Quoted => self.written.style(&self.steps).unwrap_or(ScalarStyle::Double),
                    Form::Literal => ScalarStyle::Literal,
                    Form::Folded => ScalarStyle::Folded,
                };
                yaml::scalar(&scalar.text, style, scalar.tag, around, indent)
            }
        }
    }

    /// A key as it was written, if it was.
    fn key_text(&self, key: &str) -> String {
        let written = self.written.key_style(&self.steps, key);
        // One that was read without quotes may look like a number without being one.
        let tag = if written == Some(ScalarStyle::Plain) { Tag::Implicit } else { Tag::Text };
        yaml::scalar(key, written.unwrap_or(ScalarStyle::Plain), tag, Around::Key, 0)
    }

    fn below<T>(&mut self, step: Step, write: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step);
        let written = write(self);
        self.steps.pop();
        written
    }

    /// Whether a collection was in `[]` or `{}`.
    fn is_flow(&self, node: &Node) -> bool {
        !matches!(node, Node::Scalar(_)) && self.written.is_flow(&self.steps)
    }
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
    fn what_was_written_is_read_as_the_old_document_with_one_value_changed() {
        let documents = [
            "k: v\nx: 'it''s'\ny: \"tab\\t\\\\\"\nz: a\"b'c\n\"q: r\": 'u \"v'\n",
            "k: \"v\"\nx: [\"a, b\", 'c: d', e, http://f, \"\", ~, {g: }, [], {}]\nm: {a: \"#x\", 'b c': \"\"}\n",
            "k: 'v'\nx: |2\n    far\n  near\ny: |+\n  kept\n\nz: |-\n  a\n   b\nw:\n- |\n  in a list\n- - >-\n    joined\n  - end\n",
            "k: v\nx: 'a\n\n  b'\ny: plain\n  of two\nl:\n- a: 1\n  b: \"2\"\n-\n- ''\n- !!str 5\n- 1.0\n",
            "x: {l: [1, {m: n}]}\nk: |\n  v\ny: &y {z: 0x1F}\nw: *y\n",
        ];
        let values = [
            "new",
            "a: b",
            "- a",
            "",
            " lead",
            "trail ",
            "#c",
            "x #y",
            "[a",
            "{b}",
            "a, b",
            "*x",
            "&x",
            "%x",
            "@x",
            "!x",
            "|",
            "> x",
            "'q'",
            "\"q\"",
            "it's",
            "2001-01-01",
            "8080",
            "1e3",
            "true",
            "~",
            "yes",
            "x:",
            "?",
            "-",
            "? a",
            "a\nb",
            "a\nb\n",
            "  a\nb",
            "a\tb",
            "a\\b",
            "\u{e9}",
            "\u{1f680}",
            "\u{7}",
            "a\u{2028}b",
        ];
        let read = |text: &str| {
            yaml::nodes(text, "x")
                .map(|mut nodes| nodes.remove(0).to_value().unwrap())
                .map_err(|e| e.to_string())
        };
        for document in documents {
            for value in values {
                let mut wanted = read(document).unwrap();
                wanted["k"] = value.into();
                let written = replaced(document, "k", value);
                assert_eq!(read(&format!("{written}\n")), Ok(wanted), "{value:?}: {written}");
            }
        }
    }

    #[test]
    fn json_is_indented_as_it_was() {
        assert_eq!(replaced("{\"b\": 1, \"a\": \"x\"}", "a", "y"), r#"{"a":"y","b":1}"#);
        assert_eq!(replaced("{\n  \"a\": \"x\"\n}", "a", "y"), "{\n  \"a\": \"y\"\n}");
    }
}
