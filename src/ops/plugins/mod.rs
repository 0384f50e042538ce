//! Plugins: programs called `flux-<name>` that become commands. Where they are, what the catalog offers, how they get here and go again.

mod archive;
mod catalog;
mod directory;
mod fetch;
mod install;

pub use catalog::Catalog;
pub use catalog::Entry;
pub use catalog::Manifest;
pub use catalog::Offer;
pub use directory::Directory;
pub use directory::Plugin;
pub use fetch::Fetch;
pub use install::install;
