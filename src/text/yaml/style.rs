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
    /// As `block_allowed`, to the newer library: it writes tabs into blocks.
    pub(super) block_with_tabs_allowed: bool,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let is_blank = |c: char| matches!(c, ' ' | '\t');
        let mut indicator = text.starts_with("---") || text.starts_with("...");
        let (mut multiline, mut special, mut tabs) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let mut previous = None;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let is_first = previous.is_none();
            let before_blank = rest.peek().is_none_or(|next| is_blank(*next));
            indicator |= match c {
                '#' => previous.is_none_or(|last| is_blank(last) || is_line_break(last)),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    is_first
                }
                '?' | '-' => is_first && before_blank,
                ':' => before_blank,
                _ => false,
            };
            multiline |= is_line_break(c);
            tabs |= c == '\t';
            special |= !is_printable(c) && c != '\t';
            break_space |= c == ' ' && previous.is_some_and(is_line_break);
            space_break |= is_line_break(c) && previous == Some(' ');
            previous = Some(c);
        }
        let is_edge = |c: char| c == ' ' || is_line_break(c);
        let is_ragged = text.starts_with(is_edge) || text.ends_with(is_edge);
        let is_empty = text.is_empty();
        let block_with_tabs_allowed = !(text.ends_with(' ') || space_break || special || is_empty);
        special |= tabs;
        Self {
            multiline,
            plain_allowed: !(is_ragged || special || multiline || indicator || is_empty),
            single_allowed: !(break_space || space_break || special),
            block_allowed: block_with_tabs_allowed && !special,
            block_with_tabs_allowed,
        }
    }

    /// Whether the text can be written without quotes; in `[]` and `{}`, more characters mean something.
    pub(super) fn is_plain(&self, text: &str, in_flow: bool) -> bool {
        self.plain_allowed && !(in_flow && text.contains([',', '?', '[', ']', '{', '}', ':']))
    }

    /// Whether the text can be written in single quotes.
    pub(super) fn is_single(&self) -> bool {
        self.single_allowed
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

pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that may be written as they are; those beyond U+FFFF are not among them.
fn is_printable(c: char) -> bool {
    matches!(c,
        '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Characters that must be escaped in double quotes.
pub(super) fn needs_escape(c: char) -> bool {
    !is_printable(c) || is_line_break(c) || c == '"' || c == '\\'
}

/// What follows `|` or `>` up to the first line: whether the indentation cannot be seen from the text, and what happens to the newlines at the end.
pub(super) fn block_header(text: &str) -> String {
    let mut header = String::new();
    if text.starts_with(|c| c == ' ' || is_line_break(c)) {
        header.push('2');
    }
    let breaks = text.chars().rev().take(2).take_while(|c| is_line_break(*c)).count();
    match breaks {
        0 => header.push('-'),
        1 if text.chars().nth(1).is_some() => {}
        _ => header.push('+'),
    }
    header.push('\n');
    header
}

/// A character as it is between double quotes.
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
