//! Writes YAML byte for byte as `sigs.k8s.io/yaml` does: sorted keys, sequences not indented below their key, lines folded after column 80.

use super::fold::reread;
use super::key_order::compare_keys;
use super::number;
use super::style::Shape;
use super::style::Style;
use super::style::block_header;
use super::style::escaped;
use super::style::is_line_break;
use super::style::needs_escape;
use crate::text::go_sort;
use serde_json::Value;

/// Plain and quoted scalars are broken at the first space after this column.
const WIDTH: usize = 80;

/// A longer key, in bytes, is written behind `?`.
const LONGEST_KEY: usize = 128;

/// One document, with its final newline and without `---`.
pub fn to_string(value: &Value) -> String {
    to_string_indented(value, Indentation::default())
}

/// As [`to_string`], indented in another way.
pub(super) fn to_string_indented(value: &Value, indentation: Indentation) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0, indentation };
    emitter.node(value, 0, NodePosition::Root);
    if !emitter.out.ends_with('\n') {
        emitter.out.push('\n');
    }
    emitter.out
}

/// How far what is inside of a field is indented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Indentation {
    /// A mapping below its key.
    pub mappings: usize,
    /// The dashes of a sequence below its key.
    pub sequences: usize,
}

impl Default for Indentation {
    fn default() -> Self {
        Self { mappings: 2, sequences: 0 }
    }
}

/// Position of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodePosition {
    Root,
    /// After `key:`.
    MapValue,
    /// After `- `.
    Item,
}

struct Emitter {
    out: String,
    /// Characters since the last newline.
    column: usize,
    indentation: Indentation,
}

impl Emitter {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(at) => self.column = text[at + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn new_line(&mut self, indent: usize) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.column = 0;
        self.push(&" ".repeat(indent));
    }

    fn node(&mut self, value: &Value, indent: usize, place: NodePosition) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, indent, place),
            Value::Array(items) if !items.is_empty() => self.sequence(items, indent, place),
            scalar => {
                if place == NodePosition::MapValue {
                    self.push(" ");
                }
                let continuation = if place == NodePosition::Root { 2 } else { indent };
                self.scalar(scalar, continuation);
            }
        }
    }

    fn mapping(&mut self, map: &serde_json::Map<String, Value>, indent: usize, place: NodePosition) {
        let mut entries: Vec<_> = map.iter().collect();
        // The order of some keys is a cycle: Go's way of sorting takes that.
        go_sort(&mut entries, |a, b| compare_keys(a.0, b.0).is_lt());
        for (index, (key, value)) in entries.into_iter().enumerate() {
            // The first key of an item follows its dash on the same line.
            if index > 0 || place != NodePosition::Item {
                self.new_line(indent);
            }
            let key = reread(key);
            if key.contains(is_line_break) || key.len() > LONGEST_KEY {
                self.explicit(&key, value, indent);
                continue;
            }
            self.key(&key, indent);
            self.push(":");
            let inner = match value {
                Value::Array(items) if !items.is_empty() => indent + self.indentation.sequences,
                Value::Object(fields) if !fields.is_empty() => indent + self.indentation.mappings,
                _ => indent + 2,
            };
            self.node(value, inner, NodePosition::MapValue);
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize, place: NodePosition) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 || place != NodePosition::Item {
                self.new_line(indent);
            }
            self.push("- ");
            self.node(item, indent + 2, NodePosition::Item);
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        match Shape::of(key).style(key, true) {
            Style::Plain => self.push(key),
            Style::Single => self.push(&format!("'{}'", key.replace('\'', "''"))),
            Style::Double | Style::Literal => self.double_quoted(key, indent, false),
        }
    }

    /// A key that cannot be on one line, and its value.
    fn explicit(&mut self, key: &str, value: &Value, indent: usize) {
        self.push("? ");
        self.string(key, indent + 2);
        self.new_line(indent);
        self.push(": ");
        self.node(value, indent + 2, NodePosition::Item);
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(flag) => self.push(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.push(&number::text(number)),
            Value::String(text) => self.string(text, indent),
            Value::Array(_) => self.push("[]"),
            Value::Object(_) => self.push("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        let text = &*reread(text);
        let shape = Shape::of(text);
        match shape.style(text, false) {
            Style::Plain => self.plain(text, indent),
            Style::Single => self.single_quoted(text, indent),
            Style::Double => self.double_quoted(text, indent, true),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn put(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    fn plain(&mut self, text: &str, indent: usize) {
        let mut after_space = false;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if c == ' ' && !after_space && self.column > WIDTH && rest.peek() != Some(&' ') {
                self.new_line(indent);
            } else {
                self.put(c);
            }
            after_space = c == ' ';
        }
    }

    /// Line breaks are those of Unicode here: they are written as they are, and what follows them is indented.
    fn single_quoted(&mut self, text: &str, indent: usize) {
        self.push("'");
        let (mut is_first, mut after_space, mut after_break) = (true, false, false);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if after_break && c != ' ' && !is_line_break(c) {
                self.push(&" ".repeat(indent.saturating_sub(self.column)));
                after_break = false;
            }
            let is_inside = !is_first && rest.peek().is_some_and(|next| *next != ' ');
            if c == ' ' && !after_space && self.column > WIDTH && is_inside {
                self.new_line(indent);
            } else if c == '\'' {
                self.push("''");
            } else {
                self.put(c);
            }
            if is_line_break(c) {
                self.column = 0;
                after_break = true;
            }
            (is_first, after_space) = (false, c == ' ');
        }
        self.push("'");
    }

    fn double_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        self.push("\"");
        // Go looks for the mark at the wrong place: a text that begins with one is escaped as a whole.
        let all = text.starts_with('\u{feff}');
        let (mut is_first, mut after_space) = (true, false);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if all || needs_escape(c) {
                self.push(&escaped(c));
            } else if c == ' '
                && may_fold
                && !after_space
                && self.column > WIDTH
                && !is_first
                && rest.peek().is_some()
            {
                self.new_line(indent);
                if rest.peek() == Some(&' ') {
                    self.push("\\");
                }
            } else {
                self.put(c);
            }
            (is_first, after_space) = (false, c == ' ' && !all);
        }
        self.push("\"");
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.push("|");
        self.push(&block_header(text));
        let margin = " ".repeat(indent.max(2));
        let mut after_break = true;
        for c in text.chars() {
            let is_break = is_line_break(c);
            if after_break && !is_break {
                self.out.push_str(&margin);
            }
            self.out.push(c);
            after_break = is_break;
        }
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.column = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_sequences_start_at_the_column_of_their_key() {
        let value =
            json!({"b": {"list": [{"x": 1, "a": [true, []]}, "two"], "empty": {}}, "a10": null, "a9": "y"});
        let wanted = "a9: \"y\"\na10: null\nb:\n  empty: {}\n  list:\n  - a:\n    - true\n    - []\n    x: 1\n  - two\n";
        assert_eq!(to_string(&value), wanted);
    }

    #[test]
    fn a_text_that_would_be_read_as_something_else_is_quoted() {
        for (text, written) in [
            ("yes", "\"yes\""),
            ("1_000", "\"1_000\""),
            ("12:30", "\"12:30\""),
            ("0o7", "\"0o7\""),
            ("1e3", "\"1e3\""),
            ("2024-01-02", "\"2024-01-02\""),
            ("", "\"\""),
            ("a: b", "'a: b'"),
            ("- a", "'- a'"),
            ("#a", "'#a'"),
            ("it's", "it's"),
            ("'quoted'", "'''quoted'''"),
            (" lead", "' lead'"),
            ("v1.2.3", "v1.2.3"),
            ("a\tb", "\"a\\tb\""),
            ("1.2.3", "1.2.3"),
            ("0.5", "\"0.5\""),
            ("~", "\"~\""),
            ("@x", "'@x'"),
            ("a #b", "'a #b'"),
            ("null", "\"null\""),
            ("✓", "✓"),
            ("🚀", "\"\\U0001F680\""),
        ] {
            assert_eq!(to_string(&json!({"k": text})), format!("k: {written}\n"), "{text:?}");
        }
    }

    #[test]
    fn lines_of_text_become_a_literal_block() {
        assert_eq!(to_string(&json!({"k": "a\nb\n"})), "k: |\n  a\n  b\n");
        assert_eq!(to_string(&json!({"k": "a\nb"})), "k: |-\n  a\n  b\n");
        assert_eq!(to_string(&json!({"k": "a\n\n"})), "k: |+\n  a\n\n");
        assert_eq!(to_string(&json!({"k": "a \nb"})), "k: \"a \\nb\"\n");
    }
}
