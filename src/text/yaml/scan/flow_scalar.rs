//! Scalars between quotes.

use super::plain_scalar::Gap;
use super::scanner::Scanner;
use super::token::Mark;
use super::token::Problem;
use super::token::ScalarStyle;
use super::token::Token;
use super::token::TokenKind;

impl Scanner<'_> {
    /// A line of it may begin in any column: only a document indicator ends it too early.
    pub(super) fn scan_flow_scalar(&mut self, style: ScalarStyle) -> Result<Token, Problem> {
        let start = self.cursor.mark;
        let quote = self.cursor.byte(0);
        self.cursor.skip();
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.is_document_indicator() {
                return Err(self.problem("found unexpected document indicator", start));
            }
            if self.cursor.is_end() {
                return Err(self.problem("found unexpected end of stream", start));
            }
            while !self.cursor.is_blank_or_break(0) {
                match self.cursor.byte(0) {
                    b'\'' if quote == b'\'' && self.cursor.byte(1) == b'\'' => {
                        text.push('\'');
                        self.cursor.skip_many(2);
                    }
                    byte if byte == quote => break,
                    b'\\' if quote == b'"' && self.cursor.is_break(1) => {
                        self.cursor.skip();
                        self.cursor.skip_line();
                        gap.has_break = true;
                        break;
                    }
                    b'\\' if quote == b'"' => self.scan_escape(&mut text, start)?,
                    _ => self.cursor.read_until(&mut text, |cursor, ahead| {
                        let byte = cursor.byte(ahead);
                        let is_escape = byte == b'\\' && quote == b'"';
                        byte == quote || is_escape || cursor.is_blank_or_break(ahead)
                    }),
                }
            }
            if self.cursor.byte(0) == quote {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                self.scan_gap(&mut gap);
            }
            gap.join(&mut text);
        }
        self.cursor.skip();
        Ok(Token { kind: TokenKind::Scalar { text, style }, start, end: self.cursor.mark })
    }

    /// Reads a backslash and what follows it.
    fn scan_escape(&mut self, text: &mut String, start: Mark) -> Result<(), Problem> {
        let mut digits = 0;
        let meant = match self.cursor.byte(1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            same @ (b' ' | b'"' | b'\'' | b'\\') => char::from(same),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            letter @ (b'x' | b'u' | b'U') => {
                digits = match letter {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                '\0'
            }
            _ => return Err(self.problem("found unknown escape character", start)),
        };
        self.cursor.skip_many(2);
        if digits == 0 {
            text.push(meant);
            return Ok(());
        }
        let mut code: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.byte(ahead)).to_digit(16) else {
                return Err(self.problem("did not find expected hexdecimal number", start));
            };
            code = (code << 4) | digit;
        }
        let Some(character) = char::from_u32(code) else {
            return Err(self.problem("found invalid Unicode character escape code", start));
        };
        text.push(character);
        self.cursor.skip_many(digits);
        Ok(())
    }
}
