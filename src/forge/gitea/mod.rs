//! Gitea: REST API v1. (<https://docs.gitea.com/api>)

mod repository;
mod requests;

pub use repository::Gitea;
