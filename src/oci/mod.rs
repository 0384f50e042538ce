//! Artifacts in registries: references, login, push, pull, tags, and the archives that they consist of. (The OCI distribution and image
//! specifications.) Transfers are streamed from and to files, so that the size of an artifact does not matter.

pub mod archive;
mod authorization;
pub mod challenge;
mod client;
mod credentials;
mod error;
mod login;
mod manifest;
mod pull;
mod push;
mod reference;
mod tags;

pub use client::Access;
pub use client::Registry;
pub use client::Right;
pub use credentials::Cloud;
pub use credentials::Credentials;
pub use credentials::Places;
pub use error::RegistryError;
pub use manifest::Annotations;
pub use pull::Pulled;
pub use reference::Reference;
pub use reference::Repository;
pub use reference::check_repository;
pub use reference::is_reference;
pub use tags::Filter;
pub use tags::Listed;
