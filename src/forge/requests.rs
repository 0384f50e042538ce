//! Requests at a forge: pull requests at GitHub, Gitea and Bitbucket Server, merge requests at GitLab.
//!
//! Every call asks or changes one thing. A change whose answer was lost can be repeated: for a request that is open already it fails with
//! [`ForgeError::RequestExists`], and [`Requests::find`] finds that request.

use super::ForgeError;
use futures::future::BoxFuture;
use futures::future::join_all;

/// What to do about people who cannot review.
pub(super) const REVIEWERS: &str =
    "check --pr-reviewer: it takes the login names of people who have access to the repository";

/// A request to open, or what an open one should become.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The branch with the change.
    pub head: String,
    /// The branch to merge into.
    pub base: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    pub draft: bool,
    pub labels: Vec<String>,
    /// Login names.
    pub reviewers: Vec<String>,
    /// Merge it as soon as nothing is missing.
    pub auto_merge: bool,
}

/// The state of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits to be merged.
    Open,
    /// It waits, and cannot be merged because others changed the same lines.
    Conflicting,
    /// It was merged, with this commit if the forge says so.
    Merged(Option<String>),
    /// It was closed, and what it proposes is not merged.
    Closed,
}

/// A request as the forge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub number: u64,
    /// The address that people open.
    pub url: String,
    pub base: String,
    /// Without the words that make it a draft.
    pub title: String,
    pub body: String,
    pub progress: Progress,
    pub labels: Vec<String>,
    /// Who opened it; empty where that does not matter or is not known.
    pub author: String,
    pub reviewers: Vec<String>,
    /// Whether it is merged as soon as nothing is missing; a forge that does not say so is asked again.
    pub auto_merge: bool,
}

impl Request {
    /// Whether it waits to be merged.
    pub fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Open | Progress::Conflicting)
    }
}

/// Of the requests of a branch, the newest first: the one that is open, else the newest.
pub(super) fn best<T>(mut all: Vec<T>, is_open: impl Fn(&T) -> bool) -> Option<T> {
    let best = all.iter().position(is_open).unwrap_or_default();
    if all.is_empty() { None } else { Some(all.swap_remove(best)) }
}

/// There is no such user.
pub(super) const NO_USER: &str = "there is no such user";

/// The name that a forge has told, unless it refuses to tell it.
pub(super) fn if_told(name: Result<Option<String>, ForgeError>) -> Result<Option<String>, ForgeError> {
    match name {
        Err(ForgeError::Denied { .. } | ForgeError::NotFound { .. }) => Ok(None),
        other => other,
    }
}

/// Refuses reviewers for whom `look` says why they cannot review. All are looked for at once; where the token may not look, the forge
/// decides later.
pub(super) async fn check_reviewers<'a, F>(
    doing: String,
    names: &'a [String],
    look: impl Fn(&'a str) -> F,
) -> Result<(), ForgeError>
where
    F: Future<Output = Result<Option<&'static str>, ForgeError>>,
{
    let mut refused = Vec::new();
    for (name, found) in names.iter().zip(join_all(names.iter().map(|name| look(name))).await) {
        match found {
            Ok(None) | Err(ForgeError::Denied { .. }) => {}
            Ok(Some(why)) => refused.push(format!("\"{name}\" cannot review: {why}")),
            Err(error) => return Err(error),
        }
    }
    match refused.is_empty() {
        true => Ok(()),
        false => {
            Err(ForgeError::Denied { doing, reason: refused.join("; "), hint: Some(REVIEWERS.to_owned()) })
        }
    }
}

/// The requests of one repository, whose branches are its own.
pub trait Requests: Send + Sync {
    /// What the forge calls a request.
    fn noun(&self) -> &'static str {
        "pull request"
    }
    /// What the forge puts before its number.
    fn sign(&self) -> char {
        '#'
    }
    /// Refuses what the forge does not have, and labels and reviewers that it does not know. Nothing is changed.
    fn check<'a>(&'a self, _wanted: &'a Proposal) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(std::future::ready(Ok(())))
    }
    /// Who would be the author of a request that is opened now, where an author is not allowed to review. No one where the token is not
    /// that of a user, or may not say whose it is.
    fn author(&self) -> BoxFuture<'_, Result<Option<String>, ForgeError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    /// The request of a branch: the open one, else the newest. `base` is the branch that it was opened for.
    fn find<'a>(&'a self, head: &'a str, base: &'a str)
    -> BoxFuture<'a, Result<Option<Request>, ForgeError>>;
    /// A request by its number.
    fn look(&self, number: u64) -> BoxFuture<'_, Result<Request, ForgeError>>;
    /// Opens a request, without labels, reviewers and automatic merging.
    fn open<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<Request, ForgeError>>;
    /// Changes title, body and base. Whether it is a draft stays as people left it.
    fn edit<'a>(
        &'a self,
        present: &'a Request,
        wanted: &'a Proposal,
    ) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Adds labels.
    fn label<'a>(
        &'a self,
        present: &'a Request,
        labels: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Asks people for a review, in addition to those who were asked.
    fn ask_review<'a>(
        &'a self,
        present: &'a Request,
        reviewers: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// What to do about reviewers who were asked for and are not there, although the forge has refused nothing.
    fn when_left_out(&self) -> &'static str {
        "give them access to the repository, and run the command again"
    }
    /// Those who have reviewed, if the forge removes them from the reviewers then. Only called if some are missing there.
    fn reviewed<'a>(&'a self, _present: &'a Request) -> BoxFuture<'a, Result<Vec<String>, ForgeError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    /// Has it merged as soon as nothing is missing, which may be now.
    fn merge_when_ready<'a>(&'a self, present: &'a Request) -> BoxFuture<'a, Result<(), ForgeError>>;
}

#[cfg(test)]
mod tests {
    use super::best;

    /// All lists of this length of open and other requests, which have their places as numbers.
    fn lists(length: u32) -> impl Iterator<Item = Vec<(u32, bool)>> {
        (0..1_u32 << length).map(move |bits| (0..length).map(|at| (at, bits >> at & 1 == 1)).collect())
    }

    #[test]
    fn the_open_request_of_a_branch_counts_and_else_the_newest() {
        assert_eq!(best(Vec::<(u32, bool)>::new(), |one| one.1), None);
        for list in (1..=5).flat_map(lists) {
            let wanted = list.iter().find(|(_, is_open)| *is_open).or(list.first()).copied();
            assert_eq!(best(list.clone(), |one| one.1), wanted, "{list:?}");
        }
    }
}
