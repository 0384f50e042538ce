//! `create`: an object from flags, on stdout or into the cluster.

mod common;
mod kustomization;
mod secret_git;
mod source_git;

pub use common::CreateArgs;
