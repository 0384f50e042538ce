//! Objects that are declared nowhere: the error, and whether a deletion has been done already.

use super::fleet::Fleet;
use crate::api::ObjectId;
use crate::text::with_hint;

/// What to do if an object is not declared.
pub(super) const LOOK_ELSEWHERE: &str =
    "check name and namespace (-n), or pass the folder of the cluster with --fleet-path";

/// Why an object that is not declared cannot be edited, and what to do.
pub(super) struct Nowhere {
    pub(super) what: String,
    pub(super) hint: String,
}

impl Nowhere {
    /// `unread` is what could not be read, and might declare it.
    pub(super) fn new(id: &ObjectId, fleet: &Fleet, unread: &[String], hint: String) -> Self {
        let mut what = format!("{id} is not declared in {}", fleet.shown());
        if !unread.is_empty() {
            what.push_str(&format!(", as far as that can be read: {}", unread.join("; ")));
        }
        Self { what, hint }
    }

    pub(super) fn into_error(self) -> anyhow::Error {
        with_hint(anyhow::anyhow!(self.what), self.hint)
    }
}
