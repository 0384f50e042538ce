//! What an unquoted scalar is to Go's newer YAML reader, the one of kustomize: `yes` is a string there, a date is a time.

use serde_json::Number;
use serde_json::Value;

/// Whether the text alone says null.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The value of a text.
///
/// # Errors
/// A number without a form in JSON.
pub(super) fn value(text: &str) -> Result<Value, String> {
    if is_null(text) {
        return Ok(Value::Null);
    }
    match text {
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("\"{text}\" cannot be written as JSON"));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Ok(Value::String(text.to_owned()));
    }
    if let Some(time) = timestamp(text) {
        return Ok(Value::String(time));
    }
    Ok(number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number))
}

fn number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    if !text.starts_with('.')
        && let Some(integer) = integer(&plain)
    {
        return Some(integer);
    }
    if !is_float(&plain) {
        return None;
    }
    let float: f64 = plain.parse().ok()?;
    // Go writes a float without a fraction as an integer, and reads it back as one.
    if float.fract() == 0.0 && float.abs() < 9.0e15 {
        return plain_integer(&format!("{float:.0}"), 10);
    }
    Number::from_f64(float)
}

/// Decimal, `0x`, `0b`, `0o`, and octal by a leading zero.
fn integer(plain: &str) -> Option<Number> {
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(plain)),
    };
    let lower = digits.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return plain_integer(&format!("{sign}{rest}"), radix);
        }
    }
    let radix = if lower.len() > 1 && lower.starts_with('0') { 8 } else { 10 };
    plain_integer(&format!("{sign}{lower}"), radix)
}

fn plain_integer(text: &str, radix: u32) -> Option<Number> {
    if text.trim_start_matches('-').starts_with(['+', '-']) {
        return None;
    }
    match i64::from_str_radix(text, radix) {
        Ok(number) => Some(number.into()),
        Err(_) => u64::from_str_radix(text, radix).ok().map(Number::from),
    }
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
    let exponent_is_fine = exponent.is_none_or(|part| {
        let part = part.strip_prefix(['+', '-']).unwrap_or(part);
        !part.is_empty() && digits(part)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_is_fine
}

/// A date or a time, in the form in which Go writes times to JSON.
fn timestamp(text: &str) -> Option<String> {
    let year = text.get(..4)?;
    if !year.bytes().all(|byte| byte.is_ascii_digit()) || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((text.as_bytes()[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date[5..].split('-').map(two_digits);
    let (month, day) = (parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let Some((separator, time)) = time else { return Some(format!("{year}-{month:02}-{day:02}T00:00:00Z")) };
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let zone = match (separator, zone) {
        (b' ', "") => "Z",
        (b'T' | b't', zone) if is_zone(zone) => zone,
        _ => return None,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(two_digits);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    let zone = if zone == "+00:00" { "Z" } else { zone };
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{dot}{fraction}{zone}"))
}

fn two_digits(part: &str) -> Option<u8> {
    let fits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| part.parse().ok()).flatten()
}

fn is_zone(zone: &str) -> bool {
    let shape: String = zone.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.as_str(), "Z" | "+00:00" | "-00:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bare_word_is_what_go_makes_of_it() {
        for (text, wanted) in [
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("true", json!(true)),
            ("~", Value::Null),
            ("0644", json!(420)),
            ("0o14", json!(12)),
            ("0x1F", json!(31)),
            ("-0b11", json!(-3)),
            ("1_000", json!(1000)),
            ("08", json!(8)),
            ("1.0", json!(1)),
            ("1e3", json!(1000)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("12:30", json!("12:30")),
            ("-", json!("-")),
            ("--1", json!("--1")),
            ("18446744073709551615", json!(u64::MAX)),
            ("2024-1-2", json!("2024-01-02T00:00:00Z")),
            ("2024-01-02 3:04:05.60", json!("2024-01-02T03:04:05.6Z")),
            ("2024-01-02T03:04:05+02:00", json!("2024-01-02T03:04:05+02:00")),
            ("2024-13-02", json!("2024-13-02")),
        ] {
            assert_eq!(value(text), Ok(wanted), "{text}");
        }
        assert!(value(".nan").is_err());
    }
}
