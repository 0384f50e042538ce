//! Finds what differs between a cluster and Git: each Kustomization is built from the commit that it has applied, and compared by dry
//! runs. Nothing is changed.

mod compare;
mod files;
mod report;

pub use compare::DriftRequest;
pub use compare::drift;
pub use report::DriftState;
pub use report::Drifted;
pub use report::Field;
pub use report::Outcome;
pub use report::Report;
