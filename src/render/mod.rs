//! From files to objects: a tree of files, and the builds that read it. Nothing is written beside the input.

mod generator;
pub mod kustomize;
mod overlay;
mod tree;
mod variables;

pub use generator::KUSTOMIZATION;
pub use generator::kustomization;
pub use generator::manifests_below;
pub use overlay::Overlay;
pub use tree::Disk;
pub use tree::Memory;
pub use variables::Variables;
