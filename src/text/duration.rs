//! Durations as Go writes them: `1h2m3s`, `5m0s`, `1.5s`, `300ms`. (Go's `time.ParseDuration` and `Duration.String`.)

use serde::Deserialize;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration that reads and prints as Go's. Negative ones are refused: no flag or field of Flux takes them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct GoDuration(pub Duration);

/// Why a text is not a duration, in Go's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("time: {0}")]
pub struct NotADuration(String);

const NANOS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl GoDuration {
    /// As exact as people read it: milliseconds, from a second on tenths of it, from a minute on seconds.
    #[must_use]
    pub fn rounded(self) -> Self {
        let unit: u128 = match self.0.as_secs() {
            0 => 1_000_000,
            1..60 => 100_000_000,
            _ => 1_000_000_000,
        };
        let nanos = (self.0.as_nanos() + unit / 2) / unit * unit;
        u64::try_from(nanos).map_or(self, |nanos| Self(Duration::from_nanos(nanos)))
    }
}

impl FromStr for GoDuration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let quoted = go_quoted(text);
        let invalid = || NotADuration(format!("invalid duration {quoted}"));
        let is_negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
        if rest == "0" {
            return Ok(Self(Duration::ZERO));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let digits_of = |text: &str| text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let mut nanos: u128 = 0;
        while !rest.is_empty() {
            let (whole, after) = rest.split_at(digits_of(rest));
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => after.split_at(digits_of(after)),
                None => ("", after),
            };
            if whole.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
            let (unit, next) = after.split_at(unit_end);
            if unit.is_empty() {
                return Err(NotADuration(format!("missing unit in duration {quoted}")));
            }
            let Some((_, scale)) = NANOS.iter().find(|(name, _)| *name == unit) else {
                return Err(NotADuration(format!("unknown unit {} in duration {quoted}", go_quoted(unit))));
            };
            let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
            nanos = whole.checked_mul(*scale).and_then(|part| nanos.checked_add(part)).ok_or_else(invalid)?;
            let mut unit_of_digit = *scale;
            for digit in fraction.bytes() {
                unit_of_digit /= 10;
                nanos += u128::from(digit - b'0') * unit_of_digit;
            }
            rest = next;
        }
        // Go's durations are 64-bit counts of nanoseconds.
        let nanos = i64::try_from(nanos).map_err(|_| invalid())?;
        if is_negative && nanos > 0 {
            return Err(NotADuration(format!("negative duration {quoted}")));
        }
        Ok(Self(Duration::from_nanos(nanos.unsigned_abs())))
    }
}

/// As Go's `time` package quotes: what is not printable ASCII is shown byte by byte.
fn go_quoted(text: &str) -> String {
    let shown = text.bytes().map(|byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' | 0x7f => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("\"{}\"", shown.collect::<String>())
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        if nanos == 0 {
            return f.write_str("0s");
        }
        for (unit, scale) in [("ns", 1_u128), ("µs", 1_000), ("ms", 1_000_000)] {
            if nanos < scale * 1_000 && nanos < 1_000_000_000 {
                return write!(f, "{}{unit}", decimal(nanos, scale));
            }
        }
        let seconds = nanos / 1_000_000_000;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write!(f, "{}s", decimal(nanos % 60_000_000_000, 1_000_000_000))
    }
}

/// `value / scale` without trailing zeros.
fn decimal(value: u128, scale: u128) -> String {
    let (whole, fraction) = (value / scale, value % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let width = scale.to_string().len() - 1;
    format!("{whole}.{}", format!("{fraction:0width$}").trim_end_matches('0'))
}

impl From<GoDuration> for String {
    fn from(duration: GoDuration) -> Self {
        duration.to_string()
    }
}

impl TryFrom<String> for GoDuration {
    type Error = NotADuration;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_as_people_read_them() {
        for (given, rounded) in [
            ("21.689079ms", "22ms"),
            ("1.129422892s", "1.1s"),
            ("59.97s", "1m0s"),
            ("2m3.6s", "2m4s"),
            ("1.5s", "1.5s"),
            ("400us", "0s"),
        ] {
            assert_eq!(given.parse::<GoDuration>().unwrap().rounded().to_string(), rounded, "{given}");
        }
    }

    #[test]
    fn durations_print_as_go_prints_them() {
        for (given, printed) in [
            ("5m", "5m0s"),
            ("1h", "1h0m0s"),
            ("90s", "1m30s"),
            ("1.5s", "1.5s"),
            ("300ms", "300ms"),
            ("1h2m3.25s", "1h2m3.25s"),
            ("1500us", "1.5ms"),
            ("7ns", "7ns"),
            ("0", "0s"),
        ] {
            assert_eq!(given.parse::<GoDuration>().unwrap().to_string(), printed, "{given}");
        }
    }

    #[test]
    fn a_bare_number_and_an_unknown_unit_are_refused_in_gos_words() {
        let said = |text: &str| text.parse::<GoDuration>().unwrap_err().to_string();
        assert_eq!(said("5"), "time: missing unit in duration \"5\"");
        assert_eq!(said("5x"), "time: unknown unit \"x\" in duration \"5x\"");
        assert_eq!(said("x"), "time: invalid duration \"x\"");
        assert_eq!(said(""), "time: invalid duration \"\"");
        assert_eq!(said("a\"\né"), "time: invalid duration \"a\\\"\\x0a\\xc3\\xa9\"");
        assert_eq!(said("1.2.3s"), "time: missing unit in duration \"1.2.3s\"");
        assert_eq!(said("1h "), "time: unknown unit \"h \" in duration \"1h \"");
        assert_eq!(said("5µ\t"), "time: unknown unit \"\\xc2\\xb5\\x09\" in duration \"5\\xc2\\xb5\\x09\"");
        assert_eq!(said("9999999h"), "time: invalid duration \"9999999h\"");
        assert_eq!(said("-5m"), "time: negative duration \"-5m\"");
        assert_eq!("-0s".parse::<GoDuration>().unwrap(), GoDuration::default());
    }
}
