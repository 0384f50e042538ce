//! Commits and digests. In tables, a run of 40 to 128 lower-case hex digits that is a word of its own is cut to 8.

use sha2::Digest;
use sha2::Sha256;

/// Whether this is the full name of a commit.
pub fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Eight hexadecimal digits that tell a text from others.
pub fn short_hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..4])
}

/// Whether this is a SHA-256 digest as registries write it.
pub fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The text with its digests shortened.
pub fn shorten_hex(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let word_length = rest[start..].find(|c| !is_word(c)).unwrap_or(rest.len() - start);
        let (before, word_and_after) = rest.split_at(start);
        let (word, after) = word_and_after.split_at(word_length);
        shown.push_str(before);
        let is_digest = (40..=128).contains(&word.len()) && word.chars().all(is_hex);
        shown.push_str(if is_digest { &word[..8] } else { word });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::is_commit;
    use super::is_digest;
    use super::shorten_hex;

    #[test]
    fn commits_are_read_in_both_cases_and_digests_in_lower_case() {
        let (commit, digest) = ("0123456789abcdef0123456789abcdef01234567", "0123456789abcdef".repeat(4));
        assert!(is_commit(commit) && is_commit(&commit.to_uppercase()));
        assert!(!is_commit(&commit[1..]) && !is_commit(&digest) && !is_commit(&commit.replace('0', "g")));
        assert!(is_digest(&format!("sha256:{digest}")));
        for bad in [digest.clone(), format!("sha256:{}", digest.to_uppercase()), format!("sha512:{digest}")] {
            assert!(!is_digest(&bad), "{bad}");
        }
    }

    #[test]
    fn a_digest_is_cut_and_other_words_are_not() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(shorten_hex(&format!("main@sha1:{sha}")), "main@sha1:01234567");
        assert_eq!(shorten_hex(&format!("({sha}), {sha}.")), "(01234567), 01234567.");
        assert_eq!(shorten_hex("deadbeef is short"), "deadbeef is short");
        assert_eq!(shorten_hex(&format!("x{sha}")), format!("x{sha}"));
        assert_eq!(shorten_hex(&sha.to_uppercase()), sha.to_uppercase());
    }
}
