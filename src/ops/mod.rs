//! Work that takes several steps, without clap: each returns data or says its progress on the `Ui`.

pub mod bootstrap;
mod check;
pub mod create;
pub mod debug;
pub mod events;
mod health;
mod install;
mod kustomize;
pub mod logs;
mod reconcile;
pub mod source_secret;
mod stats;
pub mod trace;
pub mod tree;
mod uninstall;
mod version;

pub use check::CheckOptions;
pub use check::check;
pub use health::confirm_components;
pub use install::InstallOptions;
pub use install::confirm_override;
pub use install::image_pull_secret;
pub use install::install;
pub use kustomize::kustomize;
pub use reconcile::ManyRequest;
pub use reconcile::ReconcileRequest;
pub use reconcile::reconcile;
pub use reconcile::reconcile_many;
pub use stats::Count;
pub use stats::Stats;
pub use stats::stats;
pub use uninstall::UninstallOptions;
pub use uninstall::uninstall;
pub use version::ServerVersions;
pub use version::server_versions;
