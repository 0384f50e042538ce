//! Pushes a change to a branch of its own, and opens a request for it.

use super::branch::Branch;
use super::proposing::Proposing;
use crate::forge::ForgeError;
use crate::forge::Progress;
use crate::forge::Proposal;
use crate::forge::Request;
use crate::forge::Requests;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::text::with_hint;
use anyhow::Context;

/// The outcome of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The branch to merge into has the change already, but not by this request, if there is one.
    Nothing(Option<Request>),
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
    /// The request of the branch, if there is one. If something is to be proposed, the forge is asked at the same time whether it has, and
    /// knows, what is wanted, so that nothing is pushed for a misspelt name.
    ///
    /// # Errors
    /// What the forge refuses or does not have.
    pub(in crate::ops) async fn look(
        &self,
        wanted: &Proposal,
        is_needed: bool,
    ) -> anyhow::Result<Option<Request>> {
        let Some(requests) = self.requests.filter(|_| is_needed) else { return self.find(wanted).await };
        let what = format!("the {} of \"{}\"", requests.noun(), wanted.head);
        let author = async { if wanted.reviewers.is_empty() { Ok(None) } else { requests.author().await } };
        let look = async {
            let find = requests.find(&wanted.head, &wanted.base);
            let (found, (), author) = tokio::try_join!(find, requests.check(wanted), author)?;
            if let Some(author) = author {
                let open = found.as_ref().filter(|found| found.is_open());
                refuse_author(requests, wanted, open.map_or(&author, |open| &open.author))?;
            }
            Ok(found)
        };
        self.publisher.deadline.bound(&what, look).await
    }

    /// Proposes what `make` wants: `base` is a clone of the branch to merge into, `found` what [`Self::look`] has found. The branch of an
    /// open request gets a commit on top if others have pushed to it. If it has only our own commit, or an earlier request has left it, it is
    /// replaced.
    ///
    /// # Errors
    /// What the forge or the Git server refuses; once the branch is pushed, that no forge is known.
    pub(in crate::ops) async fn propose(
        &self,
        wanted: &Proposal,
        (base, found): (Workspace, Option<Request>),
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Proposed> {
        let (mut base, mut found) = (base, found);
        let mut pauses = self.publisher.pauses_among_others();
        loop {
            if make(&base)?.differing(Some(&base))?.is_empty() {
                let outcome = match found {
                    Some(request) if matches!(request.progress, Progress::Merged(_)) => {
                        Outcome::Merged(request)
                    }
                    other => Outcome::Nothing(other),
                };
                return Ok(Proposed { outcome, workspace: base });
            }
            let open = found.clone().filter(Request::is_open);
            if let (Some(last), None) = (&found, &open) {
                self.tell_of(last);
            }
            let Some((workspace, done)) = self.push(wanted, base, open.is_some(), &make).await? else {
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
                found = self.find(wanted).await?;
                continue;
            };
            let Some(requests) = self.requests else { return Err(self.by_hand(wanted)) };
            let what = format!("the {} of \"{}\"", requests.noun(), wanted.head);
            let work = self.bring(requests, wanted, open, done);
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

    /// Updates the request to what is wanted.
    async fn bring(
        &self,
        requests: &dyn Requests,
        wanted: &Proposal,
        open: Option<Request>,
        branch: Branch,
    ) -> anyhow::Result<Outcome> {
        let sink = self.publisher.sink;
        let (present, is_new) = match open {
            Some(present) => (present, false),
            None => {
                let opened = open_or_find(requests, wanted).await;
                let told =
                    || format!("the change is in the branch \"{}\", and not proposed yet", wanted.head);
                (opened.with_context(told)?, true)
            }
        };
        let name = name(requests, &present);
        if is_new {
            sink.success(format!("opened {name}: {}", present.url));
        }
        let told = || format!("{name} is there, but not everything that was asked for: {}", present.url);
        let (mut has_changed, asked) = self.complete(requests, wanted, &present).await.with_context(told)?;
        let now = requests.look(present.number).await?;
        let left_out = missing(&asked, &now.reviewers);
        has_changed |= left_out.len() < asked.len();
        if !left_out.is_empty() {
            sink.warning(format!(
                "{name} has no reviewer {}: the forge has left them out without a refusal; {}",
                quoted(&left_out),
                requests.when_left_out()
            ));
        }
        if now.progress == Progress::Conflicting {
            let base = &wanted.base;
            sink.warning(format!("{name} cannot be merged: it conflicts with \"{base}\""));
        }
        Ok(match (is_new, branch == Branch::Pushed || has_changed) {
            (true, _) => Outcome::Opened(now),
            (false, true) => {
                sink.success(format!("updated {name}: {}", now.url));
                Outcome::Updated(now)
            }
            (false, false) if branch == Branch::Outdated => {
                sink.success(format!("{name} is left as it is: {}", now.url));
                Outcome::Unchanged(now)
            }
            (false, false) => {
                sink.success(format!("{name} is up to date: {}", now.url));
                Outcome::Unchanged(now)
            }
        })
    }

    /// Adds what the request lacks. Returns whether anything was changed, and apart from that, who was asked for a review.
    async fn complete(
        &self,
        requests: &dyn Requests,
        wanted: &Proposal,
        present: &Request,
    ) -> anyhow::Result<(bool, Vec<String>)> {
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
        }
        if wanted.auto_merge && !present.auto_merge {
            self.merge_when_ready(requests, present).await?;
        }
        Ok((has_changed, reviewers))
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
        let error = anyhow::anyhow!("cannot open a request at \"{url}\": the forge is unknown");
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

/// Refuses the author of a request as its reviewer, as the forge would do once the change is pushed.
fn refuse_author(requests: &dyn Requests, wanted: &Proposal, author: &str) -> anyhow::Result<()> {
    match wanted.reviewers.iter().find(|name| name.eq_ignore_ascii_case(author)) {
        None => Ok(()),
        Some(name) => Err(with_hint(
            anyhow::anyhow!(
                "\"{name}\" cannot review: this is the author of the {}, whom the forge does not let review it",
                requests.noun()
            ),
            "leave the name out of --pr-reviewer, or use the token of another user",
        )),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// A text as forges store it: some change line ends, or the white space around it.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim().lines().map(str::trim_end)
}

fn missing(wanted: &[String], present: &[String]) -> Vec<String> {
    let is_there = |name: &String| present.iter().any(|there| there.eq_ignore_ascii_case(name));
    wanted.iter().filter(|name| !is_there(name)).cloned().collect()
}
