//! How far an object is, in one value.

use crate::api::object::text;
use crate::text::first_line;
use serde_json::Value;
use std::fmt;

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Current,
    /// It has no conditions: its kind has none, or nothing has looked at it yet.
    Silent,
    /// What it says is about an older generation; the reason, as people read it.
    Unobserved(String),
    /// On its way.
    Working(Explanation),
    /// The last attempt failed; there will be another one.
    Failing(Explanation),
    /// It will not get there by itself.
    Stalled(Explanation),
    /// It is being deleted.
    Terminating,
}

/// What a condition says, or what is known without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// One CamelCase word; may be empty.
    pub reason: String,
    pub message: String,
}

/// `Reason: message`, in one line.
impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = first_line(&self.message);
        let parts = [self.reason.as_str(), message.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        out.write_str(&parts.join(": "))
    }
}

impl Status {
    /// Why the object is not ready.
    pub fn reason(&self) -> String {
        match self {
            Self::Current => String::new(),
            Self::Silent => NOT_RECONCILED.to_owned(),
            Self::Unobserved(reason) => reason.clone(),
            Self::Working(told) | Self::Failing(told) | Self::Stalled(told) => told.to_string(),
            Self::Terminating => "it is being deleted".to_owned(),
        }
    }
}

impl Explanation {
    /// What a condition says.
    pub(super) fn by(condition: &Value) -> Self {
        let [reason, message] = ["/reason", "/message"].map(|at| text(condition, at).to_owned());
        Self { reason, message }
    }

    /// A message without a reason.
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

pub(super) const NOT_RECONCILED: &str = "it was not reconciled yet";
