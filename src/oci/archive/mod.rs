//! The content of an artifact: a gzip-compressed tar archive, from a folder and into one.

mod compare;
mod entries;
mod extract;
mod links;
mod source;
mod write;

pub use compare::Change;
pub use compare::compare;
pub use entries::walk;
pub use extract::extract;
pub use source::Source;
pub use write::Archive;
pub use write::build;
