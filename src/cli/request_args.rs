//! The flags of a change that is proposed as a pull or merge request.

use super::help_text;
use super::list_flag;
use super::list_flag::Items;
use super::list_flag::items;
use crate::ops::request::RequestOptions;
use crate::text::WithHint;

// Whether a change goes into a request, and how that is opened.
#[derive(clap::Args, Debug, Clone)]
pub struct RequestArgs {
    /// Propose the change as a pull or merge request instead of pushing it onto the branch
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pull_request: bool,
    /// Title of the request
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_title: Option<String>,
    /// Description of the request, in Markdown
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_body: Option<String>,
    /// Branch to merge the request into, if it differs
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_base: Option<String>,
    /// Open the request as a draft
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_draft: bool,
    /// Labels of the request
    #[arg(long, global = true, value_parser = items, help_heading = help_text::REQUEST)]
    pr_label: Vec<Items>,
    /// Login names of people who are asked to review the request
    #[arg(long, global = true, value_parser = items, help_heading = help_text::REQUEST)]
    pr_reviewer: Vec<Items>,
    /// Merge the request as soon as its checks and reviews allow it
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_auto_merge: bool,
    /// Wait until the request is merged and applied
    #[arg(long, global = true, help_heading = help_text::REQUEST)]
    pr_wait: bool,
}

impl RequestArgs {
    /// Whether a request is asked for.
    pub fn is_asked(&self) -> bool {
        self.pull_request
    }

    /// Whether a request is waited for until it is merged.
    pub fn waits(&self) -> bool {
        self.pull_request && self.pr_wait
    }

    /// How a request is asked for, if one is.
    ///
    /// # Errors
    /// A flag of a request without a request; flags that exclude each other.
    pub fn options(&self) -> anyhow::Result<Option<RequestOptions>> {
        let text = |given: &Option<String>| given.clone().filter(|text| !text.trim().is_empty());
        let options = RequestOptions {
            title: text(&self.pr_title),
            body: text(&self.pr_body),
            base: text(&self.pr_base),
            draft: self.pr_draft,
            labels: list_flag::all(&self.pr_label),
            reviewers: list_flag::all(&self.pr_reviewer),
            auto_merge: self.pr_auto_merge,
            wait: self.pr_wait,
        };
        if !self.pull_request {
            if let Some(flag) = self.first_given() {
                return Err(anyhow::anyhow!("{flag} requires --pull-request"))
                    .hint("add --pull-request, or leave the flags of a request out");
            }
            return Ok(None);
        }
        if options.draft && options.auto_merge {
            return Err(anyhow::anyhow!("--pr-draft and --pr-auto-merge exclude each other"))
                .hint("a draft is not merged: leave one of them out");
        }
        Ok(Some(options))
    }

    fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--pr-title", self.pr_title.is_some()),
            ("--pr-body", self.pr_body.is_some()),
            ("--pr-base", self.pr_base.is_some()),
            ("--pr-draft", self.pr_draft),
            ("--pr-label", !self.pr_label.is_empty()),
            ("--pr-reviewer", !self.pr_reviewer.is_empty()),
            ("--pr-auto-merge", self.pr_auto_merge),
            ("--pr-wait", self.pr_wait),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }
}
