//! Bootstrap: Flux into a repository, and from there into the cluster.
//!
//! A list of idempotent steps: repository → components → source secret and deploy key → sync → health. Each can look at the present state,
//! say what it would change, and change it. Nothing is remembered between runs: a run that was cut off anywhere is finished by the
//! next one, because every step begins with looking.

mod build;
mod components;
mod deploy_token;
mod hasten;
mod health;
mod held;
mod options;
mod plan;
mod proposal;
mod publish;
mod repository;
mod run;
mod secret;
mod steps;
mod sync;

pub use options::Options;
pub use options::Provider;
pub use options::SourceAuth;
pub use publish::explained;
pub use steps::bootstrap;
