//! What is said of a rollback, in lines and in the message of its commit.

use crate::api::ObjectId;

/// Why nothing is to be done for an object that is already rolled back.
pub(super) fn already(id: &ObjectId, present: &str) -> String {
    format!("nothing to do: {id} is already rolled back to {present}; choose another revision with --to")
}

/// The message of a commit; `reverted` has a line for each commit that it reverts.
pub(super) fn message(title: &str, reverted: &[String]) -> String {
    if reverted.is_empty() {
        return title.to_owned();
    }
    format!("{title}\n\nReverts:\n{}", reverted.join("\n"))
}
