//! Commits as they are shown.

use super::entries::CommitInfo;
use super::request::request;
use super::request::subject;
use crate::git::Commit;
use crate::text::shorten_hex;
use jiff::Timestamp;

impl CommitInfo {
    /// The commit as a line of a message.
    pub(in crate::ops) fn line(&self) -> String {
        format!("- {} {} ({})", shorten_hex(&self.id), self.subject, self.author)
    }
}

pub(super) fn told(commit: &Commit) -> CommitInfo {
    let date = Timestamp::from_second(commit.at).map(|at| at.to_string()).unwrap_or_default();
    CommitInfo {
        id: commit.id.clone(),
        author: commit.author.clone(),
        email: commit.email.clone(),
        date,
        subject: subject(&commit.message),
        request: request(&commit.message),
    }
}
