//! Real parts on loopback: a control plane and Flux's controllers built from the Go module proxy, git servers, a GitHub-compatible API.
//!
//! Everything listens on 127.0.0.1, keeps its state in one folder, and ends with the process that started it.

pub mod build;
pub mod cluster;
pub mod demo;
pub mod forge;
mod net;
mod pki;
mod process;
pub mod tutorial;

pub use cluster::Cluster;
pub use forge::Forge;
