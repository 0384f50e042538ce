//! `drift`: what differs between a cluster and Git.

mod args;
mod document;
mod lines;
mod markdown;

pub use args::DriftArgs;
