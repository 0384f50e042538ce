//! PEM as Go's `encoding/pem` reads it.

use base64::Engine;
use std::collections::BTreeMap;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "\n-----END ";
const DASHES: &str = "-----";

/// One block: `-----BEGIN <kind>-----`, headers, bytes in Base64.
pub struct PemBlock {
    pub kind: String,
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
}

impl PemBlock {
    /// The blocks that are whole; what is around them and what is broken is passed over.
    pub fn all(text: &str) -> impl Iterator<Item = Self> {
        let mut rest = text;
        std::iter::from_fn(move || {
            loop {
                let end = rest.find(END)?;
                let (before, after) = (&rest[..end], &rest[end + END.len()..]);
                rest = after;
                if let Some(block) = Self::between(before, after) {
                    return Some(block);
                }
            }
        })
    }

    /// The text of the block, without headers.
    pub fn text(kind: &str, bytes: &[u8]) -> String {
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        format!("{BEGIN}{kind}{DASHES}\n{encoded}{END}{kind}{DASHES}\n")
    }

    /// The block that begins last before the text `after` an END.
    fn between(before: &str, after: &str) -> Option<Self> {
        let begin = before.rfind(BEGIN)?;
        if begin > 0 && !before[..begin].ends_with('\n') {
            return None;
        }
        let inside = &before[begin + BEGIN.len()..];
        let (kind, mut body) = inside.split_once('\n').unwrap_or((inside, ""));
        let kind = trimmed(kind).strip_suffix(DASHES)?;
        let mut headers = BTreeMap::new();
        while let Some((key, value)) = trimmed(body.split('\n').next().unwrap_or_default()).split_once(':') {
            headers.insert(key.trim().to_owned(), value.trim().to_owned());
            body = body.split_once('\n')?.1;
        }
        let rest = after.strip_prefix(kind)?.strip_prefix(DASHES)?;
        if !trimmed(rest.split('\n').next().unwrap_or_default()).is_empty() {
            return None;
        }
        let text: String = body.chars().filter(|letter| !matches!(letter, ' ' | '\t')).collect();
        let bytes = super::from_base64(&text)?;
        Some(Self { kind: kind.to_owned(), headers, bytes })
    }
}

/// A line without its carriage return and the blanks at its end.
fn trimmed(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_whole_block_of_a_text_is_found() {
        let text = format!(
            "before\n{}between\n-----BEGIN X-----\n!\n-----END X-----\n{}after",
            PemBlock::text("A B", b"one"),
            PemBlock::text("C", b"two")
        );
        let found: Vec<(String, Vec<u8>)> =
            PemBlock::all(&text).map(|block| (block.kind, block.bytes)).collect();
        assert_eq!(found, [("A B".to_owned(), b"one".to_vec()), ("C".to_owned(), b"two".to_vec())]);
    }
}
