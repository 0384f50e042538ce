//! Writes YAML byte for byte as `sigs.k8s.io/yaml` does: sorted keys, sequences not indented below their key, lines folded after column 80.

use super::style::Shape;
use super::style::Style;
use super::style::escaped;
use super::style::needs_escape;
use serde_json::Value;
use std::cmp::Ordering;

/// Plain and quoted scalars are broken at the first space after this column.
const WIDTH: usize = 80;

/// One document, with its final newline and without `---`.
pub fn to_string(value: &Value) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0 };
    emitter.node(value, 0, Place::Root);
    if !emitter.out.ends_with('\n') {
        emitter.out.push('\n');
    }
    emitter.out
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
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

    fn node(&mut self, value: &Value, indent: usize, place: Place) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, indent, place),
            Value::Array(items) if !items.is_empty() => self.sequence(items, indent, place),
            scalar => {
                if place == Place::MapValue {
                    self.push(" ");
                }
                let continuation = if place == Place::Root { 0 } else { indent };
                self.scalar(scalar, continuation);
            }
        }
    }

    fn mapping(&mut self, map: &serde_json::Map<String, Value>, indent: usize, place: Place) {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by(|a, b| compare_keys(a.0, b.0));
        for (index, (key, value)) in entries.into_iter().enumerate() {
            // The first key of an item follows its dash on the same line.
            if index > 0 || place != Place::Item {
                self.new_line(indent);
            }
            self.key(key, indent);
            self.push(":");
            let inner = match value {
                // Sequences stand at the column of their key.
                Value::Array(items) if !items.is_empty() => indent,
                _ => indent + 2,
            };
            self.node(value, inner, Place::MapValue);
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize, place: Place) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 || place != Place::Item {
                self.new_line(indent);
            }
            self.push("- ");
            self.node(item, indent + 2, Place::Item);
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        if key.contains('\n') || key.chars().count() > 128 {
            // A key that cannot stand on one line is written in the explicit form.
            self.push("? ");
            self.string(key, indent + 2);
            self.new_line(indent);
        } else {
            let shape = Shape::of(key);
            match shape.style(key, true) {
                Style::Plain => self.push(key),
                Style::Single => self.push(&format!("'{}'", key.replace('\'', "''"))),
                Style::Double | Style::Literal => self.double_quoted(key, indent, false),
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(flag) => self.push(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.push(&number_text(number)),
            Value::String(text) => self.string(text, indent),
            Value::Array(_) => self.push("[]"),
            Value::Object(_) => self.push("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        let shape = Shape::of(text);
        match shape.style(text, false) {
            Style::Plain => self.plain(text, indent),
            Style::Single => self.single_quoted(text, indent),
            Style::Double => self.double_quoted(text, indent, true),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn plain(&mut self, text: &str, indent: usize) {
        let chars: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (index, c) in chars.iter().copied().enumerate() {
            let next_is_space = chars.get(index + 1) == Some(&' ');
            if c == ' ' && !after_space && self.column > WIDTH && !next_is_space {
                self.new_line(indent);
            } else {
                self.push(c.encode_utf8(&mut [0; 4]));
            }
            after_space = c == ' ';
        }
    }

    fn single_quoted(&mut self, text: &str, indent: usize) {
        self.push("'");
        let chars: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (index, c) in chars.iter().copied().enumerate() {
            let inside = index > 0 && index + 1 < chars.len();
            let next_is_space = chars.get(index + 1) == Some(&' ');
            if c == ' ' && !after_space && self.column > WIDTH && inside && !next_is_space {
                self.new_line(indent);
            } else if c == '\'' {
                self.push("''");
            } else {
                self.push(c.encode_utf8(&mut [0; 4]));
            }
            after_space = c == ' ';
        }
        self.push("'");
    }

    fn double_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        self.push("\"");
        let chars: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (index, c) in chars.iter().copied().enumerate() {
            if needs_escape(c) {
                let escape = escaped(c);
                self.push(&escape);
                after_space = false;
            } else if c == ' ' {
                let inside = index > 0 && index + 1 < chars.len();
                if may_fold && !after_space && self.column > WIDTH && inside {
                    self.new_line(indent);
                    if chars.get(index + 1) == Some(&' ') {
                        self.push("\\");
                    }
                } else {
                    self.push(" ");
                }
                after_space = true;
            } else {
                self.push(c.encode_utf8(&mut [0; 4]));
                after_space = false;
            }
        }
        self.push("\"");
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.push("|");
        if text.starts_with([' ', '\n']) {
            self.push("2");
        }
        let trailing = text.len() - text.trim_end_matches('\n').len();
        match trailing {
            0 => self.push("-"),
            1 if text.len() > 1 => {}
            _ => self.push("+"),
        }
        self.out.push('\n');
        self.column = 0;
        let body = text.strip_suffix('\n').unwrap_or(text);
        let indent = indent.max(2);
        for (index, line) in body.split('\n').enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            if !line.is_empty() {
                self.out.push_str(&" ".repeat(indent));
                self.out.push_str(line);
            }
        }
        self.out.push('\n');
        self.column = 0;
    }
}

/// Go prints floats in the shortest form, with an exponent when it is below -4 or at least 21.
fn number_text(number: &serde_json::Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    if float.fract() == 0.0 && float.abs() < 1e21 {
        return format!("{float:.0}");
    }
    let exponent = float.abs().log10().floor();
    if (-5.0..21.0).contains(&exponent) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let value: i32 = exponent.parse().unwrap_or_default();
    format!("{mantissa}e{}{:02}", if value < 0 { '-' } else { '+' }, value.abs())
}

/// The order of keys: letters after other characters, runs of digits by their value.
fn compare_keys(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for at in 0..a.len().min(b.len()) {
        if a[at] == b[at] {
            continue;
        }
        match (a[at].is_alphabetic(), b[at].is_alphabetic()) {
            (true, true) => return a[at].cmp(&b[at]),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        // A zero inside a number counts as a digit of it, a leading one does not.
        let inside_number = (a[at] == '0' || b[at] == '0')
            && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let run = |text: &[char]| -> (u128, usize) {
            let digits: Vec<u128> = text[at..].iter().map_while(|c| c.to_digit(10)).map(u128::from).collect();
            let start = u128::from(inside_number);
            (
                digits.iter().fold(start, |sum, digit| sum.saturating_mul(10).saturating_add(*digit)),
                digits.len(),
            )
        };
        let ((a_value, a_length), (b_value, b_length)) = (run(&a), run(&b));
        return a_value.cmp(&b_value).then(a_length.cmp(&b_length)).then(a[at].cmp(&b[at]));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_sequences_stand_at_the_column_of_their_key() {
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
