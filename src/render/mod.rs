//! From files to objects: a tree of files, and the builds that read it. Nothing is written beside the input.

pub mod kustomize;
mod tree;

pub use tree::Disk;
pub use tree::Memory;
