//! What every command is given and every command line passes through: the global flags, Go's habits, help, completion, the exit code.
//! Knows no command.

pub mod completion;
mod component_args;
mod context;
mod env;
mod exit;
pub mod for_kind;
mod global_args;
mod go_flags;
mod go_values;
mod group;
pub mod help_text;
pub mod list_flag;
mod output_args;
mod run;
mod selection;
pub mod show;
mod signals;
mod ssh_key_args;
mod tree;
mod usage;

pub use component_args::ComponentArgs;
pub use component_args::LOG_LEVELS;
pub use component_args::fetch_manifests;
pub use component_args::log_level;
pub use context::Context;
pub use env::Env;
pub use exit::Exit;
pub use global_args::GlobalArgs;
pub use global_args::RootArgs;
pub use global_args::is_dns_label;
pub use go_values::go_bool;
pub use go_values::go_duration;
pub use go_values::go_int;
pub(crate) use group::group;
pub use output_args::DocumentArgs;
pub use output_args::OutputArgs;
pub use run::Run;
pub use run::run;
pub use selection::SelectionArgs;
pub use signals::Ending;
pub use ssh_key_args::SshKeyArgs;
pub use tree::Tree;
pub use usage::similar_commands;
