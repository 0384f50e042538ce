//! Binaries from the Go module proxy and descriptions from npm, built once per user and kept in the cache directory.

pub mod bitbucket;
pub mod npm;
mod recipe;
mod run;
mod selection;

pub use recipe::RELEASES;
pub use recipe::Recipe;
pub use recipe::recipe;
pub use recipe::recipes;
pub use run::binary;
pub use run::build_all;
pub use run::build_for;
pub use run::copy;
pub use run::module_folder;
pub use selection::FOR_A_CLUSTER;
pub use selection::FOR_ALL_CHAPTERS;
pub use selection::FOR_ALL_CONTROLLERS;
pub use selection::FOR_GITEA;
pub use selection::FOR_THE_TUTORIAL;
