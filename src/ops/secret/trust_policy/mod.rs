//! The trust policy of Notation, checked by its rules and refused in its words before it goes into a cluster.

mod distinguished_name;
mod policy;
mod statement;

pub use policy::check_trust_policy;
