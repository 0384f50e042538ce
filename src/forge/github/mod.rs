//! GitHub and GitHub Enterprise Server: REST API v3. (<https://docs.github.com/rest>)

mod refusal;
mod repository;
mod requests;

pub use repository::GitHub;
