//! From bytes to text: UTF-8, or UTF-16 behind a byte order mark, as libyaml reads it and in its words.

use super::BadYaml;

/// The text of a file; a byte order mark before UTF-8 stays. `origin` is named in errors.
///
/// # Errors
/// Bytes that are neither.
pub fn text(bytes: Vec<u8>, origin: &str) -> Result<String, BadYaml> {
    let text = match bytes[..] {
        [0xff, 0xfe, ..] => wide(&bytes[2..], u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(&bytes[2..], u16::from_be_bytes),
        _ => {
            return String::from_utf8(bytes).map_err(|error| {
                let (valid, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
                BadYaml::bytes(origin, narrow_problem(rest), place_behind(valid))
            });
        }
    };
    text.map_err(|reason| BadYaml::new(origin, reason))
}

/// The line and the column behind a text, counted from one.
fn place_behind(text: &[u8]) -> (usize, usize) {
    let mut lines = text.split(|byte| *byte == b'\n').rev();
    let is_first = |byte: &&u8| *byte & 0xc0 != 0x80;
    let column = lines.next().map_or(0, |line| line.iter().filter(is_first).count());
    (lines.count() + 1, column + 1)
}

/// Whether this is UTF-16 to [`text`].
pub fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, &'static str> {
    let pairs = bytes.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if is_whole => Ok(text),
        Err(error) if error.unpaired_surrogate() >= 0xdc00 => Err("unexpected low surrogate area"),
        Err(_) if is_whole => Err("expected low surrogate area"),
        _ => Err("incomplete UTF-16 character"),
    }
}

/// What is wrong with octets that do not begin with a character.
fn narrow_problem(octets: &[u8]) -> &'static str {
    let (width, least) = match octets.first() {
        Some(0xc0..=0xdf) => (2, 0x80),
        Some(0xe0..=0xef) => (3, 0x800),
        Some(0xf0..=0xf7) => (4, 0x1_0000),
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(octets) = octets.get(..width) else { return "incomplete UTF-8 octet sequence" };
    if octets[1..].iter().any(|octet| octet & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let first = u32::from(octets[0]) & (0xff >> (width + 1));
    let value = octets[1..].iter().fold(first, |value, octet| value << 6 | u32::from(octet & 0x3f));
    if value < least { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_and_what_is_not_text_is_refused_in_the_words_of_libyaml() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        assert_eq!(text(wide("\u{feff}a: ü𝕏\n"), "x").unwrap(), "a: ü𝕏\n");
        assert_eq!(text(big("\u{feff}a: ü𝕏\n"), "x").unwrap(), "a: ü𝕏\n");
        assert_eq!(text("\u{feff}a".into(), "x").unwrap(), "\u{feff}a");
        for (bytes, reason) in [
            (&b"a: \xff\n"[..], "line 1, column 4: invalid leading UTF-8 octet"),
            (b"b: 1\n\na: \xc3\xbc\xbf\n", "line 3, column 5: invalid leading UTF-8 octet"),
            (b"a: \xc3\n\n", "line 1, column 4: invalid trailing UTF-8 octet"),
            (b"\xe2\x82", "line 1, column 1: incomplete UTF-8 octet sequence"),
            (b"a: \xc0\x80", "line 1, column 4: invalid length of a UTF-8 sequence"),
            (b"a: \xe0\x80\x80", "line 1, column 4: invalid length of a UTF-8 sequence"),
            (b"a: \xed\xa0\x80", "line 1, column 4: invalid Unicode character"),
            (b"a: \xf4\x90\x80\x80", "line 1, column 4: invalid Unicode character"),
            (b"\xff\xfea\0b", "incomplete UTF-16 character"),
            (b"\xff\xfe\0\xd8\n\0", "expected low surrogate area"),
            (b"\xff\xfe\0\xdc\n\0", "unexpected low surrogate area"),
        ] {
            let error = text(bytes.to_vec(), "a.yaml").unwrap_err().to_string();
            assert_eq!(error, format!("a.yaml: not valid YAML: {reason}"), "{bytes:?}");
        }
    }
}
