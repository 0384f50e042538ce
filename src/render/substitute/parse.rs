//! Templates: text, and calls within `${` and `}`.

use super::scan::Accept;
use super::scan::Brackets;
use super::scan::Escapes;
use super::scan::Scanner;
use super::scan::Token;

/// Expressions within each other: no template needs more, and each takes a part of the stack.
const DEEPEST: usize = 100;

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Part {
    Text(Vec<u8>),
    Call(Call),
}

/// `${name}`, with an operator and what comes after it where there is one.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) operator: Vec<u8>,
    pub(super) arguments: Vec<Part>,
}

/// What is wrong with a template, in the words of Flux's `envsubst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("bad substitution")]
    Substitution,
    #[error("missing closing brace")]
    Brace,
    #[error("unable to parse variable name")]
    Name,
    #[error("unable to parse substitution within function")]
    Argument,
    #[error("more than {DEEPEST} expressions within each other")]
    Depth,
}

/// Reads a template.
///
/// # Errors
/// An invalid expression.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Part>, BadTemplate> {
    let mut parser = Parser { scanner: Scanner::new(text), depth: 0 };
    let mut parts = Vec::new();
    loop {
        match parser.scanner.scan(Brackets::Open, Escapes::Dollar, any) {
            Token::Word(text) => parts.push(Part::Text(text)),
            Token::Open => parts.push(Part::Call(parser.call()?)),
            Token::End => return Ok(parts),
            Token::Close | Token::Other => return Err(BadTemplate::Substitution),
        }
    }
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    depth: usize,
}

impl Parser<'_> {
    /// What follows `${`.
    fn call(&mut self) -> Result<Call, BadTemplate> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BadTemplate::Depth);
        }
        let call = self.call_at_this_depth();
        self.depth -= 1;
        call
    }

    fn call_at_this_depth(&mut self) -> Result<Call, BadTemplate> {
        if self.scanner.peek() == Some('#') {
            let operator = self.word(|letter, length| letter == '#' && length == 1)?;
            let call = Call { name: self.name(BadTemplate::Substitution)?, operator, arguments: Vec::new() };
            return self.closed(call);
        }
        let mut call = Call { name: self.name(BadTemplate::Name)?, ..Call::default() };
        match self.scanner.peek() {
            Some(':') => match self.scanner.peek_second() {
                Some('=' | '-' | '?' | '+') => self.default(call, is_default),
                // Upstream loses its place there.
                Some(letter) if !letter.is_ascii() => Err(BadTemplate::Substitution),
                None => Err(BadTemplate::Substitution),
                _ => self.part_of_value(call),
            },
            Some('=') => self.default(call, |letter, length| letter == '=' && length == 1),
            Some(',' | '^') => {
                call.operator = self.word(|letter, length| matches!(letter, ',' | '^') && length < 3)?;
                self.closed(call)
            }
            Some('/') => self.replacement(call),
            Some('#') => self.trimmed(call, |letter, length| letter == '#' && length < 3),
            Some('%') => self.trimmed(call, |letter, length| letter == '%' && length < 3),
            _ => match self.scanner.scan(Brackets::Close, Escapes::None, none) {
                Token::Close => Ok(call),
                _ => Err(BadTemplate::Brace),
            },
        }
    }

    /// `${name:offset}` and `${name:offset:length}`.
    fn part_of_value(&mut self, mut call: Call) -> Result<Call, BadTemplate> {
        call.operator = self.word(|letter, length| letter == ':' && length == 1)?;
        call.arguments.push(self.argument(Escapes::None, |letter, _| letter != ':' && letter != '}')?);
        match self.scanner.scan(Brackets::Close, Escapes::None, |letter, _| letter == ':') {
            Token::Close => Ok(call),
            Token::Word(_) => {
                call.arguments.push(self.argument(Escapes::None, not_closing)?);
                self.closed(call)
            }
            _ => Err(BadTemplate::Substitution),
        }
    }

    /// `${name#pattern}` and its like.
    fn trimmed(&mut self, mut call: Call, operator: Accept) -> Result<Call, BadTemplate> {
        call.operator = self.word(operator)?;
        call.arguments.push(self.argument(Escapes::None, not_closing)?);
        self.closed(call)
    }

    /// `${name/from/to}` and its like.
    fn replacement(&mut self, mut call: Call) -> Result<Call, BadTemplate> {
        call.operator = self.word(|letter, length| match length {
            1 => letter == '/',
            2 => matches!(letter, '/' | '#' | '%'),
            _ => false,
        })?;
        call.arguments.push(self.argument(Escapes::All, |letter, _| letter != '/')?);
        self.word(|letter, _| letter == '/')?;
        if self.scanner.peek() != Some('}') {
            call.arguments.push(self.argument(Escapes::All, not_closing)?);
        }
        self.closed(call)
    }

    /// `${name:-default}` and its like; the default may have expressions in it.
    fn default(&mut self, mut call: Call, operator: Accept) -> Result<Call, BadTemplate> {
        call.operator = self.word(operator)?;
        while self.scanner.peek() != Some('}') {
            call.arguments.push(self.argument(Escapes::None, not_closing)?);
        }
        self.closed(call)
    }

    fn argument(&mut self, escapes: Escapes, accept: Accept) -> Result<Part, BadTemplate> {
        match self.scanner.scan(Brackets::Open, escapes, accept) {
            Token::Open => Ok(Part::Call(self.call()?)),
            Token::Word(text) => Ok(Part::Text(text)),
            _ => Err(BadTemplate::Argument),
        }
    }

    fn name(&mut self, otherwise: BadTemplate) -> Result<String, BadTemplate> {
        let is_part = |letter: char, _| letter.is_alphabetic() || letter.is_numeric() || letter == '_';
        match self.scanner.scan(Brackets::None, Escapes::None, is_part) {
            Token::Word(name) => String::from_utf8(name).map_err(|_| otherwise),
            _ => Err(otherwise),
        }
    }

    fn word(&mut self, accept: Accept) -> Result<Vec<u8>, BadTemplate> {
        match self.scanner.scan(Brackets::None, Escapes::None, accept) {
            Token::Word(word) => Ok(word),
            _ => Err(BadTemplate::Substitution),
        }
    }

    fn closed(&mut self, call: Call) -> Result<Call, BadTemplate> {
        match self.scanner.scan(Brackets::Close, Escapes::None, none) {
            Token::Close => Ok(call),
            _ => Err(BadTemplate::Substitution),
        }
    }
}

fn any(_: char, _: usize) -> bool {
    true
}

fn none(_: char, _: usize) -> bool {
    false
}

fn not_closing(letter: char, _: usize) -> bool {
    letter != '}'
}

fn is_default(letter: char, length: usize) -> bool {
    match length {
        1 => letter == ':',
        2 => matches!(letter, '=' | '-' | '?' | '+'),
        _ => false,
    }
}
