//! Edits of YAML that keep every byte of what people wrote: comments, order, layout, quotes, line ends.
//!
//! An edit replaces one range of the text, and only counts when the new text reads as the edited value does: what cannot be kept is
//! refused with its file and line, never guessed. A document that SOPS has encrypted is never edited, for its checksum would be wrong.

mod batch;
mod block;
mod fault;
mod flow;
mod inner;
mod insert;
mod manifest;
mod merge;
mod patch;
mod remove;
mod rename;
mod spot;
mod step;
mod walk;

pub use batch::Edit;
pub use batch::EditKind;
pub use batch::Failed;
pub use fault::NotEditable;
pub use manifest::Manifest;
pub use step::Step;
pub use step::at;
pub use step::keys;
