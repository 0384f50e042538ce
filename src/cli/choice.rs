//! Flags whose value is a word of a set, refused in the words of the Flux CLI.

use crate::api::word;
use serde::de::DeserializeOwned;

/// A value of a set. `none` is the error for an empty text, `what` names what another text is not supported as.
///
/// # Errors
/// A value that is not in the set.
pub fn choice<T: DeserializeOwned>(text: &str, words: &[&str], none: &str, what: &str) -> Result<T, String> {
    if text.trim().is_empty() {
        return Err(none.to_owned());
    }
    let found = word::known(text).filter(|_| words.contains(&text));
    found.ok_or_else(|| format!("{what} '{text}' is not supported, must be one of: {}", words.join(", ")))
}
