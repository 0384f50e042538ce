//! Binaries from the Go module proxy, built once per user and kept in the cache directory.

pub mod npm;
mod recipe;
mod run;

pub use recipe::Recipe;
pub use recipe::recipe;
pub use recipe::recipes;
pub use run::binary;
pub use run::build_all;
