//! Certificates, summarised for people as dyff does it.

use crate::text::Der;
use crate::text::PemBlock;
use jiff::civil::DateTime;

const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
const GENERAL_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// The prefix of the object identifiers of names (X.520).
const NAMES: [u8; 2] = [0x55, 4];

/// The summary of the certificate that is the first PEM block of a text; `None` if it is not a certificate.
///
/// Go also judges extensions and keys. A certificate that is broken there is summarised here, and compared as a text by dyff.
pub(super) fn summary(text: &str) -> Option<String> {
    if !text.contains("-----BEGIN ") {
        return None;
    }
    let block = PemBlock::all(text).next()?;
    let mut whole = Der(&block.bytes);
    let mut certificate = Der(whole.take(SEQUENCE)?);
    let mut parts = Der(certificate.take(SEQUENCE)?);
    if !whole.0.is_empty() {
        return None;
    }
    if parts.peek() == Some(VERSION) {
        parts.take(VERSION)?;
    }
    let serial = parts.take(INTEGER)?;
    let algorithm = parts.take(SEQUENCE)?;
    let issuer = Name::read(parts.take(SEQUENCE)?)?;
    let mut validity = Der(parts.take(SEQUENCE)?);
    let (begin, end) = (time(&mut validity)?, time(&mut validity)?);
    let subject = Name::read(parts.take(SEQUENCE)?)?;
    parts.take(SEQUENCE)?;
    if certificate.take(SEQUENCE)? != algorithm || serial.first().is_none_or(|first| *first > 0x7f) {
        return None;
    }
    Some(format!(
        "Subject:\n  Common Name: {}\n  Organization: {}\n  Organization Unit: {}\n  Locality: {}\n  State: {}\n  \
         Country: {}\nValidity Period:\n  NotBefore: {begin}\n  NotAfter: {end}\nIssuer: {}, {}\nSerial Number: {}\n",
        subject.common,
        subject.organization.join(" "),
        subject.unit.join(" "),
        subject.locality.join(" "),
        subject.state.join(" "),
        subject.country.join(" "),
        issuer.common,
        issuer.organization.join(" "),
        number(serial),
    ))
}

/// The parts of a name that are shown.
#[derive(Default)]
struct Name {
    /// The last one.
    common: String,
    organization: Vec<String>,
    unit: Vec<String>,
    locality: Vec<String>,
    state: Vec<String>,
    country: Vec<String>,
}

impl Name {
    fn read(der: &[u8]) -> Option<Self> {
        let mut name = Self::default();
        let mut sets = Der(der);
        while !sets.0.is_empty() {
            let mut set = Der(sets.take(SET)?);
            while !set.0.is_empty() {
                let mut attribute = Der(set.take(SEQUENCE)?);
                let kind = attribute.take(OBJECT)?;
                let (tag, value) = attribute.next()?;
                name.add(kind, string(tag, value)?);
            }
        }
        Some(name)
    }

    fn add(&mut self, kind: &[u8], value: String) {
        let list = match kind.strip_prefix(&NAMES[..]) {
            Some([3]) => {
                self.common = value;
                return;
            }
            Some([6]) => &mut self.country,
            Some([7]) => &mut self.locality,
            Some([8]) => &mut self.state,
            Some([10]) => &mut self.organization,
            Some([11]) => &mut self.unit,
            _ => return,
        };
        list.push(value);
    }
}

/// A string of any of the types that names have; `None` for what must not be in it.
fn string(tag: u8, value: &[u8]) -> Option<String> {
    let only = |allowed: fn(u8) -> bool| {
        value.iter().all(|byte| allowed(*byte)).then(|| value.iter().copied().map(char::from).collect())
    };
    match tag {
        // UTF8String
        0x0c => String::from_utf8(value.to_vec()).ok(),
        // NumericString
        0x12 => only(|byte| byte == b' ' || byte.is_ascii_digit()),
        // PrintableString
        0x13 => only(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&byte)),
        // T61String, taken for Latin-1
        0x14 => only(|_| true),
        // IA5String
        0x16 => only(|byte| byte.is_ascii()),
        // BMPString
        0x1e if value.len().is_multiple_of(2) => {
            let value = value.strip_suffix(&[0, 0]).unwrap_or(value);
            let points = value.chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
            let is_character = |point: &u32| !matches!(point, 0xfffe | 0xffff | 0xfdd0..=0xfdef);
            points.map(|point| char::from_u32(point).filter(|_| is_character(&point))).collect()
        }
        _ => None,
    }
}

/// A time in UTC, e.g. `Jan 2 15:04:05 2026 UTC`.
fn time(der: &mut Der<'_>) -> Option<String> {
    let (tag, text) = der.next()?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERAL_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    // Times of the first kind may lack their seconds.
    let rest = if rest.len() == 8 && tag == UTC_TIME { format!("{rest}00") } else { rest.to_owned() };
    let is_whole = rest.len() == 10 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let time = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    is_whole.then(|| time.strftime("%b %-d %H:%M:%S %Y UTC").to_string())
}

/// A positive number in decimal, and in hexadecimal behind it.
fn number(bytes: &[u8]) -> String {
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hexadecimal = match hexadecimal.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    // Digits to the base of 10^9, the lowest first.
    let mut decimal = vec![0_u64];
    for byte in bytes {
        let mut carry = u64::from(*byte);
        for digit in &mut decimal {
            carry += *digit << 8;
            *digit = carry % 1_000_000_000;
            carry /= 1_000_000_000;
        }
        if carry > 0 {
            decimal.push(carry);
        }
    }
    let first = decimal.pop().unwrap_or_default();
    let rest: String = decimal.iter().rev().map(|digit| format!("{digit:09}")).collect();
    format!("{first}{rest} (0x{hexadecimal})")
}

#[cfg(test)]
mod tests {
    use super::number;
    use super::summary;

    #[test]
    fn numbers_of_any_length_are_written_in_both_ways() {
        assert_eq!(number(&[0]), "0 (0x0)");
        assert_eq!(number(&[0, 0xff]), "255 (0xff)");
        assert_eq!(number(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), "18446744073709551616 (0x10000000000000000)");
        assert_eq!(number(&[0x3b, 0x9a, 0xca, 0]), "1000000000 (0x3b9aca00)");
    }

    #[test]
    fn other_blocks_are_not_certificates() {
        assert_eq!(summary("text"), None);
        assert_eq!(summary("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None);
    }
}
