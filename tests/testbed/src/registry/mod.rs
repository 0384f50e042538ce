//! Registries on loopback: a stand-in that lives in the process and can be told to fail, and the real one of the distribution project.

mod real;
mod stand_in;
mod store;

pub use real::RealRegistry;
pub use stand_in::RegistryStandIn;
pub use store::Fault;
pub use store::Login;
pub use store::Request;
