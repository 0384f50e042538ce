//! Releases of Flux as values: their components, definitions and manifests, and what of a published release is read. The only room that
//! embeds the manifests of `templates/`.

mod component;
mod components;
mod deployment;
mod download;
mod published;
mod release;
mod templates;

pub use components::ComponentOptions;
pub use components::generate;
pub use components::render;
pub use components::spec_schema;
pub use download::Releases;
pub use published::Published;
pub use release::Release;
pub use release::current_version;
