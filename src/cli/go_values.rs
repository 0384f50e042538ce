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
    let refuse = |reason| strconv("ParseFloat", text, reason);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let hexadecimal = lower.strip_prefix("0x");
    let radix = if hexadecimal.is_some() { 16 } else { 10 };
    // Underscores are between digits, or behind the prefix.
    let body = hexadecimal.map_or_else(|| lower.clone(), |rest| format!("0{rest}"));
    let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_digit(radix));
    let parts: Vec<&str> = body.split('_').collect();
    let are_between = parts
        .windows(2)
        .all(|pair| is_digit(pair[0].chars().next_back()) && is_digit(pair[1].chars().next()));
    let plain = body.replace('_', "");
    let read = match hexadecimal {
        Some(_) => hexadecimal_float(&plain[1..]),
        None => plain.parse().ok().filter(|read: &f32| unsigned == text || !read.is_nan()),
    };
    let read = read.filter(|_| are_between && !lower.starts_with(['+', '-']));
    let read = read.ok_or_else(|| refuse("invalid syntax"))?;
    if read.is_infinite() && !lower.starts_with("inf") {
        return Err(refuse("value out of range"));
    }
    Ok(if text.starts_with('-') { -read } else { read })
}

/// A float in hexadecimal digits, behind its `0x`: with an exponent, which is decimal and of two.
fn hexadecimal_float(text: &str) -> Option<f32> {
    let (digits, exponent) = text.split_once('p')?;
    let size = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_decimal = !size.is_empty() && size.bytes().all(|digit| digit.is_ascii_digit());
    if !is_decimal || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value.mul_add(16.0, f64::from(digit.to_digit(16)?));
    }
    // No float is as large or as small.
    let exponent: i32 = exponent.parse().unwrap_or(if exponent.starts_with('-') { -10_000 } else { 10_000 });
    let below = i32::try_from(fraction.len()).unwrap_or(i32::MAX).saturating_mul(4);
    let scaled = value * 2.0_f64.powi(exponent.saturating_sub(below));
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes infinite")]
    let narrow = scaled as f32;
    Some(narrow)
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
    use super::go_float;
    use super::go_int;

    #[test]
    fn floats_are_read_as_go_reads_them() {
        for (text, wanted) in [
            ("0x1p4", 16.0),
            ("0X.8P1", 1.0),
            ("-0x1.8p-1", -0.75),
            ("0x_1_0p0", 16.0),
            ("0x1p1_0", 1024.0),
            ("0x1p-99999999999", 0.0),
            ("1e-400", 0.0),
            ("1_0", 10.0),
            ("1_0.5_0e0_1", 105.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+4", 4.0),
            ("1e2", 100.0),
            ("-Inf", f32::NEG_INFINITY),
            ("infinity", f32::INFINITY),
        ] {
            assert_eq!(go_float(text), Ok(wanted), "{text}");
        }
        assert!(go_float("NaN").unwrap().is_nan());
        for text in [
            "", "many", "0x10", "0x1p", "0xp1", "0x.p1", "0b1", "_1", "1_", "1__0", "1_.5", "--1", "1 ",
            "0x1pp1", "+-1", "0x1p+", "-nan", "0x1_.8p1", "0x1p_1", "0_x1p1",
        ] {
            let wanted = format!("strconv.ParseFloat: parsing \"{text}\": invalid syntax");
            assert_eq!(go_float(text), Err(wanted));
        }
        for text in ["1e400", "-3.5e38", "0x1p128", "0x1p99999999999"] {
            assert!(go_float(text).unwrap_err().ends_with("value out of range"), "{text}");
        }
    }

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
