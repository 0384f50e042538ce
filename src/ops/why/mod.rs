//! Why an object is not as it should be: everything that it depends on is looked at, and one root cause is named.

mod causes;
mod chain;
mod controller;
mod custom;
mod pods;
mod recogniser;
mod references;
mod source;
mod step;
mod table;
mod targets;
mod walk;
mod workload;

pub use chain::Answer;
pub use walk::Question;
pub use walk::why;
