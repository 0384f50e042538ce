//! Bitbucket Server and Data Center: REST API 1.0. (<https://developer.atlassian.com/server/bitbucket/rest/>)

mod answers;
mod refusal;
mod repository;
mod requests;

pub use repository::BitbucketServer;
