//! A release of Flux: its components, their definitions and manifests, and what of another release is read. The only room that embeds the
//! manifests of `templates/`.

mod components;
mod deployment;
mod published;
mod release;

pub use components::ComponentOptions;
pub use components::generate;
pub use components::render;
pub use components::spec_schema;
pub use published::Published;
pub use release::distribution;
pub use release::release;
