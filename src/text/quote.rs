//! A text in double quotes as Go's `%q` writes it, which is how wrong values are shown.

use regex::Regex;
use std::fmt::Write;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "the expression is known")]
static PRINTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").unwrap());

/// The text in quotes; what does not print is escaped.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        let short = match letter {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{b}' => "\\v",
            _ => "",
        };
        // Writing to a text cannot fail.
        let _ = match u32::from(letter) {
            _ if !short.is_empty() => write!(quoted, "{short}"),
            _ if prints(letter) => write!(quoted, "{letter}"),
            code @ ..0x80 => write!(quoted, "\\x{code:02x}"),
            code @ ..0x1_0000 => write!(quoted, "\\u{code:04x}"),
            code => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted.push('"');
    quoted
}

/// Whether Go's `strconv.IsPrint` takes it: letters, marks, numbers, punctuation, symbols and the blank.
fn prints(letter: char) -> bool {
    // ASCII needs no table.
    matches!(letter, ' '..='~') || (!letter.is_ascii() && PRINTED.is_match(letter.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_does_not_print_is_escaped_as_go_does() {
        for (text, wanted) in [
            ("plain 'text'", r#""plain 'text'""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\u{0}\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("é\u{301}日😀", "\"é\u{301}日😀\""),
            ("\u{301}", "\"\u{301}\""),
            ("\u{a0}\u{85}\u{200b}\u{2028}\u{feff}\u{e000}", r#""\u00a0\u0085\u200b\u2028\ufeff\ue000""#),
            ("\u{f0000}", r#""\U000f0000""#),
        ] {
            assert_eq!(quoted(text), wanted);
        }
    }
}
