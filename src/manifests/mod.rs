//! The manifests that install Flux: the components and the objects that sync a repository. The only room that embeds `templates/`.

mod components;
mod deployment;
mod distribution;
pub mod kustomize;
mod published;
mod releases;

pub use components::ComponentOptions;
pub use components::generate;
pub use components::render;
pub use components::spec_schema;
pub use distribution::distribution;
pub use distribution::release;
pub use published::Published;
pub use releases::Releases;
