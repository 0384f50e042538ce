//! Parts that live in this process: for the hermetic tests, and for a first look without Go.

mod api_server;

pub use api_server::ApiServer;
pub use api_server::Fault;
pub use api_server::FaultyWay;
