//! Which style a text is written in: plain, between quotes, or as a literal block.

use super::resolve::reads_as_string;
use std::fmt::Write;

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a scan of a text found; the rules are those of libyaml's emitter, which Go's is a port of.
pub(super) struct Shape {
    multiline: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let blank = |c: Option<&char>| {
            c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'))
        };
        let mut indicator = text.starts_with("---") || text.starts_with("...");
        let (mut line_breaks, mut special) = (false, false);
        let (mut leading_space, mut leading_break, mut trailing_space, mut trailing_break) =
            (false, false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut previous_space, mut previous_break, mut preceded_by_blank) = (false, false, true);
        for (index, c) in chars.iter().copied().enumerate() {
            let first = index == 0;
            let last = index + 1 == chars.len();
            let followed_by_blank = blank(chars.get(index + 1));
            indicator |= match c {
                '#' => first || preceded_by_blank,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    first
                }
                '?' => first && followed_by_blank,
                ':' => followed_by_blank,
                '-' => first && followed_by_blank,
                _ => false,
            };
            let is_break = is_line_break(c);
            line_breaks |= is_break;
            special |= needs_escape(c) && !is_break && c != '"' && c != '\\';
            if c == ' ' {
                leading_space |= first;
                trailing_space |= last;
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break {
                leading_break |= first;
                trailing_break |= last;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
            preceded_by_blank = blank(Some(&c));
        }
        let ragged = leading_space || leading_break || trailing_space || trailing_break;
        Self {
            multiline: line_breaks,
            plain_allowed: !(ragged
                || break_space
                || space_break
                || special
                || line_breaks
                || indicator
                || text.is_empty()),
            single_allowed: !(break_space || space_break || special),
            block_allowed: !(trailing_space || space_break || special),
        }
    }

    pub(super) fn style(&self, text: &str, is_key: bool) -> Style {
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if reads_as_string(text) {
            Style::Plain
        } else {
            Style::Double
        };
        match wanted {
            Style::Literal if self.block_allowed && !is_key => Style::Literal,
            Style::Plain if self.plain_allowed => Style::Plain,
            Style::Plain if self.single_allowed && !(is_key && self.multiline) => Style::Single,
            _ => Style::Double,
        }
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that cannot stand as themselves between double quotes; those beyond U+FFFF are among them.
pub(super) fn needs_escape(c: char) -> bool {
    let printable = matches!(c,
        '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}');
    !printable || is_line_break(c) || c == '"' || c == '\\'
}

/// A character as it stands between double quotes.
pub(super) fn escaped(c: char) -> String {
    match c {
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\u{85}' => "\\N".into(),
        '\u{a0}' => "\\_".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        c => {
            let mut text = String::new();
            let code = u32::from(c);
            let written = match code {
                0..=0xff => write!(text, "\\x{code:02X}"),
                0x100..=0xffff => write!(text, "\\u{code:04X}"),
                _ => write!(text, "\\U{code:08X}"),
            };
            debug_assert!(written.is_ok(), "writing to a String cannot fail");
            text
        }
    }
}
