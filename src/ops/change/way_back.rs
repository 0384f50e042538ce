//! What is said of a way back, in lines and in the message of its commit.

use crate::api::ObjectId;

/// Why nothing is to be done for an object that has gone back.
pub(super) fn already(id: &ObjectId, present: &str) -> String {
    format!("nothing to do: {id} has gone back already, to {present}; --to names another one")
}

/// The message of a commit.
pub(super) fn message(title: &str, taken: &[String]) -> String {
    if taken.is_empty() {
        return title.to_owned();
    }
    format!("{title}\n\nTakes back:\n{}", taken.join("\n"))
}
