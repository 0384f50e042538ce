//! Values of flags as Go reads them.

use crate::text::GoDuration;
use crate::text::first_record;
use crate::text::quoted;
use std::collections::BTreeMap;
use std::time::Duration;

/// A bool as Go's `strconv.ParseBool` reads it.
///
/// # Errors
/// In the words of Go's `strconv`.
pub fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(strconv("ParseBool", text, "invalid syntax")),
    }
}

/// A number as Go's flags take it, also in the other bases of Go's literals (`0x1f`, `0b1`, `1_000`), and refuse it.
///
/// # Errors
/// In the words of Go's `strconv`.
pub fn go_int(text: &str) -> Result<i64, String> {
    let refuse = |reason| strconv("ParseInt", text, reason);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let (digits, radix, is_prefixed) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16, true),
        [b'0', b'b', ..] => (&lower[2..], 2, true),
        [b'0', b'o', ..] => (&lower[2..], 8, true),
        [b'0', _, ..] => (&lower[1..], 8, true),
        _ => (lower.as_str(), 10, false),
    };
    // Underscores are between digits, or behind the prefix of a base.
    let body = if is_prefixed { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    if body.is_empty()
        || body.split('_').any(|part| !part.chars().all(|digit| digit.is_digit(radix)) || part.is_empty())
    {
        return Err(refuse("invalid syntax"));
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let plain = format!("{sign}{}", body.replace('_', ""));
    i64::from_str_radix(&plain, radix).map_err(|_| refuse("value out of range"))
}

/// Names with their values, `a=b,c=d`: one of them may have commas in it, and several are a record of CSV.
///
/// # Errors
/// An item without `=`; quotes in the wrong places.
pub fn go_pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let items = match text.matches('=').count() {
        0 => vec![text.to_owned()],
        1 => vec![text.trim_matches('"').to_owned()],
        _ => first_record(text)?,
    };
    let pair = |item: &String| match item.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("{item} must be formatted as key=value")),
    };
    items.iter().map(pair).collect()
}

/// A number with a fraction, as Go's flags take it.
///
/// # Errors
/// In the words of Go's `strconv`.
pub fn go_float(text: &str) -> Result<f32, String> {
    text.parse().map_err(|_| strconv("ParseFloat", text, "invalid syntax"))
}

/// An error of Go's `strconv`, which is what a wrong number shows.
pub fn strconv(function: &str, text: &str, reason: &str) -> String {
    format!("strconv.{function}: parsing {}: {reason}", quoted(text))
}

/// A Go duration on the command line, e.g. `1h2m3s`.
///
/// # Errors
/// Go's own words, as the Flux CLI shows them.
pub fn go_duration(text: &str) -> Result<Duration, String> {
    text.parse::<GoDuration>().map(|duration| duration.0).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::go_int;

    #[test]
    fn numbers_are_read_in_every_base_of_go() {
        for (text, wanted) in [
            ("0", 0),
            ("-1", -1),
            ("+7", 7),
            ("0x1F", 31),
            ("-0b101", -5),
            ("0o17", 15),
            ("017", 15),
            ("1_000", 1000),
            ("0x_f_f", 255),
            ("0_7", 7),
        ] {
            assert_eq!(go_int(text), Ok(wanted), "{text}");
        }
        for text in ["", "many", "1.5", "08", "_1", "1_", "1__0", "0x", "--1", "1 ", "0x_"] {
            assert_eq!(go_int(text), Err(format!("strconv.ParseInt: parsing \"{text}\": invalid syntax")));
        }
        for text in ["9223372036854775808", "-0x8000000000000001"] {
            assert!(go_int(text).unwrap_err().ends_with("value out of range"), "{text}");
        }
        assert_eq!(go_int("-9223372036854775808"), Ok(i64::MIN));
    }
}
