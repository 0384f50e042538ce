//! `create`: an object from flags, on stdout or into the cluster.

mod common;
mod kustomization;
mod secret_git;
mod source_git;
mod ssh_key_args;

pub use common::CreateArgs;
pub use ssh_key_args::SshKeyArgs;
