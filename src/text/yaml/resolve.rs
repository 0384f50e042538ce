//! What a bare word means to the YAML 1.1 reader of Go's Kubernetes tools. A string that would be read as something else needs quotes.

/// Whether a bare `text` would be read as a string and as nothing else.
pub fn reads_as_string(text: &str) -> bool {
    !(is_word(text) || is_number(text) || is_timestamp(text) || is_base60(text))
}

/// The empty text, nulls, bools in every old spelling, the merge key, and the special floats.
fn is_word(text: &str) -> bool {
    matches!(
        text,
        "" | "~"
            | "null"
            | "Null"
            | "NULL"
            | "<<"
            | "y"
            | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "on"
            | "On"
            | "ON"
            | "off"
            | "Off"
            | "OFF"
            | ".nan"
            | ".NaN"
            | ".NAN"
            | ".inf"
            | ".Inf"
            | ".INF"
            | "+.inf"
            | "+.Inf"
            | "+.INF"
            | "-.inf"
            | "-.Inf"
            | "-.INF"
    )
}

/// Integers in Go's notations (`0x`, `0b`, `0o`, leading zero, underscores) and decimal floats.
fn is_number(text: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    if !text.bytes().next().is_some_and(starts) {
        return false;
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let digits = |digits: &str, radix: u32| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let lower = unsigned.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return digits(rest, radix);
        }
    }
    is_float(&lower)
}

/// `[digits][.digits][e[+-]digits]` with a digit before the exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_is_fine = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_is_fine
}

/// `2001-01-02`, `2001-01-02 3:04:05[.6]`, `2001-01-02T3:04:05[.6](Z|+01:00)`.
fn is_timestamp(text: &str) -> bool {
    let shape =
        |text: &str| -> String { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    let date_end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, rest) = text.split_at(date_end);
    let date_shape = shape(date);
    if !matches!(date_shape.as_str(), "0000-00-00" | "0000-0-0" | "0000-00-0" | "0000-0-00") {
        return false;
    }
    if rest.is_empty() {
        return date_shape == "0000-00-00" || date_shape.starts_with("0000-");
    }
    let time = &rest[1..];
    let clock_end = time.find(['Z', '+', '-', '.']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(clock_end);
    if !matches!(shape(clock).as_str(), "0:00:00" | "00:00:00" | "0:0:0" | "00:0:0" | "0:0:00" | "0:00:0") {
        return false;
    }
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => zone,
    };
    let has_t = rest.starts_with(['T', 't']);
    match zone {
        "" => !has_t,
        "Z" => has_t,
        offset => has_t && matches!(shape(&offset[1..]).as_str(), "00:00" | "0:00"),
    }
}

/// Base 60 numbers of YAML 1.1, e.g. `12:30`; Go never reads them so, but quotes them for readers that do.
fn is_base60(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return false };
    if !(first == b'+' || first == b'-' || first.is_ascii_digit()) || !text.contains(':') {
        return false;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (body, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let fraction_is_fine = fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = body.split(':');
    let head = parts.next().unwrap_or_default();
    let head_is_fine = head.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && head.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let tail_is_fine = parts.all(|part| {
        let bytes = part.as_bytes();
        match bytes.len() {
            1 => bytes[0].is_ascii_digit(),
            2 => (b'0'..=b'5').contains(&bytes[0]) && bytes[1].is_ascii_digit(),
            _ => false,
        }
    });
    fraction_is_fine && head_is_fine && tail_is_fine
}
