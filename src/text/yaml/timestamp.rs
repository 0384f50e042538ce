//! Dates and times, which YAML has a form for.

use jiff::civil::Date;

/// A point in time, in the form in which Go writes it to JSON.
pub(super) fn parse(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return None;
    }
    let mut rest = &text[5..];
    let month = digits(&mut rest)?;
    rest = rest.strip_prefix('-')?;
    let day = digits(&mut rest)?;
    let year = text.get(..4)?;
    Date::new(year.parse().ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    if rest.is_empty() {
        return Some(format!("{year}-{month:02}-{day:02}T00:00:00Z"));
    }
    let has_zone = rest.starts_with(['T', 't']);
    rest = rest.strip_prefix(['T', 't', ' '])?;
    let hour = digits(&mut rest)?;
    rest = rest.strip_prefix(':')?;
    let minute = digits(&mut rest)?;
    rest = rest.strip_prefix(':')?;
    let second = digits(&mut rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = fraction(&mut rest);
    let zone = match (has_zone, rest) {
        (false, "") | (true, "Z") => "Z".to_owned(),
        (true, zone) => offset(zone)?,
        (false, _) => return None,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{dot}{fraction}{zone}"))
}

/// One or two digits.
fn digits(rest: &mut &str) -> Option<u8> {
    let length = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = rest[..length].parse().ok()?;
    *rest = &rest[length..];
    Some(number)
}

/// At most nine digits behind a dot or a comma, without zeros at the end.
fn fraction(rest: &mut &str) -> String {
    let Some(tail) = rest.strip_prefix(['.', ',']) else { return String::new() };
    let length = tail.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return String::new();
    }
    *rest = &tail[length..];
    tail[..length.min(9)].trim_end_matches('0').to_owned()
}

/// `+01:00`, of which zero is written as `Z`.
fn offset(zone: &str) -> Option<String> {
    let unsigned = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = unsigned.split_once(':')?;
    let number = |part: &str| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u8>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 24 || minutes > 60 {
        return None;
    }
    Some(if (hours, minutes) == (0, 0) { "Z".to_owned() } else { zone.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_that_go_reads() {
        for (text, wanted) in [
            ("2024-1-2", Some("2024-01-02T00:00:00Z")),
            ("2024-01-02 3:04:05.60", Some("2024-01-02T03:04:05.6Z")),
            ("2024-01-02t3:4:5Z", Some("2024-01-02T03:04:05Z")),
            ("2024-01-02T03:04:05,5+02:00", Some("2024-01-02T03:04:05.5+02:00")),
            ("2024-01-02T03:04:05-00:00", Some("2024-01-02T03:04:05Z")),
            ("2024-02-30", None),
            ("2024-01-02T03:04:05", None),
            ("2024-01-02 03:04:05Z", None),
            ("2024-01-02T03:04:05+2:00", None),
            ("12024-01-02", None),
        ] {
            assert_eq!(parse(text).as_deref(), wanted, "{text}");
        }
    }
}
