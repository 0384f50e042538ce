//! Hints that only the caller of a forge knows.

use super::error::ForgeError;

impl ForgeError {
    /// A refusal with this hint, unless it has one; other errors as they are.
    pub(super) fn or_hint(self, hint: &str) -> Self {
        match self {
            Self::Denied { doing, reason, hint: None } => {
                Self::Denied { doing, reason, hint: Some(hint.to_owned()) }
            }
            other => other,
        }
    }
}
