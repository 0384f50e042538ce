//! A place in a text that moves forward, and what the characters there are to YAML.

use super::token::Mark;

pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    pub(super) mark: Mark,
    /// Line breaks since the last character that is not a blank.
    pub(super) newlines: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, mark: Mark::default(), newlines: 0 }
    }

    /// The byte this far ahead; zero at the end of the text.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or_default()
    }

    pub(super) fn starts_with(&self, word: &str) -> bool {
        self.text.as_bytes()[self.at.min(self.text.len())..].starts_with(word.as_bytes())
    }

    pub(super) fn is_end(&self) -> bool {
        self.byte(0) == 0
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b'\r' | b'\n' => true,
            0xc2 => self.byte(ahead + 1) == 0x85,
            0xe2 => self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.byte(ahead) == 0 || self.is_break(ahead)
    }

    /// A blank, a line break, or the end of the text.
    pub(super) fn is_blank_or_break(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// `---` or `...` at the beginning of a line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && (self.starts_with("---") || self.starts_with("..."))
            && self.is_blank_or_break(3)
    }

    fn width(&self) -> usize {
        match self.byte(0) {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        }
    }

    /// Moves over one character of a line.
    pub(super) fn skip(&mut self) {
        if !self.is_blank(0) {
            self.newlines = 0;
        }
        self.at += self.width();
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    pub(super) fn skip_to_break(&mut self) {
        while !self.is_break_or_end(0) {
            self.skip();
        }
    }

    /// Moves over a line break, if there is one.
    pub(super) fn skip_line(&mut self) {
        if self.is_break(0) {
            self.read_line(&mut String::new());
        }
    }

    /// Copies one character of a line.
    pub(super) fn read(&mut self, into: &mut String) {
        let from = self.at;
        self.skip();
        into.push_str(self.text.get(from..self.at).unwrap_or_default());
    }

    /// Copies the characters up to one that stops; a stop is asked for with the distance of a byte from here, and never inside a character.
    pub(super) fn read_until(&mut self, into: &mut String, stops: impl Fn(&Self, usize) -> bool) {
        let (bytes, from) = (self.text.as_bytes(), self.at);
        let (mut length, mut characters, mut is_blank) = (0, 0, true);
        while let Some(byte) = bytes.get(from + length).copied() {
            if byte & 0xc0 != 0x80 {
                if stops(self, length) {
                    break;
                }
                characters += 1;
                is_blank &= matches!(byte, b' ' | b'\t');
            }
            length += 1;
        }
        if !is_blank {
            self.newlines = 0;
        }
        into.push_str(&self.text[from..from + length]);
        self.at += length;
        self.mark.index += characters;
        self.mark.column += characters;
    }

    /// Copies a line break; those of old systems become newlines.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let (width, mut index) = (self.width(), 1);
        match self.byte(0) {
            b'\r' if self.byte(1) == b'\n' => {
                into.push('\n');
                self.at += 1;
                index = 2;
            }
            b'\r' | b'\n' | 0xc2 => into.push('\n'),
            _ => into.push_str(&self.text[self.at..self.at + width]),
        }
        self.at += width;
        self.mark = Mark { index: self.mark.index + index, line: self.mark.line + 1, column: 0 };
        self.newlines += 1;
    }
}

/// Characters that no YAML text has.
pub(super) fn is_control(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fffe}' | '\u{ffff}')
}
