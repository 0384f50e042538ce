//! The build of a kustomization: resources, components, generators and transformers, with the bytes that kustomize writes.
//!
//! What is not covered (Helm charts, remote resources, plugins) is named, so that a caller can hand the folder to kustomize itself.

mod accumulate;
mod build;
mod config;
mod decode;
mod fieldspec;
mod file;
mod generators;
mod hash;
mod id;
mod images;
mod labels;
mod layer;
mod merge_keys;
mod metadata;
mod names;
mod namespace;
mod order;
mod patch;
mod path;
mod references;
mod replacements;
mod replicas;
mod resource;
mod selector;
mod set;

pub use build::Build;
pub use build::Options;
pub use build::Restrictor;
pub use build::build;
pub use build::build_and_tell;
pub use build::files;
pub use build::render;
pub(in crate::render) use file::field_names;
pub(in crate::render) use layer::FILE_NAMES;
pub use metadata::add_managed_by_label;
pub use metadata::is_own;
pub use order::Reorder;
pub(in crate::render) use resource::parse as parse_resources;
