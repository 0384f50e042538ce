//! Sets of letters in a regular expression, and letters behind a backslash.

use super::syntax::BadRegexp;
use super::syntax::Parser;
use super::syntax::ensure;
use regex::Regex;

const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

impl Parser<'_> {
    pub(super) fn backslash(&mut self) -> Result<(), BadRegexp> {
        match self.rest.as_bytes().get(1) {
            Some(b'A' | b'b' | b'B' | b'z') => self.skip(2),
            Some(b'Q') => {
                self.skip(2);
                let (literal, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                // Nothing between the two is nothing to repeat.
                if literal.is_empty() {
                    return Ok(());
                }
            }
            _ if self.named_class()? => {}
            _ => drop(self.escape()?),
        }
        self.push(1)
    }

    /// `\d`, `\pL`, `\p{Greek}` and the like, if one is next.
    fn named_class(&mut self) -> Result<bool, BadRegexp> {
        let Some(rest) = self.rest.strip_prefix('\\') else { return Ok(false) };
        match rest.as_bytes().first() {
            Some(b'd' | b'D' | b's' | b'S' | b'w' | b'W') => self.skip(2),
            Some(b'p' | b'P') => {
                self.skip(2);
                let name = match self.rest.strip_prefix('{') {
                    Some(inner) => {
                        let (name, rest) = inner.split_once('}').ok_or(BadRegexp)?;
                        self.rest = rest;
                        name.to_owned()
                    }
                    None => self.letter()?.to_string(),
                };
                ensure(is_unicode_class(name.strip_prefix('^').unwrap_or(&name)))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// An escaped letter.
    fn escape(&mut self) -> Result<char, BadRegexp> {
        self.skip(1);
        let letter = self.letter()?;
        let code = match letter {
            '0'..='7' => {
                let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
                let more = self.rest.bytes().take(2).take_while(is_octal).count();
                // One digit would be what a group has matched, which Go does not have.
                ensure(letter == '0' || more > 0)?;
                let digits = format!("{letter}{}", &self.rest[..more]);
                self.skip(more);
                u32::from_str_radix(&digits, 8)
            }
            'x' => {
                let digits = match self.rest.strip_prefix('{') {
                    Some(inner) => {
                        let (digits, rest) = inner.split_once('}').ok_or(BadRegexp)?;
                        self.rest = rest;
                        digits.to_owned()
                    }
                    None => [self.letter()?, self.letter()?].iter().collect(),
                };
                ensure(digits.chars().all(|digit| digit.is_ascii_hexdigit()))?;
                u32::from_str_radix(&digits, 16)
            }
            'a' => Ok(0x07),
            't' => Ok(0x09),
            'n' => Ok(0x0a),
            'v' => Ok(0x0b),
            'f' => Ok(0x0c),
            'r' => Ok(0x0d),
            other => return ensure(other.is_ascii() && !other.is_ascii_alphanumeric()).map(|()| other),
        };
        let code = code.map_err(|_| BadRegexp)?;
        ensure(code <= u32::from(char::MAX))?;
        // Half of a pair of UTF-16 is a number to Go, though no letter.
        Ok(char::from_u32(code).unwrap_or('\u{d7ff}'))
    }

    /// `[…]`.
    pub(super) fn class(&mut self) -> Result<(), BadRegexp> {
        self.skip(1);
        self.rest = self.rest.strip_prefix('^').unwrap_or(self.rest);
        let mut is_first = true;
        while is_first || !self.rest.starts_with(']') {
            is_first = false;
            let posix = self.rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]"));
            if let Some((name, rest)) = posix {
                ensure(CLASSES.contains(&name.strip_prefix('^').unwrap_or(name)))?;
                self.rest = rest;
            } else if !self.named_class()? {
                let low = self.letter_of_class()?;
                if self.rest.starts_with('-') && self.rest.len() > 1 && !self.rest.starts_with("-]") {
                    self.skip(1);
                    ensure(low <= self.letter_of_class()?)?;
                }
            }
        }
        self.skip(1);
        self.push(1)
    }

    fn letter_of_class(&mut self) -> Result<char, BadRegexp> {
        if self.rest.starts_with('\\') { self.escape() } else { self.letter() }
    }
}

/// A category or a script of Unicode, in any case, with or without blanks, dashes and underscores.
fn is_unicode_class(name: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_- ".contains(letter);
    name.chars().all(is_allowed)
        && ["gc", "sc"].iter().any(|property| Regex::new(&format!("\\p{{{property}={name}}}")).is_ok())
}
