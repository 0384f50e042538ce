//! The content of an artifact: a gzip-compressed tar archive, from a folder and into one.

mod compare;
mod entries;
mod extract;
mod glob;
mod ignore;
mod links;
mod source;
mod write;

pub use compare::Change;
pub use compare::compare;
pub use extract::extract;
pub use ignore::IgnoreRules;
pub use source::Source;
pub use write::Archive;
pub use write::build;
