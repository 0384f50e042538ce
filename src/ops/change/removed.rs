//! Tells an object that an earlier run has removed from one that was never declared: the first is done, the second is a wrong name.

use super::delete;
use super::fleet::Fleet;
use super::reach::Reach;
use super::run::Task;
use super::wording::has_title;
use crate::api::ObjectId;
use crate::git::ResolvedCommit;
use crate::git::Snapshot;
use crate::ops::commit::Absent;
use crate::ops::git_tree::published;

/// How many commits are looked at whose title is that of the change: each costs a fetch.
const MOST: usize = 4;

impl Task<'_> {
    /// Accepts that what is to be removed is not there, if a commit of the branch has removed it: one with the title of the change, before
    /// which it was declared.
    ///
    /// # Errors
    /// There is no such commit; those of Git.
    pub(super) async fn accept_absence(&self, absent: &Absent, branch: &str) -> anyhow::Result<()> {
        let remote = &self.fleet.remote;
        let reading = async { Ok(remote.past(branch, "").await?) };
        let steps = self.deadline.bound(&format!("the commits of \"{branch}\""), reading).await?;
        let own = self.message.as_deref().and_then(|message| message.lines().next()).unwrap_or_default();
        let title = delete::title(&absent.id);
        let titles = [title.as_str(), own];
        let is_it = |message: &str| titles.iter().any(|title| has_title(message, title));
        let pairs = steps.windows(2).filter(|pair| is_it(&pair[0].commit.message));
        // The oldest first: of deletions with one message, that is before all of them.
        for pair in pairs.rev().take(MOST) {
            let (commit, near) = (pair[1].commit.id.clone(), Some(branch.to_owned()));
            let before = ResolvedCommit { commit, reference: None, near };
            let fetching = async { Ok(remote.snapshot(&before).await?) };
            let snapshot = self.deadline.bound("a commit to be fetched", fetching).await?;
            if was_declared(&snapshot, &self.fleet, &absent.id) {
                return Ok(());
            }
        }
        Err(absent.clone().into_error())
    }
}

/// Whether a commit declares an object for the cluster. What could not be read then could not be applied either.
fn was_declared(snapshot: &Snapshot, fleet: &Fleet, id: &ObjectId) -> bool {
    let reach = published(snapshot, &fleet.ignore, |tree| Reach::read(tree, fleet));
    reach.is_ok_and(|reach| !reach.all(id).is_empty())
}
