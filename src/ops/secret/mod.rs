//! Secrets that are written into a cluster: one value for all of them, and what goes into each.

mod docker_config;
mod helm;
mod new_secret;
mod public;
mod source;
mod tls;
mod trust_policy;
mod webhook;

pub use new_secret::NewSecret;
pub use new_secret::upsert;
pub use public::is_public;
pub use source::generate_key;
pub use source::scan;
pub use trust_policy::check_trust_policy;
pub use webhook::random_token;
pub use webhook::webhook_path;
