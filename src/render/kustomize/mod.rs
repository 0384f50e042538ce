//! The build of a kustomization: resources, components, generators and transformers, with the bytes that kustomize writes.
//!
//! A build starts no other program: Helm charts and functions are refused.

mod accumulate;
mod address;
mod build;
mod config;
mod crds;
mod decode;
mod fieldspec;
mod file;
mod generators;
mod hash;
mod id;
mod images;
mod index;
mod labels;
mod layer;
mod metadata;
mod misfit;
mod names;
mod namespace;
mod order;
mod origin;
mod patch;
mod path;
mod plugins;
mod references;
mod replacements;
mod replicas;
mod resource;
mod schema;
mod selector;
mod set;
mod source;
mod structured;
mod table;
mod tables;
mod transform;
mod vars;

pub use address::is_address;
pub use build::Options;
pub use build::Outside;
pub use build::Restrictor;
pub use build::build;
pub use build::build_with;
pub use build::files;
pub use build::render;
pub use file::field_names;
pub(in crate::render) use layer::FILE_NAMES;
pub use metadata::is_own;
pub use order::Reorder;
pub(in crate::render) use resource::parse as parse_resources;
pub(in crate::render) use selector::Selector;
