//! Words of a template: pieces of it up to what a rule does not accept. (The rules are those of Flux's `envsubst`.)

/// What was found at the place that was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    /// `${`
    Open,
    /// `}`
    Close,
    /// At least one character. Escapes are resolved.
    Word(Vec<u8>),
    /// None of those that were asked for.
    Other,
}

/// What is looked for besides a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brackets {
    None,
    Open,
    Close,
}

/// What is escaped within a word: `$$` is a dollar, and `\/` and `\\` lose their backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    Dollar,
    All,
}

/// Which characters a word may have; the second is how many bytes it has with this one.
pub(super) type Accept = fn(char, usize) -> bool;

pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.character(0).map(|(letter, _)| letter)
    }

    /// The character after the next one, which has one byte.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.character(1).map(|(letter, _)| letter)
    }

    /// Takes what is next.
    pub(super) fn scan(&mut self, brackets: Brackets, escapes: Escapes, accept: Accept) -> Token {
        let Some((letter, width)) = self.character(0) else { return Token::End };
        if brackets == Brackets::Open && self.is_open() {
            self.at += 2;
            return Token::Open;
        }
        if brackets == Brackets::Close && letter == '}' {
            self.at += 1;
            return Token::Close;
        }
        if !self.is_escape(escapes) && !accept(letter, width) {
            return Token::Other;
        }
        let mut word = Vec::new();
        while let Some((letter, width)) = self.character(0) {
            // The first character was looked at above.
            if !word.is_empty() && brackets == Brackets::Open && self.is_open() {
                break;
            }
            if self.is_escape(escapes) {
                word.push(self.text[self.at + 1]);
                self.at += 2;
                continue;
            }
            if !accept(letter, word.len() + width) {
                break;
            }
            word.extend_from_slice(&self.text[self.at..self.at + width]);
            self.at += width;
        }
        Token::Word(word)
    }

    fn is_open(&self) -> bool {
        self.text[self.at..].starts_with(b"${")
    }

    fn is_escape(&self, escapes: Escapes) -> bool {
        match &self.text[self.at..] {
            [b'$', b'$', ..] => escapes != Escapes::None,
            [b'\\', b'/' | b'\\', ..] => escapes == Escapes::All,
            _ => false,
        }
    }

    /// The character so many bytes further on, and its width; a byte that is part of none counts as one.
    fn character(&self, further: usize) -> Option<(char, usize)> {
        let rest = self.text.get(self.at + further..)?;
        let first = *rest.first()?;
        if first.is_ascii() {
            return Some((first.into(), 1));
        }
        let chunk = rest[..rest.len().min(4)].utf8_chunks().next()?;
        let letter = chunk.valid().chars().next();
        Some(letter.map_or((char::REPLACEMENT_CHARACTER, 1), |letter| (letter, letter.len_utf8())))
    }
}
