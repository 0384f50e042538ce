//! fluxr bootstraps and operates GitOps on Kubernetes. The program is [`run`]; everything below it is private to this crate, so that
//! the compiler sees what nothing uses. What tests need is in [`testing`].
//!
//! The house has four floors; imports only ever point down (`docs/architecture.md` says why, `tests/it/floors.rs` holds it):
//!
//! ```text
//! commands ─► ops ─► cluster · git · forge · render · distribution · ui · net · kind ─► api · text
//! ```
//!
//! - `commands` knows clap: it turns flags into a call of a lower floor, and the answer into lines on the `Ui`.
//! - `ops` is the work that takes several steps: bootstrap, install, uninstall, check, reconcile.
//! - the rooms of the first floor each know one neighbour: the API server, Git, the forge, builds of manifests, the releases of Flux, the terminal, servers that speak HTTP.
//! - `api` says what Flux's resources are, `text` how values are written and read.

mod api;
mod cluster;
mod commands;
mod distribution;
mod forge;
mod git;
mod kind;
mod net;
mod ops;
mod render;
pub mod testing;
mod text;
mod ui;

pub use commands::Ending;
pub use commands::Env;
pub use commands::run;
