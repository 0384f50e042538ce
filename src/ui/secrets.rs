//! The secrets that no message shows.

use super::streams::lock;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::sync::Mutex;

/// What is written in the place of a secret.
const REDACTED: &str = "[redacted]";
/// So many characters of a secret are redacted also without the rest.
const CUT: usize = 16;
/// Words of messages about secrets.
const OWN_WORDS: [&str; 6] = ["flux", "key", "passphrase", "password", "secret", "token"];

/// The texts that are redacted: each secret as it is, and encoded.
#[derive(Debug, Default)]
pub(super) struct Secrets(Mutex<Vec<Text>>);

#[derive(Debug, PartialEq, Eq)]
struct Text {
    text: String,
    /// Whether its beginning alone tells something. Keys begin alike, and hold their public halves.
    may_be_cut: bool,
}

impl Secrets {
    pub(super) fn add(&self, secret: &str) {
        // Very short texts would blacken innocent words, and a word of the program's own messages would be revealed by its bar.
        if secret.len() < 4 || OWN_WORDS.contains(&secret) {
            return;
        }
        let plain = secret.to_owned();
        let encoded: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let base64 = STANDARD.encode(&plain);
        let in_json = Value::from(plain.as_str()).to_string().trim_matches('"').to_owned();
        let may_be_cut = !plain.contains('\n');
        let mut secrets = lock(&self.0);
        for text in [plain, encoded, base64, in_json] {
            let text = Text { text, may_be_cut };
            if !secrets.contains(&text) {
                secrets.push(text);
            }
        }
    }

    /// A text without them.
    pub(super) fn redacted(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for Text { text: secret, may_be_cut } in lock(&self.0).iter() {
            if shown.contains(secret.as_str()) {
                shown = shown.replace(secret.as_str(), REDACTED);
            }
            // A message that was cut may end in the middle of it.
            let Some(beginning) = secret.get(..CUT).filter(|_| *may_be_cut) else { continue };
            while let Some(at) = shown.find(beginning) {
                let common = shown[at..].chars().zip(secret.chars()).take_while(|(one, other)| one == other);
                let end = at + common.map(|(one, _)| one.len_utf8()).sum::<usize>();
                shown.replace_range(at..end, REDACTED);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_redacted_also_where_a_message_was_cut() {
        let secrets = Secrets::default();
        secrets.add("glpat-0123456789abcdefghij");
        let public = "cHVibGljIGhhbGYgb2Yga2V5";
        let private = format!("-----BEGIN KEY-----\n{public}\ncHJpdmF0ZSBoYWxm\n-----END KEY-----\n");
        secrets.add(&private);
        for (text, wanted) in [
            ("no glpat-0123456789abcde", "no [redacted]"),
            ("\"glpat-0123456789abcdef\" and glpat-0123", "\"[redacted]\" and glpat-0123"),
            (&format!("key: {private}"), "key: [redacted]"),
            (&format!("{{\"key\":{}}}", Value::from(private.as_str())), "{\"key\":\"[redacted]\"}"),
            // The public half may be shown.
            (&format!("ssh-key {public}"), &format!("ssh-key {public}")),
            ("it does not begin with -----BEGIN KEY-----", "it does not begin with -----BEGIN KEY-----"),
        ] {
            assert_eq!(secrets.redacted(text), wanted);
        }
    }
}
