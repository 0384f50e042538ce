//! Which revision of a Kustomization was the last that worked: what its status remembers, and what its folder held at each commit.

use super::run::Task;
use super::wording::is_one;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::WORKED;
use crate::git::PastCommit;
use crate::ops::git_source::commit_of;
use crate::ops::history;
use crate::ops::history::Entry;
use crate::ops::history::Evidence;
use crate::ops::history::PROGRESSING;
use crate::text::WithHint;
use crate::text::shorten_hex;
use crate::text::with_hint;
use anyhow::Context;
use jiff::Timestamp;

/// What the status of a Kustomization remembers: events name many revisions for one content.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// What was tried last.
    present: Entry,
    /// Whether that failed.
    has_failed: bool,
    /// Whether its content is older than another that was tried: then it has come back.
    has_returned: bool,
    /// The revisions that worked with other content, the latest first.
    worked: Vec<String>,
}

impl Known {
    /// From the entries of a history; `None` if there are none.
    pub(super) fn of(entries: &[Entry]) -> Option<Self> {
        let kept = entries.iter().filter(|entry| entry.evidence == Evidence::Kept);
        let attempt = entries.iter().find(|entry| entry.evidence == Evidence::Attempt);
        let present = attempt.or_else(|| kept.clone().next())?.clone();
        // An attempt that is not kept has no digest: its content is none of those that are.
        let others: Vec<&Entry> =
            kept.filter(|entry| present.digest.is_empty() || entry.digest != present.digest).collect();
        let first = |entry: &Entry| entry.first.parse::<Timestamp>().ok();
        let begun = first(&present).filter(|_| attempt.is_none());
        let has_returned = begun.is_some_and(|begun| others.iter().any(|entry| first(entry) > Some(begun)));
        let worked: Vec<String> = others
            .into_iter()
            .filter(|entry| entry.status == WORKED)
            .map(|entry| entry.revision.clone())
            .collect();
        let has_failed = present.status != WORKED && present.status != PROGRESSING;
        Some(Self { present, has_failed, has_returned, worked })
    }
}

pub(super) fn nothing_worked(id: &ObjectId) -> anyhow::Error {
    let error = anyhow::anyhow!("{id} has no earlier revision that worked, as far as the cluster remembers");
    with_hint(error, "choose a commit with --to")
}

/// What a Kustomization is rolled back to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    To(String),
    /// It is already rolled back, to this.
    Already(String),
}

/// A folder of a branch, commit by commit, the latest first.
pub(super) struct Folder {
    branch: String,
    path: String,
    steps: Vec<PastCommit>,
}

impl Folder {
    /// Reads what the folder held.
    ///
    /// # Errors
    /// What the Git server answers.
    pub(super) async fn read(task: &Task<'_>, path: &str) -> anyhow::Result<Self> {
        let (remote, branch) = (&task.fleet.remote, &task.fleet.branch);
        let reading = async { Ok(remote.past(branch, path).await?) };
        let steps = task.deadline.bound("the commits of the folder", reading).await?;
        Ok(Self { branch: branch.clone(), path: path.to_owned(), steps })
    }

    /// What the folder held at a revision; `None` if that is not among the commits that were read.
    fn at(&self, revision: &str) -> Option<Option<&str>> {
        let (_, commit) = commit_of(revision)?;
        let step = self.steps.iter().find(|step| step.commit.id == commit)?;
        Some(step.content.as_deref())
    }

    /// The last commit that changed the folder, with its place.
    fn last_change(&self) -> Option<(usize, &PastCommit)> {
        let at = (0..self.steps.len()).find(|at| history::has_changed(&self.steps, *at))?;
        Some((at, &self.steps[at]))
    }

    /// Whether the last change of the folder restored what it held before.
    fn is_back(&self, id: &ObjectId) -> bool {
        self.last_change().is_some_and(|(at, last)| {
            let before = &self.steps[at + 1..];
            is_one(&last.commit.message, id) || before.iter().any(|step| step.content == last.content)
        })
    }

    /// The last revision that worked before the present one, unless the branch is already rolled back.
    ///
    /// # Errors
    /// What fails now has the same folder as what worked.
    pub(super) fn choose(&self, known: &Known, id: &ObjectId) -> anyhow::Result<Choice> {
        let now = self.steps.first().map(|step| step.content.as_deref());
        let present = self.at(&known.present.revision);
        // Whether what the cluster says of the present revision is true of the branch.
        let is_tried = now.is_some() && present == now;
        let holds_it = |revision: &String| now.is_some() && self.at(revision) == now;
        let nearest = known.worked.first().filter(|revision| holds_it(revision));
        if let Some(nearest) = nearest
            && is_tried
            && known.has_failed
        {
            return Err(anyhow::anyhow!(
                "\"./{}\" has not changed since {} worked: what changed {id} is not in its folder",
                self.path,
                shorten_hex(nearest)
            ))
            .hint("look at what it takes from elsewhere (bases, substitutions, its own spec), or choose a commit with --to");
        }
        // Rolled back, and not yet applied.
        if let Some(nearest) = nearest
            && !is_tried
        {
            return Ok(Choice::To(nearest.clone()));
        }
        let is_back = self.is_back(id) || (known.has_returned && is_tried);
        if is_back && !(is_tried && known.has_failed) {
            let revision = match (is_tried, self.last_change().or(self.steps.first().map(|step| (0, step)))) {
                (false, Some((_, step))) => format!("{}@sha1:{}", self.branch, step.commit.id),
                _ => known.present.revision.clone(),
            };
            return Ok(Choice::Already(shorten_hex(&revision)));
        }
        if known.worked.is_empty() {
            return Err(nothing_worked(id));
        }
        let found = known.worked.iter().find(|revision| !holds_it(revision)).cloned();
        found
            .map(Choice::To)
            .with_context(|| {
                format!("\"./{}\" has not changed in anything that the cluster remembers of {id}", self.path)
            })
            .hint("choose a commit with --to")
    }

    /// The commits that changed the folder after one, as lines, the latest first. `content` is what the folder held then.
    pub(super) fn since(&self, commit: &str, content: Option<String>) -> Vec<String> {
        let own = self.steps.iter().position(|step| step.commit.id == commit);
        let Some(end) = own.or_else(|| self.steps.iter().position(|step| step.content == content)) else {
            return Vec::new();
        };
        let changed = (0..end).filter(|at| history::has_changed(&self.steps, *at));
        changed.map(|at| history::line(&self.steps[at].commit)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::KUSTOMIZATION;
    use crate::git::Commit;

    fn id() -> ObjectId {
        KUSTOMIZATION.id("flux-system", "app")
    }

    fn revision(commit: char) -> String {
        format!("main@sha1:{}", commit.to_string().repeat(40))
    }

    /// What status.history has of a content: the latest revision with it, and when it was first so.
    fn kept(content: &str, commit: char, status: &str, first: u8) -> Entry {
        Entry {
            revision: revision(commit),
            digest: format!("sha256:{content}"),
            status: status.to_owned(),
            first: format!("2026-01-{first:02}T00:00:00Z"),
            ..Entry::default()
        }
    }

    fn attempt(commit: char, status: &str) -> Entry {
        let (revision, status) = (revision(commit), status.to_owned());
        Entry { revision, status, evidence: Evidence::Attempt, ..Entry::default() }
    }

    /// Commits, the latest first, each with the content of the folder and a message.
    fn folder(steps: &[(char, &str, &str)]) -> Folder {
        let step = |(at, (commit, content, message)): (usize, &(char, &str, &str))| PastCommit {
            commit: Commit {
                id: commit.to_string().repeat(40),
                author: "Ada".to_owned(),
                email: String::new(),
                at: 0,
                message: (*message).to_owned(),
            },
            committed: 0,
            content: Some((*content).to_owned()),
            is_first: at + 1 == steps.len(),
        };
        Folder {
            branch: "main".to_owned(),
            path: "app".to_owned(),
            steps: steps.iter().enumerate().map(step).collect(),
        }
    }

    /// The digit of the commit; `=` before it where someone has rolled back already.
    fn chosen(folder: &Folder, entries: &[Entry]) -> String {
        match folder.choose(&Known::of(entries).unwrap(), &id()) {
            Ok(Choice::To(revision)) => revision[10..11].to_owned(),
            Ok(Choice::Already(revision)) => format!("={}", &revision[10..11]),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn the_last_content_that_worked_is_wanted_whatever_else_was_committed() {
        // `c` and `d` touch other folders.
        let branch =
            folder(&[('d', "2", "Read me"), ('c', "2", "Read me"), ('b', "2", "Bad"), ('a', "1", "Good")]);
        let entries = [kept("2", 'd', WORKED, 2), kept("1", 'a', WORKED, 1)];
        assert_eq!(chosen(&branch, &entries), "a");
        let failed = [kept("2", 'd', "HealthCheckFailed", 2), kept("1", 'a', WORKED, 1)];
        assert_eq!(chosen(&branch, &failed), "a");
        // The same content was healthy for a while.
        let both = [failed[0].clone(), kept("2", 'c', WORKED, 2), failed[1].clone()];
        assert_eq!(chosen(&branch, &both), "a");
        assert_eq!(chosen(&branch, &[attempt('d', "BuildFailed"), failed[1].clone()]), "a");
        assert_eq!(chosen(&branch, &[attempt('d', PROGRESSING), failed[1].clone()]), "a");
        assert!(chosen(&branch, &entries[..1]).contains("no earlier revision that worked"));
        assert!(Known::of(&[]).is_none());
        assert_eq!(branch.since(&"a".repeat(40), None), ["- bbbbbbbb Bad (Ada)"]);
        assert_eq!(branch.since(&"e".repeat(40), Some("1".to_owned())), ["- bbbbbbbb Bad (Ada)"]);
        assert!(branch.since(&"e".repeat(40), Some("9".to_owned())).is_empty());
    }

    #[test]
    fn what_is_rolled_back_stays() {
        let back = format!("Roll back {} to main@sha1:aaaaaaaa", id());
        let branch = |message: &str| {
            folder(&[('c', "1", message), ('b', "2", "Bad"), ('a', "1", "Good"), ('0', "0", "Begin")])
        };
        let (oldest, good) = (kept("0", '0', WORKED, 1), kept("1", 'a', WORKED, 2));
        // The bad one never was built; the rollback is on the branch, then it is tried, then it is applied.
        let waiting = [attempt('b', "BuildFailed"), good.clone(), oldest.clone()];
        let applied = [kept("1", 'c', WORKED, 2), oldest.clone()];
        for message in [&*back, "Revert \"Bad\""] {
            assert_eq!(chosen(&branch(message), &waiting), "a");
            assert_eq!(chosen(&branch(message), &applied), "=c");
        }
        let works = [kept("2", 'b', WORKED, 3), good.clone(), oldest.clone()];
        assert_eq!(chosen(&branch(&back), &works), "a");
        let tried = [attempt('c', PROGRESSING), works[0].clone(), good.clone()];
        assert_eq!(chosen(&branch(&back), &tried), "=c");
        // Nothing else ever worked.
        let only = [kept("1", 'c', WORKED, 2), kept("2", 'b', "HealthCheckFailed", 3)];
        assert_eq!(chosen(&branch(&back), &only), "=c");
        // It fails now, too.
        let fails = [kept("1", 'c', "HealthCheckFailed", 4), good, works[0].clone(), oldest];
        assert_eq!(chosen(&branch(&back), &fails), "b");
        // Of what is older than the commits that were read, the times tell.
        let cut = Folder { steps: branch("Elsewhere").steps[..1].to_vec(), ..branch("") };
        assert_eq!(chosen(&cut, &[kept("1", 'c', WORKED, 2), kept("2", 'b', WORKED, 3)]), "=c");
        // And another commit after that is a new one.
        let further =
            folder(&[('d', "3", "Bad again"), ('c', "1", &back), ('b', "2", "Bad"), ('a', "1", "Good")]);
        let entries = [kept("3", 'd', "HealthCheckFailed", 5), kept("1", 'c', WORKED, 2), works[0].clone()];
        assert_eq!(chosen(&further, &entries), "c");
    }

    #[test]
    fn what_changed_elsewhere_is_not_in_the_folder() {
        let branch = folder(&[('c', "2", "A base"), ('b', "2", "New"), ('a', "1", "Old")]);
        let failed =
            [kept("y", 'c', "HealthCheckFailed", 3), kept("x", 'b', WORKED, 2), kept("w", 'a', WORKED, 1)];
        let said = chosen(&branch, &failed);
        assert!(said.contains("\"./app\" has not changed since main@sha1:bbbbbbbb worked"), "{said}");
        let works = [kept("y", 'c', WORKED, 3), failed[1].clone(), failed[2].clone()];
        assert_eq!(chosen(&branch, &works), "a");
    }
}
