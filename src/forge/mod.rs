//! Forges: the services that host repositories, as far as bootstrap needs them. One trait, one folder per service. Nothing here knows Git
//! or a cluster; every call is one question or one change, and can be asked again.

mod connection;
mod contract;
mod error;
mod github;
mod retry;

pub use connection::ForgeAddress;
pub use contract::DeployKey;
pub use contract::Forge;
pub use contract::NewRepository;
pub use contract::Permission;
pub use contract::Repository;
pub use error::ForgeError;
pub use github::GitHub;
