//! Requests as every forge has them: branches of one repository that are to be merged into others of it.

use super::clean_git;
use super::state::State;
use anyhow::Context;
use std::path::Path;

/// A pull or merge request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub number: u64,
    pub head: String,
    pub base: String,
    /// As the forge stores it, with what it has for a draft.
    pub title: String,
    pub body: String,
    pub progress: Progress,
    /// Whether it is a draft, where that is not said in the title.
    pub draft: bool,
    pub labels: Vec<String>,
    pub reviewers: Vec<String>,
    /// Those who have reviewed.
    pub reviewed: Vec<String>,
    /// Whether the branch with the change, or at Bitbucket Server the other one, is in a fork.
    pub is_of_fork: bool,
    /// Whether it is merged when the checks have passed.
    pub auto_merge: bool,
    /// Counts the changes.
    pub version: u64,
    pub author: String,
}

/// How far a request is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Open,
    Closed,
    /// With this commit.
    Merged(String),
}

/// How a request is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    Commit,
    Squash,
    Rebase,
}

/// Why a request is not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOpened {
    NoBranch(String),
    NoCommits,
    /// There is one, with this number.
    Exists(u64),
}

impl State {
    /// Runs git in a repository; what it said, if it was successful.
    pub fn git(&self, full_name: &str, arguments: &[&str]) -> Option<String> {
        let output = clean_git().current_dir(self.path_of(full_name)).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The last commit of a branch.
    pub fn tip(&self, full_name: &str, branch: &str) -> Option<String> {
        self.git(full_name, &["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")])
    }

    pub fn request_mut(&mut self, full_name: &str, number: &str) -> Option<&mut Request> {
        let requests = &mut self.repository_mut(full_name)?.requests;
        requests.iter_mut().find(|request| request.number.to_string() == number)
    }

    /// The requests of a repository, the newest first.
    pub fn requests(&self, full_name: &str) -> Vec<Request> {
        let known = self.repository(full_name).map(|found| found.requests.clone()).unwrap_or_default();
        known.into_iter().rev().collect()
    }

    pub fn open_request(&mut self, full_name: &str, mut wanted: Request) -> Result<Request, NotOpened> {
        for branch in [&wanted.base, &wanted.head] {
            self.tip(full_name, branch).ok_or_else(|| NotOpened::NoBranch(branch.clone()))?;
        }
        let known = self.requests(full_name);
        let same = |other: &&Request| {
            other.progress == Progress::Open
                && !other.is_of_fork
                && (&other.head, &other.base) == (&wanted.head, &wanted.base)
        };
        if let Some(same) = known.iter().find(same) {
            return Err(NotOpened::Exists(same.number));
        }
        let range = format!("{}..{}", wanted.base, wanted.head);
        if self.git(full_name, &["rev-list", "--count", &range]).as_deref() == Some("0") {
            return Err(NotOpened::NoCommits);
        }
        wanted.number = known.len() as u64 + 1;
        if let Some(found) = self.repository_mut(full_name) {
            found.requests.push(wanted.clone());
        }
        Ok(wanted)
    }

    /// Whether an open request cannot be merged, because others changed the same lines.
    pub fn conflicts(&self, full_name: &str, request: &Request) -> bool {
        let merged = self.git(full_name, &["merge-tree", "--write-tree", &request.base, &request.head]);
        request.progress == Progress::Open && !request.is_of_fork && merged.is_none()
    }

    /// Closes the open requests whose branch is gone, as some forges do.
    pub fn close_without_branch(&mut self, full_name: &str) {
        for request in self.requests(full_name) {
            let is_gone = self.tip(full_name, &request.head).is_none();
            if request.progress != Progress::Open || request.is_of_fork || !is_gone {
                continue;
            }
            if let Some(stored) = self.request_mut(full_name, &request.number.to_string()) {
                stored.progress = Progress::Closed;
            }
        }
    }

    /// Merges a request, whatever protects the branch.
    pub fn merge_request(&mut self, full_name: &str, number: u64, how: Merge) -> anyhow::Result<String> {
        let bare = self.path_of(full_name);
        let request = self.request_mut(full_name, &number.to_string()).context("there is no such request")?;
        anyhow::ensure!(request.progress == Progress::Open, "the request is not open");
        let commit = merge(&bare, request, how)?;
        request.progress = Progress::Merged(commit.clone());
        request.auto_merge = false;
        request.version += 1;
        Ok(commit)
    }

    /// Merges it when the checks have passed, or now where there are none.
    pub fn merge_when_ready(&mut self, full_name: &str, number: u64) -> anyhow::Result<()> {
        if self.repository(full_name).is_some_and(|found| found.checks_pending) {
            let request =
                self.request_mut(full_name, &number.to_string()).context("there is no such request")?;
            request.auto_merge = true;
            return Ok(());
        }
        self.merge_request(full_name, number, Merge::Commit).map(drop)
    }
}

/// Merges in a clone beside the repository, and gives the branch its new end.
fn merge(bare: &Path, request: &Request, how: Merge) -> anyhow::Result<String> {
    let work = tempfile::tempdir()?;
    let git = |folder: &Path, arguments: &[&str]| -> anyhow::Result<String> {
        let output = clean_git().current_dir(folder).args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "git {arguments:?}: {said}");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let here = work.path();
    let (base, head) = (format!("origin/{}", request.base), format!("origin/{}", request.head));
    git(here, &["clone", "--quiet", "--no-checkout", &bare.display().to_string(), "."])?;
    let subject = format!("{} (#{})", request.title, request.number);
    match how {
        Merge::Commit => {
            git(here, &["checkout", "--quiet", "--detach", &base])?;
            let (number, title) = (request.number, &request.title);
            let message = format!("Merge pull request #{number} from ada/{}\n\n{title}\n", request.head);
            git(here, &["merge", "--quiet", "--no-ff", "-m", &message, &head])?;
        }
        Merge::Squash => {
            git(here, &["checkout", "--quiet", "--detach", &base])?;
            git(here, &["merge", "--quiet", "--squash", &head])?;
            git(here, &["commit", "--quiet", "-m", &subject])?;
        }
        Merge::Rebase => {
            git(here, &["checkout", "--quiet", "--detach", &head])?;
            git(here, &["rebase", "--quiet", &base])?;
        }
    }
    let commit = git(here, &["rev-parse", "HEAD"])?;
    let refspec = format!("+{commit}:refs/heads/{}", request.base);
    git(here, &["update-ref", "refs/heads/merged", &commit])?;
    git(bare, &["fetch", "--quiet", &here.display().to_string(), &refspec])?;
    Ok(commit)
}
