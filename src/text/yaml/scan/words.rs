//! Directives, anchors, aliases and tags.

use super::cursor::Cursor;
use super::scanner::Scanner;
use super::token::Mark;
use super::token::Problem;
use super::token::Token;
use super::token::TokenKind;

/// A letter of a name.
fn is_word(cursor: &Cursor<'_>) -> bool {
    let byte = cursor.byte(0);
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl Scanner<'_> {
    fn scan_word(&mut self, into: &mut String) {
        while is_word(&self.cursor) {
            self.cursor.read(into);
        }
    }

    pub(super) fn scan_directive(&mut self) -> Result<Token, Problem> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut name = String::new();
        self.scan_word(&mut name);
        if name.is_empty() {
            return Err(self.problem("could not find expected directive name", start));
        }
        if !self.cursor.is_blank_or_break(0) {
            return Err(self.problem("found unexpected non-alphabetical character", start));
        }
        self.cursor.skip_blanks();
        let kind = match name.as_str() {
            "YAML" => {
                let major = self.scan_version_number(start)?;
                if self.cursor.byte(0) != b'.' {
                    return Err(self.problem("did not find expected digit or '.' character", start));
                }
                self.cursor.skip();
                TokenKind::Version { major, minor: self.scan_version_number(start)? }
            }
            "TAG" => {
                let handle = self.scan_tag_handle(true, start)?;
                if !self.cursor.is_blank(0) {
                    return Err(self.problem("did not find expected whitespace", start));
                }
                self.cursor.skip_blanks();
                let prefix = self.scan_tag_uri(None, start)?;
                if !self.cursor.is_blank_or_break(0) {
                    return Err(self.problem("did not find expected whitespace or line break", start));
                }
                TokenKind::TagDirective { handle, prefix }
            }
            _ => return Err(self.problem("found unknown directive name", start)),
        };
        self.skip_rest_of_line(start)?;
        Ok(Token { kind, start, end: self.cursor.mark })
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8, Problem> {
        let mut digits = String::new();
        while self.cursor.byte(0).is_ascii_digit() {
            self.cursor.read(&mut digits);
            if digits.len() > 2 {
                return Err(self.problem("found extremely long version number", start));
            }
        }
        digits.parse().map_err(|_| self.problem("did not find expected version number", start))
    }

    /// The name of an anchor, behind `&` or `*`.
    pub(super) fn scan_anchor(&mut self) -> Result<(Mark, String), Problem> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut name = String::new();
        self.scan_word(&mut name);
        let ends = self.cursor.is_blank_or_break(0)
            || matches!(self.cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.problem("did not find expected alphabetic or numeric character", start));
        }
        Ok((start, name))
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token, Problem> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.byte(1) == b'<' {
            self.cursor.skip_many(2);
            let suffix = self.scan_tag_uri(None, start)?;
            if self.cursor.byte(0) != b'>' {
                return Err(self.problem("did not find the expected '>'", start));
            }
            self.cursor.skip();
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_tag_uri(None, start)?;
                (handle, suffix)
            } else {
                let suffix = self.scan_tag_uri(Some(&handle), start)?;
                if suffix.is_empty() { (String::new(), "!".to_owned()) } else { ("!".to_owned(), suffix) }
            }
        };
        if !self.cursor.is_blank_or_break(0) {
            return Err(self.problem("did not find expected whitespace or line break", start));
        }
        Ok(Token { kind: TokenKind::Tag { handle, suffix }, start, end: self.cursor.mark })
    }

    fn scan_tag_handle(&mut self, is_directive: bool, start: Mark) -> Result<String, Problem> {
        if self.cursor.byte(0) != b'!' {
            return Err(self.problem("did not find expected '!'", start));
        }
        let mut handle = String::new();
        self.cursor.read(&mut handle);
        self.scan_word(&mut handle);
        if self.cursor.byte(0) == b'!' {
            self.cursor.read(&mut handle);
        } else if is_directive && handle != "!" {
            return Err(self.problem("did not find expected '!'", start));
        }
        Ok(handle)
    }

    /// A URI. What was read as a handle without being one is its beginning.
    fn scan_tag_uri(&mut self, head: Option<&str>, start: Mark) -> Result<String, Problem> {
        let mut uri: Vec<u8> = head.and_then(|head| head.get(1..)).unwrap_or_default().into();
        let mut is_found = head.is_some();
        loop {
            match self.cursor.byte(0) {
                b'%' => self.scan_uri_escape(&mut uri, start)?,
                byte if is_word(&self.cursor) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    uri.push(byte);
                    self.cursor.skip();
                }
                _ => break,
            }
            is_found = true;
        }
        if !is_found {
            return Err(self.problem("did not find expected tag URI", start));
        }
        String::from_utf8(uri).map_err(|_| self.problem("found an incorrect trailing UTF-8 octet", start))
    }

    /// One character as `%` and two digits for each of its octets.
    fn scan_uri_escape(&mut self, uri: &mut Vec<u8>, start: Mark) -> Result<(), Problem> {
        let mut left = None;
        while left != Some(0) {
            let digit = |ahead| char::from(self.cursor.byte(ahead)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.byte(0), digit(1), digit(2)) else {
                return Err(self.problem("did not find URI escaped octet", start));
            };
            let octet = u8::try_from(high * 16 + low).unwrap_or_default();
            left = match (left, octet) {
                (Some(left), 0x80..0xc0) => Some(left - 1),
                (Some(_), _) => {
                    return Err(self.problem("found an incorrect trailing UTF-8 octet", start));
                }
                (None, 0..0x80) => Some(0),
                (None, 0xc0..0xe0) => Some(1),
                (None, 0xe0..0xf0) => Some(2),
                (None, 0xf0..0xf8) => Some(3),
                (None, _) => return Err(self.problem("found an incorrect leading UTF-8 octet", start)),
            };
            uri.push(octet);
            self.cursor.skip_many(3);
        }
        Ok(())
    }
}
