//! The API server: from kubeconfig and flags to a client, applying, waiting, watching.

mod client;

pub use client::Access;
pub use client::connect;
