//! From files to objects: a tree of files, and the builds that read it. Nothing is written beside the input.

mod generator;
pub mod kustomize;
mod overlay;
mod substitute;
mod tree;

pub use generator::KUSTOMIZATION;
pub use generator::kustomization;
pub use generator::manifests_below;
pub use overlay::Overlay;
pub use substitute::Missing;
pub use substitute::Variables;
pub use substitute::substitute;
pub use tree::Disk;
pub use tree::Memory;
