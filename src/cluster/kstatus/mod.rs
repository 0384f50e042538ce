//! How far an object is, by what it says about itself: the one judgement of readiness.
//!
//! It is that of kstatus (`sigs.k8s.io/cli-utils`), which Flux's controllers and its CLI use, with these additions:
//! - A condition that was observed in the present generation counts even where `status.observedGeneration` is behind: source-controller
//!   leaves that at -1 until a fetch succeeds. One that was observed in another generation does not count.
//! - An attempt that failed is told from one that is under way, and an object without conditions from one that is ready.
//! - A Job is ready when it has completed or is suspended, not while it runs, as Flux's controllers have it.
//! - A Pod that cannot be scheduled has failed at once. kstatus gives it 15 seconds.

mod conditions;
mod core;
mod status;
mod workloads;

pub use conditions::status_of;
pub use status::Status;
