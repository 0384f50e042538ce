//! What is a regular expression, and which groups it has. (Go's `regexp/syntax`, in its Perl dialect.)

/// How often something may be repeated, with all repetitions around it.
const MOST_REPEATS: i64 = 1000;
/// How deep groups may be nested.
const DEEPEST: usize = 999;
/// A text is not a regular expression of Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression of Go")]
pub struct BadRegexp;

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

/// What was read so far of a group, or of the whole expression.
#[derive(Default)]
struct Group {
    /// How often the innermost part of what was read last is repeated; nothing to repeat after a parenthesis or a bar.
    last: Option<i64>,
    /// The largest of these numbers.
    most: i64,
}

pub(super) struct Parser<'a> {
    pub(super) rest: &'a str,
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
                // Anything but a repetition is a literal brace.
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

    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    pub(super) fn letter(&mut self) -> Result<char, BadRegexp> {
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
    pub(super) fn push(&mut self, times: i64) -> Result<(), BadRegexp> {
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
            let is_allowed = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
            ensure(!name.is_empty() && name.chars().all(is_allowed))?;
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
}

pub(super) fn ensure(holds: bool) -> Result<(), BadRegexp> {
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
            "a{1}x{",
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
}
