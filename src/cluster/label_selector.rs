//! Label selectors, judged as Kubernetes judges them and with its words, so that a wrong one is found before the API server is asked.

use super::labels::key_faults;
use super::labels::value_faults;
use crate::text::quoted;
use std::collections::BTreeSet;

/// What a selector consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Identifier(String),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 9] = [")", ",", "!", "==", "=", ">", "<", "!=", "("];

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Identifier(text) => text,
            Self::Symbol(text) => text,
            Self::End => "",
        }
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(text) if *text == symbol)
    }
}

/// Judges a selector such as `team=ops,tier in (web, api),!canary`.
///
/// # Errors
/// What Kubernetes says about a text that is not a selector.
pub fn judge_selector(text: &str) -> Result<(), String> {
    let mut parser = Parser { tokens: tokens(text), position: 0 };
    loop {
        match parser.next_token() {
            Token::Identifier(_) => {}
            token if token.is("!") => {}
            Token::End => return Ok(()),
            other => {
                return Err(format!("found '{}', expected: !, identifier, or 'end of string'", other.text()));
            }
        }
        parser.requirement().map_err(|reason| format!("unable to parse requirement: {reason}"))?;
        match parser.take() {
            Token::End => return Ok(()),
            token if token.is(",") => match parser.next_token() {
                Token::Identifier(_) => {}
                next if next.is("!") => {}
                other => return Err(format!("found '{}', expected: identifier after ','", other.text())),
            },
            other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.text())),
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let is_symbol = |letter: char| "=!(),><".contains(letter);
    let is_blank = |letter: char| " \t\r\n".contains(letter);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        // Every symbol is one alone, so that the longest that fits is found.
        let known = SYMBOLS.iter().filter(|symbol| rest.starts_with(**symbol));
        let length = match known.max_by_key(|symbol| symbol.len()) {
            Some(symbol) => {
                tokens.push(Token::Symbol(symbol));
                symbol.len()
            }
            None => {
                let end = rest.find(|letter| is_symbol(letter) || is_blank(letter)).unwrap_or(rest.len());
                tokens.push(Token::Identifier(rest[..end].to_owned()));
                end
            }
        };
        rest = rest[length..].trim_start_matches(is_blank);
    }
    tokens.push(Token::End);
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
}

impl Parser {
    fn next_token(&self) -> &Token {
        self.tokens.get(self.position).unwrap_or(&Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.next_token().clone();
        self.position += 1;
        token
    }

    /// One condition: a key, and what is asked of its value.
    fn requirement(&mut self) -> Result<(), String> {
        let mut token = self.take();
        let is_negated = token.is("!");
        if is_negated {
            token = self.take();
        }
        let Token::Identifier(key) = token else {
            return Err(format!("found '{}', expected: identifier", token.text()));
        };
        let faults = key_faults(&key);
        if !faults.is_empty() {
            return Err(invalid("<nil>", &key, &faults.join("; ")));
        }
        if is_negated || matches!(self.next_token(), Token::End) || self.next_token().is(",") {
            return Ok(());
        }
        let operator = self.take();
        let values = match operator.text() {
            "in" | "notin" => self.set()?,
            "=" | "==" | "!=" | ">" | "<" => BTreeSet::from([self.value()?]),
            other => return Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt")),
        };
        let mut faults = Vec::new();
        if matches!(operator.text(), ">" | "<") {
            let numbers = values.iter().filter(|value| value.parse::<i64>().is_err());
            let reason = "for 'Gt', 'Lt' operators, the value must be an integer";
            faults.extend(numbers.map(|value| invalid("values[0]", value, reason)));
        }
        for (at, value) in values.iter().enumerate() {
            let wrong = value_faults(value);
            if !wrong.is_empty() {
                faults.push(invalid(&format!("values[{at}][{key}]"), value, &wrong.join("; ")));
            }
        }
        match &faults[..] {
            [] => Ok(()),
            [one] => Err(one.clone()),
            several => Err(format!("[{}]", several.join(", "))),
        }
    }

    fn value(&mut self) -> Result<String, String> {
        if matches!(self.next_token(), Token::End) || self.next_token().is(",") {
            return Ok(String::new());
        }
        match self.take() {
            Token::Identifier(value) => Ok(value),
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    /// Values in parentheses; each may be empty.
    fn set(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.take();
        if !open.is("(") {
            return Err(format!("found '{}' expected: '('", open.text()));
        }
        let first = self.next_token().clone();
        if first.is(")") {
            self.take();
            return Ok(BTreeSet::from([String::new()]));
        }
        if !(first.is(",") || matches!(first, Token::Identifier(_))) {
            return Err(format!("found '{}', expected: ',', ')' or identifier", first.text()));
        }
        let mut values = BTreeSet::new();
        loop {
            match self.take() {
                Token::Identifier(value) => {
                    values.insert(value);
                    let next = self.next_token();
                    if !(next.is(",") || next.is(")")) {
                        return Err(format!("found '{}', expected: ',' or ')'", next.text()));
                    }
                    if next.is(")") {
                        break;
                    }
                }
                token if token.is(",") => {
                    let next = self.next_token();
                    let ends = next.is(")");
                    if values.is_empty() || ends || next.is(",") {
                        values.insert(String::new());
                    }
                    if ends {
                        break;
                    }
                }
                other => return Err(format!("found '{}', expected: ',', or identifier", other.text())),
            }
        }
        self.take();
        Ok(values)
    }
}

fn invalid(field: &str, value: &str, reason: &str) -> String {
    format!("{field}: Invalid value: {}: {reason}", quoted(value))
}

#[cfg(test)]
mod tests {
    use super::judge_selector;

    #[test]
    fn selectors_of_kubernetes_are_taken() {
        for text in [
            "",
            " ",
            "a",
            "!a",
            "a=",
            "a==b",
            "a!=b,c",
            "a in (x, y),b notin ()",
            "a in (,)",
            "a in (x,,y)",
            "a>1",
            "x in (in)",
            "in",
            "notin=in",
            "example.com/a = b",
            "a,!b , c=d",
        ] {
            assert_eq!(judge_selector(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_invalid_selector_is_refused_with_the_words_of_kubernetes() {
        for (text, wanted) in [
            ("team in", "unable to parse requirement: found '' expected: '('"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a,,b", "found ',', expected: identifier after ','"),
            ("a,", "found '', expected: identifier after ','"),
            (",a", "found ',', expected: !, identifier, or 'end of string'"),
            ("!a=b", "found '=', expected: ',' or 'end of string'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a=(b", "unable to parse requirement: found '(', expected: identifier"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ] {
            assert_eq!(judge_selector(text), Err(wanted.to_owned()), "{text}");
        }
        let wrong = judge_selector("a=b*").unwrap_err();
        assert!(
            wrong.starts_with(
                "unable to parse requirement: values[0][a]: Invalid value: \"b*\": a valid label"
            ),
            "{wrong}"
        );
        let wrong = judge_selector("-a").unwrap_err();
        assert!(
            wrong.starts_with("unable to parse requirement: <nil>: Invalid value: \"-a\": name part must"),
            "{wrong}"
        );
        let wrong = judge_selector("a>b").unwrap_err();
        assert!(
            wrong.ends_with(
                "values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"
            ),
            "{wrong}"
        );
    }
}
