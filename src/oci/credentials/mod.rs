//! Where the credentials for a registry come from: the command line, Docker's configuration with its helpers, the cloud that runs the registry.

mod cloud;
mod docker_config;
mod docker_json;
mod given;
mod helper;

pub use cloud::Cloud;
pub use docker_config::Places;
pub use given::Credentials;
