//! How a request is asked for.

use super::title;
use crate::forge::Proposal;
use crate::ops::Sink;

/// How a request is asked for, whatever it proposes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOptions {
    /// One line; otherwise the change says what it is.
    pub title: Option<String>,
    /// Markdown; otherwise the change describes itself.
    pub body: Option<String>,
    /// The branch to merge into; otherwise the one that the cluster follows.
    pub base: Option<String>,
    pub draft: bool,
    pub labels: Vec<String>,
    pub reviewers: Vec<String>,
    /// Have it merged as soon as nothing is missing.
    pub auto_merge: bool,
    /// Continue when it is merged.
    pub wait: bool,
}

impl RequestOptions {
    /// A request from one branch into another, by default with the title and the description of the change. Secrets that the sink knows
    /// are left out.
    pub fn proposal(
        &self,
        sink: &dyn Sink,
        (head, base): (String, String),
        title: &str,
        body: String,
    ) -> Proposal {
        let title = title::title(&sink.redacted(self.title.as_deref().unwrap_or(title)));
        let body = sink.redacted(&self.body.clone().unwrap_or(body));
        Proposal {
            head,
            base,
            title,
            body,
            draft: self.draft,
            labels: self.labels.clone(),
            reviewers: self.reviewers.clone(),
            auto_merge: self.auto_merge,
        }
    }
}
