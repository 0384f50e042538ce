//! A cluster and a forge on loopback. The cluster is embedded, or made of real parts: a control plane and Flux's controllers built from the Go
//! module proxy. The forge has git servers and a GitHub-compatible API; a registry is a stand-in or a real one; the object store is real.
//!
//! Everything listens on 127.0.0.1, keeps its state in one folder, and ends with the process that started it.

pub mod archive;
pub mod bench;
pub mod build;
pub mod cluster;
pub mod commands;
pub mod distribution;
pub mod embedded;
pub mod forge;
pub mod fuzz;
pub mod git_ssh;
pub mod gitea;
mod net;
pub mod object_store;
pub mod order;
mod pki;
pub mod places;
pub mod ports;
mod process;
pub mod registry;
pub mod release;
pub mod say;
mod server;
pub mod state;
pub mod supervise;
mod tls;
pub mod tutorial;
mod whole;

pub use cluster::Cluster;
pub use forge::Forge;
pub use gitea::Gitea;
pub use object_store::ObjectStore;
pub use tls::TlsListener;
pub use whole::AnyCluster;
pub use whole::Parts;
pub use whole::Testbed;
