//! GitLab: REST API v4. (<https://docs.gitlab.com/api/rest>)

mod repository;
mod requests;

pub use repository::GitLab;
pub use repository::VISIBILITIES;
