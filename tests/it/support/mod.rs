//! What the hermetic tests stand on: a small stateful API server, and a runner of the built binary with a clean environment.

mod api_server;
mod call;
mod cli;
mod discovery;
mod faults;
mod faulty_way;
mod objects;
mod pod_logs;
mod selectors;
mod store;
mod terminal;
mod watches;
mod writes;

pub use api_server::ApiServer;
pub use cli::Cli;
pub use cli::Output;
pub use cli::Running;
pub use faults::Fault;
pub use faulty_way::FaultyWay;
pub use objects::flux_object;
pub use objects::ready;
pub use terminal::Terminal;
