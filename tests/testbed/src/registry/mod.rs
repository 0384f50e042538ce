//! Registries on loopback: a stand-in that lives in the process and can be told to fail, the real one of the distribution project, and
//! that of crane, which was written independently of it.

mod crane;
mod real;
mod stand_in;
mod store;

pub use crane::CraneRegistry;
pub use real::RealRegistry;
pub use stand_in::RegistryStandIn;
pub use store::Fault;
pub use store::Login;
pub use store::Request;
