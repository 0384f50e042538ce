//! From files to objects: a tree of files, and the builds that read it. Nothing is written beside the input.

mod generator;
pub mod kustomize;
mod overlay;
mod remote;
mod tree;
mod variables;

pub use generator::KUSTOMIZATION;
pub use generator::kustomization;
pub use generator::manifests_below;
pub use overlay::Overlay;
pub use remote::Nowhere;
pub use remote::Remote;
pub use remote::Repository;
pub use tree::Disk;
pub use tree::Memory;
pub use tree::Tree;
pub use variables::Variables;
