//! `bootstrap`: Flux into a repository and from there into the cluster.

mod git;
mod github;
mod shared;
mod signing;

pub use shared::BootstrapArgs;
