//! What a scalar without quotes is to Go's YAML libraries, and which texts need quotes because of it.

use super::number;
use super::scan::Dialect;
use super::timestamp;
use serde_json::Number;

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Integer(Number),
    Float(f64),
    Timestamp,
    Text,
}

/// What `text` means without quotes and without a tag.
pub(super) fn meaning(text: &str, dialect: Dialect) -> Meaning {
    match text.bytes().next() {
        None => Meaning::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text, dialect)
        }
        Some(b'.') => match special_float(text).or_else(|| finite(text)) {
            Some(float) => Meaning::Float(float),
            None => Meaning::Text,
        },
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if let Some(float) = special_float(text) {
                return Meaning::Float(float);
            }
            if timestamp::parse(text).is_some() {
                return Meaning::Timestamp;
            }
            number(text, dialect)
        }
        Some(_) => Meaning::Text,
    }
}

fn word(text: &str, dialect: Dialect) -> Meaning {
    match text {
        "true" | "True" | "TRUE" => Meaning::Bool(true),
        "false" | "False" | "FALSE" => Meaning::Bool(false),
        "~" | "null" | "Null" | "NULL" => Meaning::Null,
        _ if dialect == Dialect::Three => Meaning::Text,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Meaning::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Meaning::Bool(false),
        _ => Meaning::Text,
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A decimal number that is not too large.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|float: &f64| float.is_finite())
}

fn number(text: &str, dialect: Dialect) -> Meaning {
    let plain = text.replace('_', "");
    if let Some(integer) = integer(&plain) {
        return Meaning::Integer(integer);
    }
    if is_float(&plain)
        && let Some(float) = finite(&plain)
    {
        return Meaning::Float(float);
    }
    // A second sign behind the prefix is read here only.
    let prefixes: &[(&str, u32)] = match dialect {
        Dialect::Two => &[("0b", 2)],
        Dialect::Three => &[("0b", 2), ("0o", 8)],
    };
    for (prefix, radix) in prefixes {
        if let Some(digits) = plain.strip_prefix(prefix)
            && let Ok(integer) = i64::from_str_radix(digits, *radix)
        {
            return Meaning::Integer(integer.into());
        }
    }
    Meaning::Text
}

/// Decimal, `0x`, `0b`, `0o`, and octal by a leading zero; unsigned ones may have 64 bits.
fn integer(plain: &str) -> Option<Number> {
    let (sign, digits) = match plain.as_bytes().first()? {
        b'-' => ("-", &plain[1..]),
        b'+' => ("", &plain[1..]),
        _ => ("", plain),
    };
    let prefixed = |letter: char| {
        let rest = digits.strip_prefix('0')?;
        rest.strip_prefix([letter, letter.to_ascii_uppercase()])
    };
    let (digits, radix) = if let Some(rest) = prefixed('x') {
        (rest, 16)
    } else if let Some(rest) = prefixed('b') {
        (rest, 2)
    } else if let Some(rest) = prefixed('o') {
        (rest, 8)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (&digits[1..], 8)
    } else {
        (digits, 10)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let signed = i64::from_str_radix(&format!("{sign}{digits}"), radix).map(Number::from);
    if plain.starts_with('+') {
        return signed.ok();
    }
    signed.or_else(|_| u64::from_str_radix(&format!("{sign}{digits}"), radix).map(Number::from)).ok()
}

/// `[+-](.digits | digits[.digits])[e[+-]digits]`.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_exponent = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits && digits(whole) && digits(fraction) && is_exponent
}

/// Whether a text can be written without quotes: it means nothing else, not even to readers of YAML 1.1 that know numbers to the base of 60.
pub(super) fn reads_as_string(text: &str) -> bool {
    meaning(text, Dialect::Two) == Meaning::Text && !is_base60(text)
}

/// Whether a text without quotes is nothing else to the newer library.
pub fn is_text_without_quotes(text: &str) -> bool {
    text != "<<" && meaning(text, Dialect::Three) == Meaning::Text
}

/// Whether a text is written without quotes, and is an integer to the newer library nevertheless, e.g. `0o-7`.
pub fn is_integer_when_read_again(text: &str) -> bool {
    text.starts_with("0o") && reads_as_string(text) && meaning(text, Dialect::Three) != Meaning::Text
}

/// Base 60 numbers of YAML 1.1, e.g. `12:30`; Go never reads them so, but quotes them for readers that do.
fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (body, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = body.split(':');
    let head = parts.next().unwrap_or_default();
    let mut tail = parts.peekable();
    head.starts_with(|c: char| c.is_ascii_digit())
        && tail.peek().is_some()
        && is_digits(head)
        && is_digits(fraction)
        && tail.all(|part| match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
            _ => false,
        })
}

impl Meaning {
    /// The number, unless JSON cannot hold it.
    pub(super) fn float(float: f64) -> Result<Number, String> {
        number::from_float(float).ok_or_else(|| {
            let name = if float.is_nan() {
                "NaN"
            } else if float > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            format!("json: unsupported value: {name}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_word_is_what_go_makes_of_it() {
        let integer = |number: i64| Meaning::Integer(number.into());
        for (text, two, three) in [
            ("yes", Meaning::Bool(true), Meaning::Text),
            ("Off", Meaning::Bool(false), Meaning::Text),
            ("True", Meaning::Bool(true), Meaning::Bool(true)),
            ("~", Meaning::Null, Meaning::Null),
            ("0644", integer(420), integer(420)),
            ("0o14", integer(12), integer(12)),
            ("0X1f", integer(31), integer(31)),
            ("-0b11", integer(-3), integer(-3)),
            ("0b-11", integer(-3), integer(-3)),
            ("0o-7", Meaning::Text, integer(-7)),
            ("1_000", integer(1000), integer(1000)),
            ("08", Meaning::Float(8.0), Meaning::Float(8.0)),
            (".5", Meaning::Float(0.5), Meaning::Float(0.5)),
            ("1e400", Meaning::Text, Meaning::Text),
            (
                "12345678901234567890123",
                Meaning::Float(1.234_567_890_123_456_8e22),
                Meaning::Float(1.234_567_890_123_456_8e22),
            ),
            (
                "+18446744073709551615",
                Meaning::Float(1.844_674_407_370_955_2e19),
                Meaning::Float(1.844_674_407_370_955_2e19),
            ),
            ("1.2.3", Meaning::Text, Meaning::Text),
            ("12:30", Meaning::Text, Meaning::Text),
            ("--1", Meaning::Text, Meaning::Text),
            ("2024-1-2", Meaning::Timestamp, Meaning::Timestamp),
            ("2024-13-02", Meaning::Text, Meaning::Text),
        ] {
            assert_eq!(meaning(text, Dialect::Two), two, "{text}");
            assert_eq!(meaning(text, Dialect::Three), three, "{text}");
        }
    }
}
