//! What the hermetic tests need: the embedded API server of the testbed, and a runner of the built binary with a clean environment.

mod cli;
mod golden;
mod objects;
mod proxy;
mod terminal;
mod tree;
mod ways;
mod web;

pub use cli::Cli;
pub use cli::Output;
pub use cli::Running;
pub use golden::difference;
pub use golden::golden;
pub use golden::golden_folder;
pub use golden::golden_part;
pub use golden::stale;
pub use objects::NOBODY;
pub use objects::flux_object;
pub use objects::kubeconfig_of;
pub use objects::ready;
pub use proxy::Proxy;
pub use terminal::Terminal;
pub use testbed::embedded::ApiServer;
pub use testbed::embedded::Fault;
pub use testbed::embedded::FaultyWay;
pub use tree::VERBS_OF_KINDS;
pub use tree::command_of;
pub use tree::command_tree;
pub use tree::leaf_commands;
pub use tree::words_behind;
pub use ways::Ways;
pub use ways::client_of;
pub use web::Asked;
pub use web::Web;

/// The subject of the first commit of a bootstrap.
pub static COMPONENTS_COMMIT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    format!("Add Flux {} component manifests", fluxr::testing::distribution::current_version())
});
