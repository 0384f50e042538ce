//! The branch that a change is proposed on, and what the change is for a clone.

use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::text::short_hash;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Longer names of branches are cut off.
const LONGEST_BRANCH: usize = 60;

/// The branch of a change to a folder, derived from its subject: always the same for the same change, and different for others.
/// `beside` is the base, unless that is the default branch.
pub(super) fn branch(title: &str, folder: &str, beside: &str) -> String {
    // An object that is written becomes one that is changed when the first request is merged: the next run looks for the same branch.
    let written = title.strip_prefix("Change ").map(|rest| format!("Add {rest}"));
    let title = written.as_deref().unwrap_or(title);
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-").to_lowercase();
    name.truncate(LONGEST_BRANCH);
    // The words alone do not tell `a-b/c` from `a/b-c`, nor one cluster of the repository from another.
    let all = [title, folder, beside].join("\n");
    format!("fluxr/{}-{}", name.trim_end_matches('-'), short_hash(&all))
}

/// The change for the last clone: computing a promotion of a whole environment takes a while.
#[derive(Default)]
pub(super) struct Planned(Mutex<Option<(String, Change)>>);

impl Planned {
    pub(super) fn of(
        &self,
        workspace: &Workspace,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Change> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = workspace.head().unwrap_or_default();
        if let Some((known, change)) = &*last
            && *known == head
        {
            return Ok(change.clone());
        }
        let change = make(workspace)?;
        *last = Some((head, change.clone()));
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::branch;
    use std::collections::HashSet;

    #[test]
    fn a_branch_is_named_after_the_change() {
        let of = |title: &str| branch(title, "clusters/one", "");
        let name = of("Suspend Kustomization/flux-system/app");
        assert!(name.starts_with("fluxr/suspend-kustomization-flux-system-app-"), "{name}");
        assert_eq!(of("Add HelmRelease/web/api"), of("Change HelmRelease/web/api"));
        let long = of(&format!("Add {}", "x".repeat(100)));
        assert!(long.len() < 80, "{long}");
    }

    #[test]
    fn two_changes_have_two_branches() {
        let names = [
            branch("Suspend Kustomization/a-b/c", "clusters/one", ""),
            branch("Suspend Kustomization/a/b-c", "clusters/one", ""),
            branch("Suspend Kustomization/a/b-c", "clusters/two", ""),
            branch("Suspend Kustomization/a/b-c", "clusters/one", "next"),
            branch("Set nginx to 1.27-RC1", "clusters/one", ""),
            branch("Set nginx to 1.27-rc1", "clusters/one", ""),
            branch(&"x".repeat(99), "clusters/one", ""),
            branch(&"x".repeat(98), "clusters/one", ""),
        ];
        let different: HashSet<&String> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
    }
}
