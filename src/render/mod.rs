//! From files to objects: a tree of files, and the builds that read it; and what differs between two versions of an object. Nothing is written beside the input.

pub mod drift;
mod generator;
mod ignored;
pub mod kustomize;
mod masks;
mod overlay;
mod owners;
mod prepared;
mod remote;
pub mod report;
mod scan;
mod substitute;
mod tree;

pub use generator::KUSTOMIZATION;
pub use generator::kustomization;
pub use generator::manifests_below;
pub use masks::mask_secret;
pub use masks::mask_sops;
pub use masks::same_keys;
pub use overlay::Overlay;
pub use owners::Owner;
pub use owners::owner;
pub use prepared::prepare;
pub use remote::Nowhere;
pub use remote::Remote;
pub use remote::Repository;
pub use substitute::Missing;
pub use substitute::Variables;
pub use substitute::substitute;
pub use substitute::substitute_in;
pub use tree::Disk;
pub use tree::Entry;
pub use tree::Found;
pub use tree::Memory;
pub use tree::Tree;
