//! The commits of the file that declares a release, and when each of them took effect.

use super::entries::CommitInfo;
use super::entries::Entry;
use super::told::told;
use crate::api::Past;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::git::Commit;
use crate::git::PastCommit;
use crate::git::Remote;
use crate::ops::git_source::commit_of;
use crate::text::GoDuration;
use jiff::RoundMode;
use jiff::Timestamp;
use jiff::TimestampRound;
use jiff::Unit;
use serde_json::Value;
use std::collections::HashMap;

/// A commit that changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct FileCommit {
    pub(in crate::ops) commit: Commit,
    /// The ID of the content; `None` if the file was removed.
    pub(in crate::ops) content: Option<String>,
    /// When the cluster first had it, if that is known; else when it was committed.
    since: Timestamp,
}

impl FileCommit {
    /// The commit as a line of a message.
    pub(in crate::ops) fn line(&self) -> String {
        line(&self.commit)
    }
}

/// A commit as a line of a message.
pub(in crate::ops) fn line(commit: &Commit) -> String {
    told(commit).line()
}

/// The commits of a branch that changed a file, the latest first. `kustomization` is the one that applies it.
///
/// # Errors
/// What the Git server answers.
pub(in crate::ops) async fn file_past(
    remote: &Remote,
    reference: &str,
    file: &str,
    kustomization: &Value,
) -> anyhow::Result<Vec<FileCommit>> {
    let steps = remote.past(reference, file).await?;
    let kept = KUSTOMIZATION.past.map(|past| past(kustomization)).unwrap_or_default();
    Ok(changes(&steps, &live(&kept)))
}

/// When the controller first worked on each commit. `kept` has the latest first.
pub(super) fn live(kept: &[Past]) -> HashMap<String, Timestamp> {
    let mut live: HashMap<String, Timestamp> = HashMap::new();
    for (at, entry) in kept.iter().enumerate() {
        let (Some((_, commit)), Some(begun)) = (commit_of(&entry.revision), begun(entry, kept.get(at + 1)))
        else {
            continue;
        };
        let known = live.entry(commit.to_owned()).or_insert(begun);
        *known = begun.min(*known);
    }
    live
}

/// When the first reconciliation of an entry began. The controller records its end, which health checks delay until the releases
/// that they wait for are ready.
fn begun(entry: &Past, before: Option<&Past>) -> Option<Timestamp> {
    let ended: Timestamp = entry.first.parse().ok()?;
    let begun = if entry.count == Some(1) {
        // After further reconciliations, the duration is that of the last one.
        entry.took.parse::<GoDuration>().ok().map(|took| ended - took.0)
    } else {
        before.and_then(|before| before.last.parse().ok())
    };
    // Times of releases are whole seconds as well.
    begun
        .unwrap_or(ended)
        .min(ended)
        .round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor))
        .ok()
}

/// The steps that changed the file, each with the time it took effect; `live` is when the cluster first had a commit.
pub(super) fn changes(steps: &[PastCommit], live: &HashMap<String, Timestamp>) -> Vec<FileCommit> {
    let first_live =
        |steps: &[PastCommit]| steps.iter().filter_map(|step| live.get(&step.commit.id)).min().copied();
    let mut found = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        if !has_changed(steps, at) {
            continue;
        }
        let committed = Timestamp::from_second(step.committed).unwrap_or(Timestamp::MIN);
        // Only where the cluster remembers an older commit is the first one that has the change the one that brought it.
        let is_remembered = first_live(&steps[at + 1..]).is_some();
        let arrived = first_live(&steps[..=at]).filter(|_| is_remembered);
        found.push(FileCommit {
            commit: step.commit.clone(),
            content: step.content.clone(),
            since: arrived.map_or(committed, |arrived| arrived.max(committed)),
        });
    }
    found
}

/// Whether a step changed the content.
pub(in crate::ops) fn has_changed(steps: &[PastCommit], at: usize) -> bool {
    match steps.get(at + 1) {
        Some(before) => before.content != steps[at].content,
        // What came before was not read.
        None => steps[at].is_first && steps[at].content.is_some(),
    }
}

/// Which of the commits was in force at a moment.
pub(in crate::ops) fn in_force(past: &[FileCommit], at: Timestamp) -> Option<usize> {
    past.iter().position(|one| one.since <= at)
}

/// The commits of the entries of a release, the latest first: of those with the same commit in effect, only the oldest was caused by it.
pub(super) fn attribute(past: &[FileCommit], entries: &[&Entry]) -> Vec<Option<CommitInfo>> {
    let place = |entry: &&Entry| entry.last.parse::<Timestamp>().ok().and_then(|at| in_force(past, at));
    let places: Vec<Option<usize>> = entries.iter().map(place).collect();
    let told_at = |at: usize| {
        let before = places.get(at + 1).copied().flatten();
        let place = places[at].filter(|place| Some(*place) != before)?;
        Some(told(&past[place].commit))
    };
    (0..places.len()).map(told_at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u8) -> Timestamp {
        format!("2026-01-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn step(id: &str, day: u8, content: &str) -> PastCommit {
        let commit = Commit {
            id: id.repeat(40),
            author: "Ada".to_owned(),
            email: String::new(),
            at: 0,
            message: format!("Commit {id} (#{day})\n"),
        };
        PastCommit {
            commit,
            committed: at(day).as_second(),
            content: Some(content.to_owned()),
            is_first: id == "a",
        }
    }

    fn ids(found: &[FileCommit]) -> Vec<&str> {
        found.iter().map(|one| &one.commit.id[..1]).collect()
    }

    #[test]
    fn a_commit_counts_since_the_cluster_has_it() {
        let steps = [step("d", 9, "2"), step("c", 4, "2"), step("b", 2, "1"), step("a", 1, "1")];
        let plain = changes(&steps, &HashMap::new());
        assert_eq!(ids(&plain), ["c", "a"]);
        assert_eq!((plain[0].since, plain[1].since), (at(4), at(1)));
        // It was committed on the fourth, and came to the branch that is followed on the seventh.
        let live = HashMap::from([("c".repeat(40), at(7)), ("b".repeat(40), at(3))]);
        let known = changes(&steps, &live);
        assert_eq!((known[0].since, known[1].since), (at(7), at(1)));
        assert_eq!(in_force(&known, at(6)), Some(1));
        assert_eq!(in_force(&known, at(8)), Some(0));
        assert_eq!(in_force(&known[..1], at(6)), None);
        // What was cut off is not the beginning of the file.
        assert_eq!(ids(&changes(&steps[..2], &HashMap::new())), Vec::<&str>::new());
    }

    /// What the controller kept of a commit whose first reconciliation ended at that second of a day.
    fn kept(id: &str, first: u8, last: u8, took: &str, count: i64) -> Past {
        let second = |second: u8| format!("2026-01-01T00:00:{second:02}Z");
        Past {
            revision: format!("main@sha1:{}", id.repeat(40)),
            first: second(first),
            last: second(last),
            took: took.to_owned(),
            count: Some(count),
            ..Past::default()
        }
    }

    #[test]
    fn a_commit_is_live_from_the_start_of_its_reconciliation() {
        let second = |second: u8| format!("2026-01-01T00:00:{second:02}Z").parse::<Timestamp>().unwrap();
        let begun = |kept: &[Past]| live(kept)[&"b".repeat(40)];
        // The release that its health check waited for began at 11.
        assert_eq!(begun(&[kept("b", 40, 40, "29.4s", 1), kept("a", 5, 5, "1s", 1)]), second(10));
        assert_eq!(begun(&[kept("b", 40, 50, "200ms", 2), kept("a", 5, 9, "1s", 1)]), second(9));
        // Nothing is known of what was before it.
        assert_eq!(begun(&[kept("b", 40, 50, "200ms", 2)]), second(40));
        // It failed first.
        let failed = [kept("b", 40, 40, "1s", 1), kept("b", 30, 38, "1s", 3), kept("a", 5, 20, "1s", 4)];
        assert_eq!(begun(&failed), second(20));
    }

    #[test]
    fn a_release_that_came_without_a_commit_has_none() {
        let past = changes(&[step("c", 4, "2"), step("a", 1, "1")], &HashMap::new());
        let entry = |day: u8| Entry { last: at(day).to_string(), ..Entry::default() };
        let entries = [entry(9), entry(5), entry(2)];
        let found = attribute(&past, &entries.iter().collect::<Vec<_>>());
        let commits: Vec<Option<&str>> =
            found.iter().map(|told| told.as_ref().map(|told| &told.id[..1])).collect();
        assert_eq!(commits, [None, Some("c"), Some("a")]);
        assert_eq!(found[1].as_ref().unwrap().request.as_deref(), Some("#4"));
        assert_eq!(past[0].line(), format!("- {} Commit c (#4) (Ada)", "c".repeat(8)));
    }
}
