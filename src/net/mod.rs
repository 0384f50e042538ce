//! One HTTP client for Git, forges, registries and downloads: what it trusts, which proxies it takes, what its failures mean, when to try again.
//! What is asked, how long an answer may take and which redirects are followed, callers say. The API server has a client of its own.

mod body;
mod client;
mod failure;
mod retry;
mod upload;

pub use body::read_body;
pub use client::Proxy;
pub use client::Unusable;
pub use client::client;
pub use client::provide_tls;
pub use failure::cause;
pub use failure::tls_failure;
pub use retry::OnRetry;
pub use retry::Retries;
pub use retry::Retryable;
pub use retry::pauses;
pub use retry::retry_after;
pub use upload::Meter;
pub use upload::file_body;
