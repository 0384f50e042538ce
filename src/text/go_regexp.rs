//! Regular expressions as Go's `regexp` takes and refuses them, and the templates that name their groups. Nothing is matched here.

use regex::Regex;
use std::sync::LazyLock;

/// How often something may be repeated, with all repetitions around it.
const MOST_REPEATS: i64 = 1000;
/// How deep groups may be nested.
const DEEPEST: usize = 999;
const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// A text is not a regular expression of Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression of Go")]
pub struct BadRegexp;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadTemplate {
    /// A `$` without a name, or a brace that is not closed.
    Malformed,
    /// The expression has no group of this name.
    NoSuchGroup(String),
}

/// The names of the groups of an expression.
///
/// # Errors
/// What `regexp/syntax` does not parse in its Perl dialect.
pub fn group_names(pattern: &str) -> Result<Vec<String>, BadRegexp> {
    let mut parser = Parser { rest: pattern, groups: vec![Group::default()], names: Vec::new() };
    let mut after_repeat = false;
    while !parser.rest.is_empty() {
        after_repeat = parser.token(after_repeat)?;
    }
    if parser.groups.len() == 1 { Ok(parser.names) } else { Err(BadRegexp) }
}

/// Checks that a template names only groups that there are; `$1` may be any number, `$$` is a dollar.
///
/// # Errors
/// The first name that is none, or is not in `groups`.
pub fn check_template(template: &str, groups: &[String]) -> Result<(), BadTemplate> {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\$(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))").ok());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            rest = after;
            continue;
        }
        let found = NAME.as_ref().and_then(|pattern| pattern.captures(rest)).ok_or(BadTemplate::Malformed)?;
        let name = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
        if !is_number(name) && !groups.iter().any(|group| group == name) {
            return Err(BadTemplate::NoSuchGroup(name.to_owned()));
        }
        rest = &rest[found[0].len()..];
    }
    Ok(())
}

/// The number of a group: one with a leading zero, or of more than nine digits, is a name.
fn is_number(name: &str) -> bool {
    let is_plain = name == "0" || !name.starts_with('0');
    name.bytes().all(|byte| byte.is_ascii_digit()) && is_plain && name.len() <= 9
}

/// What was read so far of a group, or of the whole expression.
#[derive(Default)]
struct Group {
    /// How often the innermost part of what was read last is repeated; nothing to repeat after a parenthesis or a bar.
    last: Option<i64>,
    /// The largest of these numbers.
    most: i64,
}

struct Parser<'a> {
    rest: &'a str,
    groups: Vec<Group>,
    names: Vec<String>,
}

impl Parser<'_> {
    /// Reads one token; tells whether it repeats what is before it.
    fn token(&mut self, after_repeat: bool) -> Result<bool, BadRegexp> {
        match self.rest.as_bytes()[0] {
            b'(' if self.rest.starts_with("(?") => self.flags()?,
            b'(' => {
                self.skip(1);
                self.open()?;
            }
            b'|' => {
                self.skip(1);
                self.group()?.last = None;
            }
            b')' => {
                self.skip(1);
                let inner = self.groups.pop().map_or(1, |group| group.most.max(1));
                self.push(inner)?;
            }
            b'[' => self.class()?,
            b'*' | b'+' | b'?' => {
                self.skip(1);
                self.repeat(1, after_repeat)?;
                return Ok(true);
            }
            b'{' => match bounds(self.rest) {
                Some((least, most, rest)) => {
                    self.rest = rest;
                    let is_small = (0..=MOST_REPEATS).contains(&least) && most <= MOST_REPEATS;
                    ensure(is_small && (most < 0 || least <= most))?;
                    let times = if most < 0 { least.max(1) } else { most };
                    self.repeat(times, after_repeat)?;
                    ensure(least < 2 && most < 2 || self.group()?.last <= Some(MOST_REPEATS))?;
                    return Ok(true);
                }
                // What is no repetition is a brace.
                None => {
                    self.skip(1);
                    self.push(1)?;
                }
            },
            b'\\' => self.backslash()?,
            _ => {
                self.letter()?;
                self.push(1)?;
            }
        }
        Ok(false)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn letter(&mut self) -> Result<char, BadRegexp> {
        let letter = self.rest.chars().next().ok_or(BadRegexp)?;
        self.skip(letter.len_utf8());
        Ok(letter)
    }

    fn group(&mut self) -> Result<&mut Group, BadRegexp> {
        self.groups.last_mut().ok_or(BadRegexp)
    }

    fn open(&mut self) -> Result<(), BadRegexp> {
        self.groups.push(Group::default());
        ensure(self.groups.len() <= DEEPEST)
    }

    /// Something that can be repeated, whose innermost part is repeated so often already.
    fn push(&mut self, times: i64) -> Result<(), BadRegexp> {
        let group = self.group()?;
        group.most = group.most.max(times);
        group.last = Some(times);
        Ok(())
    }

    /// Repeats what was read last; with a `?` behind it as seldom as possible.
    fn repeat(&mut self, times: i64, after_repeat: bool) -> Result<(), BadRegexp> {
        self.rest = self.rest.strip_prefix('?').unwrap_or(self.rest);
        ensure(!after_repeat)?;
        let repeated = self.group()?.last.ok_or(BadRegexp)?;
        // What is there no times counts no times.
        self.push(if times == 0 { 1 } else { times.saturating_mul(repeated) })
    }

    /// A group with a name, without one, or only flags: `(?P<name>`, `(?<name>`, `(?i:`, `(?i)`.
    fn flags(&mut self) -> Result<(), BadRegexp> {
        let named = ["(?P<", "(?<"].into_iter().find_map(|start| self.rest.strip_prefix(start));
        if let Some(named) = named {
            let (name, rest) = named.split_once('>').ok_or(BadRegexp)?;
            let may_stand = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
            ensure(!name.is_empty() && name.chars().all(may_stand))?;
            self.names.push(name.to_owned());
            self.rest = rest;
            return self.open();
        }
        self.skip("(?".len());
        let (mut is_negated, mut saw_flag) = (false, false);
        loop {
            match self.letter()? {
                'i' | 'm' | 's' | 'U' => saw_flag = true,
                '-' if !is_negated => (is_negated, saw_flag) = (true, false),
                end @ (':' | ')') if !is_negated || saw_flag => {
                    return if end == ':' { self.open() } else { Ok(()) };
                }
                _ => return Err(BadRegexp),
            }
        }
    }

    fn backslash(&mut self) -> Result<(), BadRegexp> {
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
    fn class(&mut self) -> Result<(), BadRegexp> {
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

fn ensure(holds: bool) -> Result<(), BadRegexp> {
    holds.then_some(()).ok_or(BadRegexp)
}

/// `{least}`, `{least,}` or `{least,most}`, and what follows. `most` is negative where there is none, `least` where a number is too long.
fn bounds(text: &str) -> Option<(i64, i64, &str)> {
    let (inside, rest) = text.strip_prefix('{')?.split_once('}')?;
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = digits == "0" || !digits.starts_with('0');
        (is_number && is_plain).then(|| digits.parse().unwrap_or(i64::MAX))
    };
    match inside.split_once(',') {
        None => number(inside).map(|least| (least, least, rest)),
        Some((least, "")) => number(least).map(|least| (least, -1, rest)),
        Some((least, most)) => Some((number(least)?, number(most)?, rest)),
    }
}

/// A category or a script of Unicode, in any case, with or without blanks, dashes and underscores.
fn is_unicode_class(name: &str) -> bool {
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || "_- ".contains(letter);
    name.chars().all(may_stand)
        && ["gc", "sc"].iter().any(|property| Regex::new(&format!("\\p{{{property}={name}}}")).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_parses_is_taken() {
        for pattern in [
            "",
            "a|b|",
            "()",
            "(?i)a",
            "(?i-s:b)",
            "^*",
            "a*?",
            "a{2,3}?",
            "a{,5}",
            "a{",
            "a{01}",
            "{1}x{",
            r"\Qa*b",
            r"\Q\E",
            r"a*\Q\E*",
            r"\pL\p{Greek}\p{^han}\P{Lu}",
            r"\x{10FFFF}\x41\012\0",
            "[]a]",
            "[^]]",
            "[a-]",
            "[-a]",
            "[[:alpha:][:^digit:]]",
            "[[:alpha]",
            r"[\d\pL-z]",
            r"\_\.\-",
            "(?<a>b)(?P<a>c)",
            "[a&&b]",
            "(a{100}){10}",
            "a{0,0}",
            "(a{1000}){0}",
            "é+",
            r"[\x{d800}-\x{dfff}]",
            "a(?i)*",
            "x{2}{",
            r"\A\z\b\B",
            r"[a\]b]",
        ] {
            assert!(group_names(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn what_go_does_not_parse_is_refused() {
        for pattern in [
            "(",
            ")",
            "a)",
            "[",
            "[a",
            "[]",
            "a**",
            "a+*",
            "a*{2}",
            "a???",
            "*",
            "a|*",
            "(*)",
            "(?i)*",
            r"\",
            r"\1",
            r"\8",
            r"\C",
            r"\q",
            r"\é",
            r"\x",
            r"\x4",
            r"\xg1",
            r"\x{}",
            r"\x{110000}",
            r"\p",
            r"\p{",
            r"\p{Nope}",
            "[z-a]",
            r"[\n-\t]",
            "[[:nope:]]",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<>a)",
            "(?P<a",
            "(?P<a b>c)",
            "(?P=a)",
            "(?x)",
            "(?",
            "(?-)",
            "(?i--s)",
            "a{1001}",
            "a{2,1}",
            "a{99999999999}",
            "(a{100}){11}",
            "((a{10}){10}){11}",
            r"[\d-z-a]{2}[b-a]",
            "(?i",
        ] {
            assert!(group_names(pattern).is_err(), "{pattern}");
        }
        assert!(group_names(&("(".repeat(5000) + &")".repeat(5000))).is_err());
    }

    #[test]
    fn a_template_names_groups_that_there_are() {
        let groups = group_names(r"^v(?P<n>\d+)-(?<build>\w+)(x)").unwrap();
        assert_eq!(groups, ["n", "build"]);
        for good in ["", "x", "$n", "${n}.$build", "$1", "$0", "$123456789", "$$", "$$$n", "a$n-b"] {
            assert_eq!(check_template(good, &groups), Ok(()), "{good}");
        }
        for bad in ["$", "$$$", "${n", "${}", "$-", "a$ b", "${n-}"] {
            assert_eq!(check_template(bad, &groups), Err(BadTemplate::Malformed), "{bad}");
        }
        for (bad, name) in [
            ("$m", "m"),
            ("$nx", "nx"),
            ("$01", "01"),
            ("${2a}", "2a"),
            ("$1234567890", "1234567890"),
            ("$é", "é"),
        ] {
            assert_eq!(check_template(bad, &groups), Err(BadTemplate::NoSuchGroup(name.to_owned())), "{bad}");
        }
    }
}
