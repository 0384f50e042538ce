//! The branch that a change is proposed on: pushed, worked out again, or kept for what others have committed to it.

use super::proposing::Proposing;
use crate::forge::Proposal;
use crate::git::Destination;
use crate::git::LastCommit;
use crate::git::Replaces;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::ops::commit::FileChange;
use crate::ops::commit::Pushed;
use anyhow::Context;

/// What was done with the branch of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    Pushed,
    UpToDate,
    /// Nothing, although its base has moved: commits of others would be lost.
    Outdated,
}

impl Proposing<'_> {
    /// Pushes the change to its branch. Returns a clone with it, and what was done; `None` if another client was faster.
    pub(super) async fn push(
        &self,
        wanted: &Proposal,
        base: Workspace,
        is_open: bool,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Option<(Workspace, Branch)>> {
        let head = &wanted.head;
        // Without a forge, an existing branch may be under review.
        let continues =
            (is_open || self.requests.is_none()) && self.publisher.branches().await?.contains(head);
        let mut workspace = base;
        let mut unchanged = Branch::UpToDate;
        let mut replaces = if continues { Replaces::Nothing } else { Replaces::Anything };
        if continues {
            let base = std::mem::replace(&mut workspace, self.publisher.clone_commits(head, 2).await?);
            if let Some(last) = self.only_ours(&workspace, &base, &wanted.base).await? {
                // What it holds was worked out from a base that may have changed meanwhile: it is worked out again, and nothing of the rest stays.
                let change = make(&base)?;
                let paths = change.differing(Some(&base))?.into_iter().map(|file| file.path).collect();
                if last.changed.as_ref() == Some(&paths)
                    && change.differing(Some(&workspace))?.iter().all(FileChange::is_of_times_only)
                {
                    self.tell_unchanged(head);
                    return Ok(Some((workspace, Branch::UpToDate)));
                }
                (workspace, replaces) = (base, Replaces::Commit(last.id));
            } else if self.keep(wanted, &base, &workspace, &make).await? {
                unchanged = Branch::Outdated;
            }
        }
        let change = make(&workspace);
        let change =
            if continues { change.with_context(|| format!("working on \"{head}\""))? } else { change? };
        let Some(commit) = self.publisher.commit(&workspace, &change)? else {
            if unchanged == Branch::UpToDate {
                self.tell_unchanged(head);
            }
            return Ok(Some((workspace, unchanged)));
        };
        self.publisher.sink.success(format!("committed {} to \"{head}\" (\"{commit}\")", self.what));
        self.publisher.sink.action(format!("pushing {} to \"{}\"", self.what, self.publisher.remote.url));
        let to = Destination { branch: head.clone(), replaces };
        Ok(match self.publisher.push(&workspace, &to, &commit).await? {
            Pushed::Arrived => Some((workspace, Branch::Pushed)),
            Pushed::Conflict(_) => None,
        })
    }

    /// Says that what others committed to the branch stays. Returns whether that keeps the change from being worked out again from a base
    /// that has moved.
    async fn keep(
        &self,
        wanted: &Proposal,
        base: &Workspace,
        branch: &Workspace,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<bool> {
        let (sink, head, name) = (self.publisher.sink, &wanted.head, &wanted.base);
        sink.waiting(format!("keeping what was committed to \"{head}\" meanwhile"));
        let files = make(base)?.differing(Some(branch))?;
        let Some(tip) = base.head().filter(|_| !files.iter().all(FileChange::is_of_times_only)) else {
            return Ok(false);
        };
        let looking = async { Ok(self.publisher.remote.has_commit(head, &tip).await?) };
        let what = format!("the commits of \"{head}\"");
        let has_moved = !self.publisher.deadline.bound(&what, looking).await?;
        if has_moved {
            sink.warning(format!(
                "\"{name}\" has moved, and the change is not worked out again, because those commits would be lost: merge \"{name}\" into \"{head}\", or close the request, and run the command again"
            ));
        }
        Ok(has_moved)
    }

    /// The one commit of the branch, if that is all it has beyond the base, and no one has amended it.
    async fn only_ours(
        &self,
        branch: &Workspace,
        base: &Workspace,
        name: &str,
    ) -> anyhow::Result<Option<LastCommit>> {
        let last = branch.last_commit()?.filter(|last| self.publisher.is_as_written(last));
        let Some(last) = last else { return Ok(None) };
        let [parent] = &last.parents[..] else { return Ok(None) };
        let is_of_base = base.head().as_ref() == Some(parent) || {
            let path = last.changed.iter().flatten().next().map_or("", String::as_str);
            let looking = async { Ok(self.publisher.remote.past(name, path).await?) };
            let past = self.publisher.deadline.bound(&format!("the commits of \"{name}\""), looking).await?;
            past.iter().any(|step| step.commit.id == *parent)
        };
        Ok(Some(last).filter(|_| is_of_base))
    }

    fn tell_unchanged(&self, head: &str) {
        let verb = if self.what.ends_with('s') { "are" } else { "is" };
        self.publisher.sink.success(format!("{} {verb} up to date in \"{head}\"", self.what));
    }
}
