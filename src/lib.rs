//! fluxr bootstraps and operates GitOps on Kubernetes. The program is [`run`]; everything below it is private to this crate, so that
//! the compiler sees what nothing uses. What tests need is in [`testing`].
//!
//! The rooms are on four floors, and imports only point down; `docs/architecture.md` has the picture and says what lives where.

mod api;
mod cluster;
mod commands;
mod distribution;
mod forge;
mod git;
mod kind;
mod ops;
mod render;
pub mod testing;
mod text;
mod ui;

pub use commands::Ending;
pub use commands::Env;
pub use commands::run;
