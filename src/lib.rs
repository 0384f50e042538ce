//! fluxr bootstraps and operates GitOps on Kubernetes. The program is [`run`]; everything below it is private to this crate, so that
//! the compiler sees what nothing uses. What tests need is in [`testing`].
//!
//! The rooms are on four floors, and imports only point down; `docs/architecture.md` has the picture and says what lives where.

mod api;
mod cli;
mod cluster;
mod commands;
mod distribution;
mod forge;
mod git;
mod kind;
mod net;
mod oci;
mod ops;
mod present;
mod render;
pub mod testing;
mod text;
mod ui;

pub use cli::EndAtOnce;
pub use cli::Env;

/// Runs one command line. `end` is called if a signal ends it before it returns.
pub fn run(arguments: &[std::ffi::OsString], env: Env, end: EndAtOnce) -> std::process::ExitCode {
    cli::run::<commands::Command>(commands::TREE, arguments, env, end)
}
