//! fluxr bootstraps and operates GitOps on Kubernetes. The program is [`run`]; everything below it is private to this crate, so that
//! the compiler sees what nothing uses. What tests need is in [`testing`].
//!
//! The house has four floors; imports only ever point down (`docs/architecture.md` says why, `tests/it/floors.rs` holds it):
//!
//! ```text
//! commands ─► cli ─► ops ─► cluster · git · forge · render · distribution · present · ui · net · kind ─► api · text
//! ```
//!
//! - `commands` turns flags into a call of a lower floor, and the answer into lines on the `Ui`; `cli` is what every command line passes through.
//! - `ops` is the work that takes several steps: bootstrap, install, uninstall, check, reconcile.
//! - the rooms of the first floor each know one neighbour: the API server, Git, the forge, builds of manifests, the releases of Flux, the terminal, servers that speak HTTP.
//! - `api` says what Flux's resources are, `text` how values are written and read.

mod api;
mod cli;
mod cluster;
mod commands;
mod distribution;
mod forge;
mod git;
mod kind;
mod net;
mod ops;
mod present;
mod render;
pub mod testing;
mod text;
mod ui;

pub use cli::Ending;
pub use cli::Env;

/// Runs one command line.
pub fn run(arguments: Vec<std::ffi::OsString>, env: Env) -> Ending {
    cli::run::<commands::Command>(commands::TREE, arguments, env)
}
