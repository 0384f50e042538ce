//! GitHub and GitHub Enterprise Server: REST API v3. (<https://docs.github.com/rest>)

mod app;
mod app_secret;
mod refusal;
mod repository;
mod requests;

pub use app::App;
pub use app::AppConnection;
pub use app::AppToken;
pub use repository::GitHub;
