//! Scalars without quotes.

use super::scanner::Scanner;
use super::token::Problem;
use super::token::ScalarStyle;
use super::token::Token;
use super::token::TokenKind;

/// Blanks and line breaks between two words of a scalar, until it is known what they become.
#[derive(Default)]
pub(super) struct Gap {
    pub(super) blanks: String,
    pub(super) first_break: String,
    pub(super) further_breaks: String,
    pub(super) has_break: bool,
}

impl Gap {
    /// One line break is a blank, further ones are kept; those of Unicode are always kept.
    pub(super) fn join(&mut self, text: &mut String) {
        if !self.has_break {
            text.push_str(&self.blanks);
        } else if !self.first_break.starts_with('\n') {
            text.push_str(&self.first_break);
            text.push_str(&self.further_breaks);
        } else if self.further_breaks.is_empty() {
            text.push(' ');
        } else {
            text.push_str(&self.further_breaks);
        }
        self.blanks.clear();
        self.first_break.clear();
        self.further_breaks.clear();
        self.has_break = false;
    }
}

impl Scanner<'_> {
    /// Reads one blank or one line break.
    pub(super) fn scan_gap(&mut self, gap: &mut Gap) {
        if self.cursor.is_blank(0) {
            if gap.has_break {
                self.cursor.skip();
            } else {
                self.cursor.read(&mut gap.blanks);
            }
        } else if gap.has_break {
            self.cursor.read_line(&mut gap.further_breaks);
        } else {
            gap.blanks.clear();
            self.cursor.read_line(&mut gap.first_break);
            gap.has_break = true;
        }
    }

    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token, Problem> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        let in_flow = self.flow_level > 0;
        let mut text = String::new();
        let mut gap = Gap::default();
        while !self.cursor.is_document_indicator() && self.cursor.byte(0) != b'#' {
            let ends = |cursor: &super::cursor::Cursor<'_>, ahead: usize| match cursor.byte(ahead) {
                b':' => cursor.is_blank_or_break(ahead + 1),
                b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
                _ => cursor.is_blank_or_break(ahead),
            };
            if !ends(&self.cursor, 0) {
                gap.join(&mut text);
                self.cursor.read_until(&mut text, ends);
                end = self.cursor.mark;
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                let is_indented = self.cursor.mark.column >= indent;
                if gap.has_break && !is_indented && self.cursor.byte(0) == b'\t' {
                    let text = "found a tab character that violates indentation";
                    return Err(self.problem(text, start));
                }
                self.scan_gap(&mut gap);
            }
            if !in_flow && self.cursor.mark.column < indent {
                break;
            }
        }
        if gap.has_break {
            self.key_allowed = true;
        }
        Ok(Token { kind: TokenKind::Scalar { text, style: ScalarStyle::Plain }, start, end })
    }
}
