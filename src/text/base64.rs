//! Reads Base64 as Go does: line breaks are skipped, and the last bits may be anything.

use base64::Engine;
use base64::alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;

/// The bytes of a text in standard Base64 with padding; `None` if it is something else.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(packed).ok()
}
