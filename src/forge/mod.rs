//! Forges: the services that host repositories, as far as bootstrap and requests need them. One contract, a folder or file per service, and what
//! they share. Nothing here knows Git or a cluster; every call asks or changes one thing, and can be repeated.

mod api;
pub mod bitbucket;
mod connection;
mod contract;
mod error;
pub mod gitea;
pub mod github;
mod github_like;
mod github_like_requests;
pub mod gitlab;
mod hint;
mod kinds;
mod requests;

pub use contract::DeployKey;
pub use contract::DeployToken;
pub use contract::DeployTokens;
pub use contract::Forge;
pub use contract::Hosted;
pub use contract::Opening;
pub use contract::Owner;
pub use contract::Repository;
pub use contract::RepositoryAddress;
pub use contract::Team;
pub use contract::Word;
pub use error::ForgeError;
pub use error::Remedies;
pub use github::App;
pub use github::AppConnection;
pub use github::AppToken;
pub use kinds::FORGES;
pub use kinds::ForgeKind;
pub use requests::Progress;
pub use requests::Proposal;
pub use requests::Request;
pub use requests::Requests;
