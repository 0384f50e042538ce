//! Brings objects to the versions of their APIs that a release of Flux wants: those in a cluster, and those in files.

mod cluster;
mod files;
mod found;

pub use cluster::migrate_cluster;
pub use files::FilesRequest;
pub use files::migrate_files;
