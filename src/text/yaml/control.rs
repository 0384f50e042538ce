//! Characters that YAML does not have. Go's tools write YAML by way of JSON, which they read as YAML: what JSON does not escape is refused.

use super::to_string;
use serde_json::Value;

/// A value has such a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("yaml: control characters are not allowed")]
pub struct HasControl;

/// As [`to_string`], where Go's tools can write it.
///
/// # Errors
/// [`HasControl`].
pub fn to_string_without_control(value: &Value) -> Result<String, HasControl> {
    if holds_control(value) { Err(HasControl) } else { Ok(to_string(value)) }
}

/// Whether a text has characters that YAML cannot hold and JSON does not escape.
pub fn has_control(text: &str) -> bool {
    text.contains(|c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
}

/// Whether a text or a name in a value has one.
pub fn holds_control(value: &Value) -> bool {
    match value {
        Value::String(text) => has_control(text),
        Value::Array(items) => items.iter().any(holds_control),
        Value::Object(fields) => fields.iter().any(|(key, value)| has_control(key) || holds_control(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_json_escapes_can_be_written() {
        for letter in
            ['\u{1}', '\u{1b}', '\t', '\u{85}', '\u{a0}', '\u{2028}', '\u{feff}', '\u{e000}', '\u{10ffff}']
        {
            assert!(to_string_without_control(&json!({"a": [letter]})).is_ok(), "{letter:?}");
        }
        for letter in ['\u{7f}', '\u{80}', '\u{84}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
            for value in [json!({"a": [letter]}), json!({letter.to_string(): 1})] {
                assert_eq!(to_string_without_control(&value), Err(HasControl), "{letter:?}");
            }
        }
    }
}
