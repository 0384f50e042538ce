//! Reads templates as client-go does, its leniencies included.

use super::node::BadTemplate;
use super::node::Filter;
use super::node::Node;
use super::node::Slice;
use serde_json::Value;

/// The parts of a template: texts, and a list for each pair of braces.
pub(super) fn nodes(text: &str) -> Result<Vec<Node>, BadTemplate> {
    let mut parser = Parser { letters: text.chars().collect(), at: 0 };
    let mut nodes = Vec::new();
    while parser.at < parser.letters.len() {
        let text = parser.take_while(|letter| letter != '{');
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        if parser.skip("{") {
            nodes.push(Node::List(parser.action()?));
        }
    }
    Ok(nodes)
}

/// What is between braces, without them.
fn action(text: &str) -> Result<Vec<Node>, BadTemplate> {
    match nodes(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
}

/// Whether a name ends here.
fn is_terminator(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some());
        letter
    }

    fn skip(&mut self, word: &str) -> bool {
        let is_there = word
            .chars()
            .enumerate()
            .all(|(index, letter)| self.letters.get(self.at + index) == Some(&letter));
        if is_there {
            self.at += word.chars().count();
        }
        is_there
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(letter) = self.peek().filter(|letter| wanted(*letter)) {
            taken.push(letter);
            self.at += 1;
        }
        taken
    }

    /// Up to the closing brace, which is passed.
    fn action(&mut self) -> Result<Vec<Node>, BadTemplate> {
        let mut nodes = Vec::new();
        loop {
            if self.skip("}") {
                return Ok(nodes);
            }
            if self.skip("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.skip("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err(BadTemplate::new("invalid multiple recursive descent"));
                }
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(|letter| letter == '_' || letter.is_alphanumeric()) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err(BadTemplate::new("unclosed action: } is missing")),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.brackets(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(letter) if letter == '+' || letter == '-' || letter.is_numeric() => {
                    self.at -= 1;
                    nodes.push(self.number()?);
                }
                Some(letter) if letter == '_' || letter.is_alphabetic() => {
                    self.at -= 1;
                    nodes.push(match self.take_while(|letter| !is_terminator(letter)).as_str() {
                        "true" => Node::Literal(Value::Bool(true)),
                        "false" => Node::Literal(Value::Bool(false)),
                        word => Node::Word(word.to_owned()),
                    });
                }
                Some(letter) => {
                    return Err(BadTemplate::new(format!("unrecognized character '{letter}' in {{}}")));
                }
            }
        }
    }

    /// A name; a backslash takes the next letter into it.
    fn field(&mut self) -> Node {
        let mut name = String::new();
        while let Some(letter) = self.peek() {
            if letter == '\\' {
                self.at += 1;
                name.extend(self.next().filter(|letter| *letter != '\\'));
            } else if is_terminator(letter) {
                break;
            } else {
                name.push(letter);
                self.at += 1;
            }
        }
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn number(&mut self) -> Result<Node, BadTemplate> {
        let mut text: String = self.next().into_iter().collect();
        text.push_str(&self.take_while(|letter| letter == '.' || letter.is_numeric()));
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Node::Literal(whole.into()));
        }
        let float =
            text.parse::<f64>().map_err(|_| BadTemplate::new(format!("cannot parse number {text}")))?;
        Ok(Node::Literal(float.into()))
    }

    fn quoted(&mut self, quote: char) -> Result<Node, BadTemplate> {
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err(BadTemplate::new("unterminated quoted string")),
                Some('\\') => text.push(self.escaped(quote)?),
                Some(letter) if letter == quote => return Ok(Node::Text(text)),
                Some(letter) => text.push(letter),
            }
        }
    }

    /// What follows a backslash, as in Go.
    fn escaped(&mut self, quote: char) -> Result<char, BadTemplate> {
        let bad = || BadTemplate::new("invalid escape in a quoted string");
        let digits = match self.next().ok_or_else(bad)? {
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'v' => return Ok('\u{b}'),
            '\\' => return Ok('\\'),
            letter if letter == quote => return Ok(letter),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(bad()),
        };
        let text: String = (0..digits).map_while(|_| self.next()).collect();
        u32::from_str_radix(&text, 16).ok().and_then(char::from_u32).ok_or_else(bad)
    }

    /// `[…]`: an index, a slice, a name in quotes, or several of them.
    fn brackets(&mut self, nodes: &mut Vec<Node>) -> Result<(), BadTemplate> {
        let text = self.take_while(|letter| letter != ']' && letter != '\n');
        if self.next() != Some(']') {
            return Err(BadTemplate::new("unterminated array: ] is missing"));
        }
        if text.contains(',') {
            let parts = text.split(',').map(|part| action(&format!("[{}]", part.trim_matches(' '))));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
        } else if let Some(key) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
            && !key.contains('\'')
        {
            nodes.extend(action(&format!(".{key}"))?);
        } else {
            nodes.push(Node::Slice(slice(if text == "*" { ":" } else { &text })?));
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, BadTemplate> {
        let text = self.filter_text()?;
        let is_operator = |letter: char| "!<>=".contains(letter);
        let from = text.find(is_operator).filter(|from| *from > 0);
        let parts = from.and_then(|from| {
            let rest = &text[from..];
            let mut length = rest.find(|letter| !is_operator(letter)).unwrap_or(rest.len());
            // Something must be left to compare with.
            if length == rest.len() {
                length -= 1;
            }
            (length > 0).then(|| (&text[..from], &rest[..length], &rest[length..]))
        });
        let Some((left, operator, right)) = parts else {
            return Ok(Node::Filter(Filter { left: action(&text)?, right: None }));
        };
        if !["<", ">", "==", "!=", "<=", ">="].contains(&operator) {
            return Err(BadTemplate::new(format!("unrecognized filter operator {operator}")));
        }
        let right = Some((operator.to_owned(), action(right)?));
        Ok(Node::Filter(Filter { left: action(left)?, right }))
    }

    /// Up to the `)]` that is not in quotes.
    fn filter_text(&mut self) -> Result<String, BadTemplate> {
        let mut text = String::new();
        let (mut quote, mut is_closed) = (None, false);
        loop {
            let letter = self.next().filter(|letter| *letter != '\n');
            let letter = letter.ok_or_else(|| BadTemplate::new("unterminated filter: )] is missing"))?;
            match letter {
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                '"' | '\'' => is_closed |= quote == Some(letter) && !text.ends_with('\\'),
                ')' if quote.is_some() == is_closed => break,
                _ => {}
            }
            text.push(letter);
        }
        match self.next() {
            Some(']') => Ok(text),
            _ => Err(BadTemplate::new("unclosed filter: ] is missing")),
        }
    }
}

/// `3`, `-1`, `1:`, `:2`, `::2`.
fn slice(text: &str) -> Result<Slice, BadTemplate> {
    let bad = || BadTemplate::new(format!("invalid array index {text}"));
    let number = |part: Option<&str>| match part {
        None | Some("") => Ok(None),
        Some(part) if part.starts_with('+') => Err(bad()),
        Some(part) => part.parse::<i64>().map(Some).map_err(|_| bad()),
    };
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return Err(bad());
    }
    let at = |index: usize| number(parts.get(index).copied());
    Ok(Slice { from: at(0)?, to: at(1)?, step: at(2)?, is_index: parts.len() == 1 })
}
