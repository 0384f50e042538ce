//! Pushes a change to a branch of its own, and opens a request for it.

use crate::forge::ForgeError;
use crate::forge::Progress;
use crate::forge::Proposal;
use crate::forge::Request;
use crate::forge::Requests;
use crate::git::Destination;
use crate::git::LastCommit;
use crate::git::Replaces;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::ops::commit::FileChange;
use crate::ops::commit::Publisher;
use crate::ops::commit::Pushed;
use crate::text::with_hint;
use std::time::Duration;

/// Where a change is proposed.
pub(in crate::ops) struct Proposing<'a> {
    /// Who commits to which repository.
    pub(in crate::ops) publisher: Publisher<'a>,
    /// The requests of the forge; `None` if only its Git is known.
    pub(in crate::ops) requests: Option<&'a dyn Requests>,
    /// The first pause between two checks of a request that is waited for.
    pub(in crate::ops) poll: Duration,
    /// What messages call the change, e.g. `component manifests`.
    pub(in crate::ops) what: &'a str,
}

/// The outcome of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The branch to merge into has the change already.
    Nothing,
    /// It has the change by this request.
    Merged(Request),
    /// A request was opened.
    Opened(Request),
    /// An open request was updated.
    Updated(Request),
    /// An open request was up to date.
    Unchanged(Request),
}

/// The outcome of a proposal, and a clone that has the change.
pub(in crate::ops) struct Proposed {
    pub(in crate::ops) outcome: Outcome,
    pub(in crate::ops) workspace: Workspace,
}

impl Proposing<'_> {
    /// Proposes what `make` wants: `base` is a clone of the branch to merge into. An open request of the branch is updated with a commit on
    /// top; a branch that an earlier request has left is replaced.
    ///
    /// # Errors
    /// What the forge or the Git server refuses; once the branch is pushed, that no forge is known.
    pub(in crate::ops) async fn propose(
        &self,
        wanted: &Proposal,
        base: Workspace,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Proposed> {
        let mut base = base;
        let mut pauses = self.publisher.pauses_among_others();
        loop {
            let found = self.find(wanted).await?;
            if make(&base)?.differing(Some(&base))?.is_empty() {
                let outcome = match found {
                    Some(request) if matches!(request.progress, Progress::Merged(_)) => {
                        Outcome::Merged(request)
                    }
                    _ => Outcome::Nothing,
                };
                return Ok(Proposed { outcome, workspace: base });
            }
            let open = found.clone().filter(Request::is_open);
            if let (Some(last), None) = (&found, &open) {
                self.tell_of(last);
            }
            let Some((workspace, has_pushed)) = self.push(wanted, base, open.is_some(), &make).await? else {
                // Another client was faster: look at everything again.
                let wait = pauses.next().unwrap_or_default();
                anyhow::ensure!(
                    wait < self.publisher.deadline.remaining(),
                    "pushing {}: others kept pushing to \"{}\"",
                    self.what,
                    wanted.head
                );
                tokio::time::sleep(wait).await;
                self.publisher.sink.waiting("git conflict detected, retrying with a fresh clone");
                base = self.publisher.clone_of(&wanted.base).await?;
                continue;
            };
            let Some(requests) = self.requests else { return Err(self.by_hand(wanted)) };
            let what = format!("the {} of \"{}\"", requests.noun(), wanted.head);
            let work = self.bring(requests, wanted, open, has_pushed);
            let outcome = self.publisher.deadline.bound(&what, work).await?;
            return Ok(Proposed { outcome, workspace });
        }
    }

    async fn find(&self, wanted: &Proposal) -> anyhow::Result<Option<Request>> {
        let Some(requests) = self.requests else { return Ok(None) };
        let what = format!("the {} of \"{}\"", requests.noun(), wanted.head);
        let look = async { requests.find(&wanted.head, &wanted.base).await.map_err(anyhow::Error::from) };
        self.publisher.deadline.bound(&what, look).await
    }

    /// A request as messages name it.
    pub(in crate::ops) fn name(&self, request: &Request) -> String {
        self.requests.map(|requests| name(requests, request)).unwrap_or_default()
    }

    /// Says that a request of an earlier run is merged.
    pub(in crate::ops) fn tell_merged(&self, request: &Request) {
        let text = format!("{} was merged into \"{}\": {}", self.name(request), request.base, request.url);
        self.publisher.sink.success(text);
    }

    /// Says what became of an earlier request, before another is opened.
    fn tell_of(&self, last: &Request) {
        let Some(requests) = self.requests else { return };
        if last.progress == Progress::Closed {
            let name = name(requests, last);
            self.publisher
                .sink
                .waiting(format!("{name} was closed without being merged, opening another one"));
        }
    }

    /// Pushes the change to its branch. Returns a clone with it, and whether a commit was pushed; `None` if another client was faster.
    async fn push(
        &self,
        wanted: &Proposal,
        base: Workspace,
        is_open: bool,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Option<(Workspace, bool)>> {
        let head = &wanted.head;
        // Without a forge, an existing branch may be under review.
        let continues =
            (is_open || self.requests.is_none()) && self.publisher.branches().await?.contains(head);
        let mut workspace = base;
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
                    return Ok(Some((workspace, false)));
                }
                (workspace, replaces) = (base, Replaces::Commit(last.id));
            }
        }
        let change = make(&workspace)?;
        let Some(commit) = self.publisher.commit(&workspace, &change)? else {
            self.tell_unchanged(head);
            return Ok(Some((workspace, false)));
        };
        self.publisher.sink.success(format!("committed {} to \"{head}\" (\"{commit}\")", self.what));
        self.publisher.sink.action(format!("pushing {} to \"{}\"", self.what, self.publisher.remote.url));
        let to = Destination { branch: head.clone(), replaces };
        Ok(match self.publisher.push(&workspace, &to, &commit).await? {
            Pushed::Arrived => Some((workspace, true)),
            Pushed::Conflict(_) => None,
        })
    }

    /// The one commit of the branch, if that is all it has beyond the base, and no one has amended it.
    async fn only_ours(
        &self,
        branch: &Workspace,
        base: &Workspace,
        name: &str,
    ) -> anyhow::Result<Option<LastCommit>> {
        let Some(last) = branch.last_commit()?.filter(|last| last.is_as_written) else { return Ok(None) };
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

    /// Updates the request to what is wanted.
    async fn bring(
        &self,
        requests: &dyn Requests,
        wanted: &Proposal,
        open: Option<Request>,
        has_pushed: bool,
    ) -> anyhow::Result<Outcome> {
        let sink = self.publisher.sink;
        let (present, is_new) = match open {
            Some(present) => (present, false),
            None => (open_or_find(requests, wanted).await?, true),
        };
        let name = name(requests, &present);
        if is_new {
            sink.success(format!("opened {name}: {}", present.url));
        }
        let has_changed = self.complete(requests, wanted, &present).await?;
        let now = requests.look(present.number).await?;
        if now.progress == Progress::Conflicting {
            let base = &wanted.base;
            sink.warning(format!("{name} cannot be merged: it conflicts with \"{base}\""));
        }
        Ok(match (is_new, has_pushed || has_changed) {
            (true, _) => Outcome::Opened(now),
            (false, true) => {
                sink.success(format!("updated {name}: {}", now.url));
                Outcome::Updated(now)
            }
            (false, false) => {
                sink.success(format!("{name} is up to date: {}", now.url));
                Outcome::Unchanged(now)
            }
        })
    }

    /// Adds what the request lacks. Returns whether anything was changed.
    async fn complete(
        &self,
        requests: &dyn Requests,
        wanted: &Proposal,
        present: &Request,
    ) -> anyhow::Result<bool> {
        let mut has_changed = false;
        let is_same = (&present.title, &present.base) == (&wanted.title, &wanted.base)
            && lines(&present.body).eq(lines(&wanted.body));
        if !is_same {
            requests.edit(present, wanted).await?;
            has_changed = true;
        }
        let labels = missing(&wanted.labels, &present.labels);
        if !labels.is_empty() {
            requests.label(present, &labels).await?;
            has_changed = true;
        }
        let mut reviewers = missing(&wanted.reviewers, &present.reviewers);
        if !reviewers.is_empty() {
            let done = requests.reviewed(present).await?;
            reviewers = missing(&reviewers, &done);
        }
        if !reviewers.is_empty() {
            requests.ask_review(present, &reviewers).await?;
            has_changed = true;
        }
        if wanted.auto_merge && !present.auto_merge {
            self.merge_when_ready(requests, present).await?;
        }
        Ok(has_changed)
    }

    async fn merge_when_ready(&self, requests: &dyn Requests, present: &Request) -> anyhow::Result<()> {
        let Err(error) = requests.merge_when_ready(present).await else { return Ok(()) };
        // The answer to an earlier attempt may have been lost.
        match requests.look(present.number).await {
            Ok(now) if !now.is_open() || now.auto_merge => Ok(()),
            _ => Err(error.into()),
        }
    }

    /// Without a known forge, a person opens the request.
    fn by_hand(&self, wanted: &Proposal) -> anyhow::Error {
        let (url, Proposal { head, base, .. }) = (&self.publisher.remote.url, wanted);
        let error = anyhow::anyhow!("no request can be opened at \"{url}\": only its Git is known");
        with_hint(
            error,
            format!(
                "open one by hand, from the branch \"{head}\" of {url} into \"{base}\", and run the command again when it is merged"
            ),
        )
    }
}

/// A request as messages name it: `pull request #1`.
pub(super) fn name(requests: &dyn Requests, request: &Request) -> String {
    format!("{} {}{}", requests.noun(), requests.sign(), request.number)
}

/// Opens a request, or returns the one that another run has just opened.
async fn open_or_find(requests: &dyn Requests, wanted: &Proposal) -> anyhow::Result<Request> {
    let error = match requests.open(wanted).await {
        Ok(made) => return Ok(made),
        Err(error @ ForgeError::RequestExists { .. }) => error,
        Err(error) => return Err(error.into()),
    };
    match requests.find(&wanted.head, &wanted.base).await {
        Ok(Some(found)) if found.is_open() => Ok(found),
        Ok(_) => Err(error.into()),
        Err(error) => Err(error.into()),
    }
}

/// A text as forges store it: some change line ends, or the white space around it.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim().lines().map(str::trim_end)
}

fn missing(wanted: &[String], present: &[String]) -> Vec<String> {
    let is_there = |name: &String| present.iter().any(|there| there.eq_ignore_ascii_case(name));
    wanted.iter().filter(|name| !is_there(name)).cloned().collect()
}
