//! fluxr bootstraps and operates GitOps on Kubernetes.
//!
//! The house has four floors; imports only ever point down (`docs/architecture.md` says why, `tests/it/floors.rs` holds it):
//!
//! ```text
//! commands ─► ops ─► cluster · git · forge · manifests · ui · kind ─► api · text
//! ```
//!
//! - [`commands`] knows clap: it turns flags into a call of a lower floor, and the answer into lines on the [`ui::Ui`].
//! - [`ops`] is the work that takes several steps: bootstrap, install, uninstall, check, reconcile.
//! - the rooms of the first floor each know one neighbour: the API server, Git, the forge, the embedded manifests, the terminal.
//! - [`api`] says what Flux's resources are, [`text`] how values are written and read.

pub mod api;
pub mod cluster;
pub mod commands;
pub mod forge;
pub mod git;
pub mod kind;
pub mod manifests;
pub mod ops;
pub mod text;
pub mod ui;
