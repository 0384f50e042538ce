//! Fuzzing of what reads untrusted text. The targets are functions; libFuzzer feeds them with what reaches new code.
//! It runs on the stable compiler, because only fluxr itself is built with counters and no sanitizer is asked for.

mod run;
mod targets;

pub use run::fuzz;
pub use targets::TARGETS;
pub use targets::Target;
pub use targets::chosen;
pub use targets::corpus;
