//! `--status-selector`: objects by a condition of theirs.

use crate::api::Kind;
use crate::api::object;
use anyhow::Context;
use serde_json::Value;

/// `type=status` or `type!=status`, upper and lower case alike.
#[derive(Clone)]
pub struct StatusSelector {
    kind: String,
    status: String,
    negated: bool,
}

impl StatusSelector {
    /// Reads the value of the flag; `None` if it is empty.
    ///
    /// # Errors
    /// A text without `=`.
    pub fn parse(text: &str) -> anyhow::Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let (kind, status) = text.split_once('=').with_context(|| {
            format!("expected status selector in type=status or type!=status format, but found: {text}")
        })?;
        let (kind, negated) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
        Ok(Some(Self { kind: kind.to_owned(), status: status.to_owned(), negated }))
    }

    /// A condition that is not there equals nothing, so it passes `!=`.
    pub fn admits(&self, kind: &Kind, object: &Value) -> bool {
        let found = if self.kind.eq_ignore_ascii_case("ready") && is_static(kind, object) {
            Some("True".to_owned())
        } else {
            object::conditions(object).iter().find_map(|condition| {
                let name = condition["type"].as_str()?;
                name.eq_ignore_ascii_case(&self.kind)
                    .then(|| condition["status"].as_str().unwrap_or_default().to_owned())
            })
        };
        let equal = found.is_some_and(|status| status.eq_ignore_ascii_case(&self.status));
        equal != self.negated
    }
}

fn is_static(kind: &Kind, object: &Value) -> bool {
    matches!((kind.readiness)(object), crate::api::Readiness::Static(_))
}
