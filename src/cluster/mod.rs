//! The API server: from kubeconfig and flags to a client, applying, waiting, watching.

mod apply;
mod client;
mod deployments;
mod errors;
mod kstatus;
mod probe;
mod reach;
mod resources;
mod wait;

pub use apply::Applied;
pub use apply::Change;
pub use apply::apply_in_stages;
pub use apply::subject;
pub use client::Access;
pub use client::connect;
pub use deployments::DeploymentState;
pub use deployments::assess_deployments;
pub use errors::explain;
pub use errors::is_hopeless;
pub use errors::is_not_found;
pub use kstatus::Status;
pub use kstatus::status_of;
pub use probe::ClusterInfo;
pub use probe::cluster_info;
pub use reach::Unreachable;
pub use resources::api_for;
pub use resources::resource_of;
pub use wait::Deadline;
pub use wait::TimedOut;
pub use wait::until;
