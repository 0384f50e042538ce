//! Generators, transformers and validators that are objects: those built into kustomize, and no others.

mod generate;
mod settings;
mod transform;
mod unchanged;
mod value;

pub(super) use generate::generate;
pub(super) use transform::transform;
pub(super) use unchanged::check_unchanged;
