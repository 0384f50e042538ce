//! The values of expressions.

use super::parse::BadTemplate;
use super::parse::Call;
use super::parse::Part;
use super::parse::parse;
use crate::text::glob;
use crate::text::quoted;
use memchr::memmem;

/// What a variable that is not set counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Empty,
    /// An error, unless the expression has a default.
    Error,
}

/// Why a text cannot be completed.
#[derive(Debug, thiserror::Error)]
pub enum Unsubstituted {
    #[error(transparent)]
    Bad(#[from] BadTemplate),
    #[error("variable not set (strict mode): {}", quoted(.0))]
    NotSet(String),
}

/// Replaces the expressions in a text by their values. `value` has that of a variable.
///
/// # Errors
/// An invalid expression; a variable that is missing and must not be.
pub fn substitute<'v>(
    text: &[u8],
    missing: Missing,
    value: impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<u8>, Unsubstituted> {
    let mut out = Vec::with_capacity(text.len());
    Values { missing, value: &value }.all(&parse(text)?, &mut out)?;
    Ok(out)
}

struct Values<'a, F> {
    missing: Missing,
    value: &'a F,
}

impl<'v, F: Fn(&str) -> Option<&'v str>> Values<'_, F> {
    fn all(&self, parts: &[Part], out: &mut Vec<u8>) -> Result<(), Unsubstituted> {
        for part in parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Call(call) => out.extend_from_slice(&self.of(call)?),
            }
        }
        Ok(())
    }

    fn of(&self, call: &Call) -> Result<Vec<u8>, Unsubstituted> {
        let arguments: Vec<Vec<u8>> = call
            .arguments
            .iter()
            .map(|argument| {
                let mut value = Vec::new();
                self.all(std::slice::from_ref(argument), &mut value).map(|()| value)
            })
            .collect::<Result<_, _>>()?;
        let has_default = matches!(&call.operator[..], b"=" | [b':', _]);
        let found = (self.value)(&call.name);
        if found.is_none() && self.missing == Missing::Error && !has_default {
            return Err(Unsubstituted::NotSet(call.name.clone()));
        }
        Ok(apply(&call.operator, found.unwrap_or_default(), &arguments))
    }
}

fn apply(operator: &[u8], value: &str, arguments: &[Vec<u8>]) -> Vec<u8> {
    let bytes = value.as_bytes();
    let pattern = || String::from_utf8_lossy(&arguments[0]);
    match (operator, arguments) {
        (b"#", []) => bytes.len().to_string().into_bytes(),
        (b",,", _) => value.chars().map(lower).collect::<String>().into_bytes(),
        (b"^^", _) => value.chars().map(upper).collect::<String>().into_bytes(),
        (b",", _) => first_changed(value, lower),
        (b"^", _) => first_changed(value, upper),
        (b":", [offset, length @ ..]) => part(bytes, offset, length.first().map(Vec::as_slice)).to_vec(),
        (b"#", [_]) => without_prefix(value, &pattern(), Longest::No).to_owned().into_bytes(),
        (b"##", [_]) => without_prefix(value, &pattern(), Longest::Yes).to_owned().into_bytes(),
        (b"%", [_]) => without_suffix(value, &pattern(), Longest::No),
        (b"%%", [_]) => without_suffix(value, &pattern(), Longest::Yes),
        (b"/" | b"//", [from, to @ ..]) => {
            let most = if operator.len() == 1 { 1 } else { usize::MAX };
            replaced(value, from, to.first().map_or(&[], Vec::as_slice), most)
        }
        (b"/#", [from, to]) if bytes.starts_with(from) => replaced(value, from, to, 1),
        (b"/%", [from, to]) if bytes.ends_with(from) => [&bytes[..bytes.len() - from.len()], to].concat(),
        (b"/#" | b"/%", _) => bytes.to_vec(),
        _ if value.is_empty() => arguments.concat(),
        _ => bytes.to_vec(),
    }
}

/// As Go maps single characters: none becomes two.
fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    if upper.len() == 1 { upper.next().unwrap_or(letter) } else { letter }
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn first_changed(value: &str, change: fn(char) -> char) -> Vec<u8> {
    let mut letters = value.chars();
    let first = letters.next().map(change);
    first.into_iter().collect::<String>().into_bytes().into_iter().chain(letters.as_str().bytes()).collect()
}

/// From a byte on, so many bytes. Anything but a number leaves the value whole, as in a shell; negative numbers count from the end.
fn part<'b>(value: &'b [u8], offset: &[u8], length: Option<&[u8]>) -> &'b [u8] {
    let number = |text: &[u8]| str::from_utf8(text).ok()?.parse::<i64>().ok();
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let Some(mut begin) = number(offset) else { return value };
    if begin < 0 {
        begin = size.saturating_add(begin).max(0);
    }
    let end = match length.map(number) {
        Some(None) => return value,
        None => size,
        Some(Some(length)) if length < 0 => size.saturating_add(length),
        Some(Some(length)) => begin.saturating_add(length).min(size),
    };
    let place = |at: i64| usize::try_from(at).unwrap_or_default();
    value.get(place(begin)..place(end)).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Longest {
    No,
    Yes,
}

/// Without the beginning that a pattern matches, of which at least one character is there.
fn without_prefix<'v>(value: &'v str, pattern: &str, longest: Longest) -> &'v str {
    match glob::matching_prefixes(pattern, value) {
        Some((shortest, _)) if longest == Longest::No => &value[shortest..],
        Some((_, length)) => &value[length..],
        None => value,
    }
}

/// As upstream: the beginning of the value read backwards, by the pattern read backwards.
fn without_suffix(value: &str, pattern: &str, longest: Longest) -> Vec<u8> {
    let backwards = |text: &str| text.chars().rev().collect::<String>();
    backwards(without_prefix(&backwards(value), &backwards(pattern), longest)).into_bytes()
}

fn replaced(value: &str, from: &[u8], to: &[u8], most: usize) -> Vec<u8> {
    let places: Vec<usize> = if from.is_empty() {
        value.char_indices().map(|(at, _)| at).chain([value.len()]).take(most).collect()
    } else {
        memmem::find_iter(value.as_bytes(), from).take(most).collect()
    };
    let mut out = Vec::with_capacity(value.len());
    let mut done = 0;
    for place in places {
        out.extend_from_slice(&value.as_bytes()[done..place]);
        out.extend_from_slice(to);
        done = place + from.len();
    }
    out.extend_from_slice(&value.as_bytes()[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 7] = [
        ("v", "hello world"),
        ("empty", ""),
        ("path", "a/b.c/d.tar.gz"),
        ("n", "2"),
        ("u", "éÀß"),
        ("name2", "x"),
        ("größe", "7"),
    ];

    fn value(name: &str) -> Option<&'static str> {
        SET.iter().find(|(set, _)| *set == name).map(|(_, value)| *value)
    }

    fn told(text: &str, missing: Missing) -> String {
        match substitute(text.as_bytes(), missing, value) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => format!("✗ {error}"),
        }
    }

    #[test]
    fn expressions_have_the_values_that_flux_gives_them() {
        for (text, wanted) in [
            ("a ${v} b$v $", "a hello world b$v $"),
            ("$${v} $$$$ $$${v}", "${v} $$ $hello world"),
            ("${#v} ${#none}", "11 0"),
            ("${v^} ${v^^} ${u,,} ${u^^} ${u,}", "Hello world HELLO WORLD éàß ÉÀß éÀß"),
            ("${v:6} ${v:0:5} ${v:x} ${v:99}. ${v:1:-1}", "world hello hello world . ello worl"),
            ("${v:${n}:3} ${v:3:${none}}", "llo hello world"),
            ("${path#*/} ${path##*/} ${path%.*} ${path%%.*}", "b.c/d.tar.gz d.tar.gz a/b.c/d.tar a/b"),
            ("${v#[g-i]?} ${v#x} ${v%[}", "llo world hello world hello world"),
            (
                "${v/o/0} ${v//o/0} ${v/#hell/H} ${v/%world/W} ${v//o/}",
                "hell0 world hell0 w0rld Ho world hello W hell wrld",
            ),
            ("${path//\\//_} ${v/#x/y}", "a_b.c_d.tar.gz hello world"),
            ("${none:-a} ${empty:=b} ${none=c} ${v:-d} ${none:?e} ${none:+f}", "a b c hello world e f"),
            ("${none:-a ${n} ${none:-${v}}} ${none:-}", "a 2 hello world "),
            ("${name2} ${größe} ${v,^}", "x 7 hello world"),
            ("{} } ${none}|", "{} } |"),
            ("${n:-$$x} ${none:-$$x}", "2 $$x"),
        ] {
            assert_eq!(told(text, Missing::Empty), wanted, "{text}");
        }
    }

    #[test]
    fn an_invalid_expression_is_refused_in_the_words_of_flux() {
        for (text, wanted) in [
            ("${}", "unable to parse variable name"),
            ("${{ x }}", "unable to parse variable name"),
            ("${", "unable to parse variable name"),
            ("${a.b}", "missing closing brace"),
            ("${a-b}", "missing closing brace"),
            ("${a", "missing closing brace"),
            ("${#}", "bad substitution"),
            ("${a:é}", "bad substitution"),
            ("${a/b}", "bad substitution"),
            ("${a^b}", "bad substitution"),
            ("${a:}", "unable to parse substitution within function"),
            ("${a:", "bad substitution"),
            ("${a/b${c}/}", "bad substitution"),
            ("${a:-b", "unable to parse substitution within function"),
            ("${a#}", "unable to parse substitution within function"),
        ] {
            assert_eq!(told(text, Missing::Empty), format!("✗ {wanted}"), "{text}");
        }
        let deep = format!("{}{}", "${a:-".repeat(101), "}".repeat(101));
        assert_eq!(told(&deep, Missing::Empty), "✗ more than 100 expressions within each other");
    }

    #[test]
    fn a_missing_variable_may_be_an_error_where_it_has_no_default() {
        for (text, wanted) in [
            ("${none}", "✗ variable not set (strict mode): \"none\""),
            ("${#none}", "✗ variable not set (strict mode): \"none\""),
            ("${none:1}", "✗ variable not set (strict mode): \"none\""),
            ("${none:-${other}}", "✗ variable not set (strict mode): \"other\""),
            ("${none:-a}${none:?b}${none=c}${empty}", "abc"),
        ] {
            assert_eq!(told(text, Missing::Error), wanted, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_pass_unchanged() {
        let bytes = substitute(b"\xff ${v} \xc3", Missing::Empty, value).unwrap();
        assert_eq!(bytes, b"\xff hello world \xc3");
    }
}
