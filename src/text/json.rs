//! Writes JSON byte for byte as Go's `encoding/json` does: sorted keys, and the characters that HTML minds escaped.

use serde_json::Number;
use serde_json::Value;
use std::fmt::Write;

/// On one line, without spaces.
pub fn compact(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, None);
    text
}

/// Over several lines, without a final newline.
pub fn pretty(value: &Value, indent: &str) -> String {
    let mut text = String::new();
    write(&mut text, value, Some((indent, 0)));
    text
}

/// How deep a value is, and what each level is indented by; `None` if everything is on one line.
type Depth<'a> = Option<(&'a str, usize)>;

fn write(text: &mut String, value: &Value, depth: Depth<'_>) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::String(string) => quote(text, string),
        Value::Array(items) => {
            list(text, ['[', ']'], items, depth, write);
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            list(text, ['{', '}'], &entries, depth, |text, (key, value), depth| {
                quote(text, key);
                text.push_str(if depth.is_some() { ": " } else { ":" });
                write(text, value, depth);
            });
        }
    }
}

fn list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: &[T],
    depth: Depth<'_>,
    each: impl Fn(&mut String, &T, Depth<'_>),
) {
    text.push(open);
    let deeper = depth.map(|(indent, depth)| (indent, depth + 1));
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        new_line(text, deeper);
        each(text, item, deeper);
    }
    if !items.is_empty() {
        new_line(text, depth);
    }
    text.push(close);
}

fn new_line(text: &mut String, depth: Depth<'_>) {
    if let Some((indent, depth)) = depth {
        text.push('\n');
        text.push_str(&indent.repeat(depth));
    }
}

fn quote(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}

/// A number as Go writes a float64: without an exponent from 1e-6 up to 1e21.
pub fn number_text(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.strip_prefix('-').map_or(format!("+{exponent}"), |digits| format!("-{digits}"));
    format!("{mantissa}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_what_html_minds_is_escaped() {
        let value = json!({"b": [1, "<&>\u{1}\n"], "a": {}, "c": [], "d": null});
        assert_eq!(compact(&value), r#"{"a":{},"b":[1,"\u003c\u0026\u003e\u0001\n"],"c":[],"d":null}"#);
        assert_eq!(
            pretty(&json!({"b": [1, {"c": true}], "a": {}}), "    "),
            "{\n    \"a\": {},\n    \"b\": [\n        1,\n        {\n            \"c\": true\n        }\n    ]\n}"
        );
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (number, text) in [
            (json!(1.5), "1.5"),
            (json!(3.0), "3"),
            (json!(1e21), "1e+21"),
            (json!(1.5e-7), "1.5e-7"),
            (json!(-7), "-7"),
        ] {
            assert_eq!(compact(&number), text);
        }
    }
}
