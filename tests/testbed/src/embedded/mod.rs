//! Parts that live in this process: for the hermetic tests, and for a first look without Go.

mod agent;
mod api_server;
mod cluster;

pub use api_server::ApiServer;
pub use api_server::Fault;
pub use api_server::FaultyWay;
pub use cluster::Cluster;
