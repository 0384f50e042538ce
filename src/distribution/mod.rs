//! Releases of Flux as values: their components, definitions and manifests, and what of a published release is read. The only room that
//! embeds the manifests of `templates/`.

mod component;
mod components;
mod deployment;
mod download;
mod options;
mod published;
mod release;
mod templates;

pub use components::generate;
pub use components::render;
pub use components::spec_schema;
pub use download::Releases;
pub use options::ComponentOptions;
pub use release::Published;
pub use release::Release;
pub use release::current_version;
