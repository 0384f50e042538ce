//! Validators look at resources, and change nothing.

use super::super::set::Set;

/// The label by which a validator may say that it was there.
const VALIDATED: &str = "validated-by";

/// # Errors
/// A resource that is not as it was before.
pub(in crate::render::kustomize) fn check_unchanged(before: &Set, after: &Set) -> anyhow::Result<()> {
    anyhow::ensure!(before.len() == after.len(), "validator shouldn't modify the resource map");
    for (before, after) in before.iter().zip(after.iter()) {
        let mut seen = after.clone();
        let mut labels = seen.labels();
        if labels.remove(VALIDATED).is_some() {
            seen.set_labels(&labels);
        }
        anyhow::ensure!(
            before.node == seen.node,
            "validator shouldn't modify the resource map: {} differs",
            before.id()
        );
    }
    Ok(())
}
