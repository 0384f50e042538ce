//! What an apply of a Kustomization would change in the cluster, as dry runs show it.

mod compare;
mod differences;
mod kustomization;

pub use differences::Below;
pub use differences::Change;
pub use differences::Compared;
pub use differences::Differences;
pub use differences::Drift;
pub use kustomization::diff;
pub(super) use kustomization::left_over;
