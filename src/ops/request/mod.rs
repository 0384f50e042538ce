//! Proposes a change on a branch of its own, as a pull or merge request of the forge. Nothing is remembered between runs: the
//! name of the branch is derived from what the change is about, so that the next run finds its own request again.

mod options;
mod propose;
mod title;
mod wait;

pub use options::RequestOptions;
pub use propose::Outcome;
pub(in crate::ops) use propose::Proposing;
