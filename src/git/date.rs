//! Dates as `GIT_AUTHOR_DATE` and `GIT_COMMITTER_DATE` have them: Git's own form, RFC 2822 and ISO 8601.

use jiff::Timestamp;
use jiff::Zoned;
use jiff::fmt::rfc2822;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

use super::GitError;

/// The date that a variable has. Without a zone it is in that of `now`.
///
/// # Errors
/// Another form.
pub(super) fn parse(variable: &str, text: &str, now: &Zoned) -> Result<Zoned, GitError> {
    let text = text.trim();
    let found = internal(text).or_else(|| rfc2822::parse(text).ok()).or_else(|| iso(text, now.time_zone()));
    found.ok_or_else(|| {
        let forms = "such as 2026-01-31T12:00:00+01:00, Sat, 31 Jan 2026 12:00:00 +0100 or @1769857200 +0100";
        GitError::other(format!("reading {variable}"), format!("\"{text}\" is not a date {forms}"))
    })
}

/// Seconds since 1970 with an offset from UTC: `@1769857200 +0100`. Numbers of more than eight digits need no sign before them.
fn internal(text: &str) -> Option<Zoned> {
    let bare = text.strip_prefix('@');
    let (seconds, zone) = bare.unwrap_or(text).split_once(' ').unwrap_or((bare.unwrap_or(text), "+0000"));
    if bare.is_none() && seconds.len() <= 8 {
        return None;
    }
    let at = Timestamp::from_second(seconds.parse().ok()?).ok()?;
    Some(at.to_zoned(TimeZone::fixed(offset(zone)?)))
}

/// `+0130`
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn iso(text: &str, zone: &TimeZone) -> Option<Zoned> {
    // Git takes an offset behind a space, too.
    let text = match text.rsplit_once(' ') {
        Some((before, zone)) if offset(zone).is_some() => format!("{before}{zone}"),
        _ => text.to_owned(),
    };
    let pieces = Pieces::parse(&text).ok()?;
    let zone = pieces.to_numeric_offset().map_or_else(|| zone.clone(), TimeZone::fixed);
    pieces.date().to_datetime(pieces.time()?).to_zoned(zone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_git_documents_are_read() {
        let now: Zoned = "2026-06-01T00:00:00+02:00[+02:00]".parse().unwrap();
        for text in [
            "2026-01-31T12:00:00+01:00",
            "2026-01-31 12:00:00 +0100",
            "2026-01-31T11:00:00Z",
            "2026-01-31T13:00:00",
            "2026-01-31 13:00:00",
            "Sat, 31 Jan 2026 12:00:00 +0100",
            "@1769857200 +0100",
            "1769857200 +0100",
            "@1769857200",
        ] {
            let read = parse("GIT_AUTHOR_DATE", text, &now).unwrap();
            assert_eq!(read.timestamp().as_second(), 1_769_857_200, "{text}");
        }
        let shown = parse("GIT_AUTHOR_DATE", "@1769857200 -0130", &now).unwrap();
        assert_eq!(shown.offset().seconds(), -5400);
        for text in ["soon", "17", "2026-01-31", "@1769857200 Z", "12:00:00"] {
            let error = parse("GIT_AUTHOR_DATE", text, &now).unwrap_err().to_string();
            assert!(error.contains("GIT_AUTHOR_DATE") && error.contains(text), "{error}");
        }
    }
}
