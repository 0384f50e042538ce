//! A small stateful Kubernetes API server.

mod answers;
mod apply;
mod call;
mod discovery;
mod faults;
mod faulty_way;
mod pod_logs;
mod selectors;
mod server;
mod store;
mod watches;
mod writes;

pub use faults::Fault;
pub use faulty_way::FaultyWay;
pub use server::ApiServer;
pub use server::Shared;
