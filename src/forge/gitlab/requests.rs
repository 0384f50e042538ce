//! Merge requests at GitLab. The title of a draft begins with a prefix; users are identified by numbers.

use super::repository::GitLab;
use crate::forge::ForgeError;
use crate::forge::Progress;
use crate::forge::Proposal;
use crate::forge::Request;
use crate::forge::Requests;
use crate::forge::api::segment;
use crate::forge::requests::NO_USER;
use crate::forge::requests::REVIEWERS;
use crate::forge::requests::best;
use crate::forge::requests::check_reviewers;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

/// The prefix in the title of a draft.
const DRAFT: &str = "Draft: ";

#[derive(Deserialize)]
struct RequestAnswer {
    iid: u64,
    web_url: String,
    target_branch: String,
    source_project_id: u64,
    target_project_id: u64,
    title: String,
    description: Option<String>,
    state: String,
    #[serde(default)]
    has_conflicts: bool,
    merge_commit_sha: Option<String>,
    squash_commit_sha: Option<String>,
    sha: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    reviewers: Option<Vec<User>>,
    #[serde(default)]
    merge_when_pipeline_succeeds: bool,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    username: String,
}

impl RequestAnswer {
    fn read(self) -> Request {
        // Where branches are fast-forwarded, the last commit is the only one.
        let commit = self.merge_commit_sha.or(self.squash_commit_sha).or(self.sha);
        let progress = match self.state.as_str() {
            "merged" => Progress::Merged(commit),
            "closed" => Progress::Closed,
            // Also while it is being merged.
            _ if self.has_conflicts => Progress::Conflicting,
            _ => Progress::Open,
        };
        Request {
            number: self.iid,
            url: self.web_url,
            base: self.target_branch,
            title: self.title.strip_prefix(DRAFT).unwrap_or(&self.title).to_owned(),
            body: self.description.unwrap_or_default(),
            progress,
            labels: self.labels,
            // An author may review, too.
            author: String::new(),
            reviewers: self.reviewers.into_iter().flatten().map(|user| user.username).collect(),
            auto_merge: self.merge_when_pipeline_succeeds,
        }
    }
}

impl GitLab {
    fn request_path(&self, number: u64, below: &str) -> String {
        self.path(&format!("/merge_requests/{number}{below}"))
    }

    async fn answer(&self, number: u64) -> Result<RequestAnswer, ForgeError> {
        let doing = self.target.doing(&format!("looking at merge request !{number} of"));
        self.api.read(&doing, &self.request_path(number, "")).await
    }

    async fn user(&self, doing: &str, name: &str) -> Result<Option<User>, ForgeError> {
        let found: Vec<User> = self.api.read(doing, &format!("/users?username={}", segment(name))).await?;
        Ok(found.into_iter().next())
    }

    /// Why someone cannot review.
    async fn cannot_review(&self, name: &str) -> Result<Option<&'static str>, ForgeError> {
        let user = self.user(&looking_for(name), name).await?;
        Ok(user.is_none().then_some(NO_USER))
    }

    async fn change_request(&self, doing: &str, number: u64, body: Value) -> Result<(), ForgeError> {
        self.api.change(doing, Method::PUT, &self.request_path(number, ""), Some(body)).await
    }
}

fn looking_for(name: &str) -> String {
    format!("looking for the user \"{name}\"")
}

impl Requests for GitLab {
    // Labels that do not exist are created.
    fn check<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<(), ForgeError>> {
        let doing = self.target.doing("preparing a merge request in");
        Box::pin(check_reviewers(doing, &wanted.reviewers, |name| self.cannot_review(name)))
    }

    fn noun(&self) -> &'static str {
        "merge request"
    }

    fn sign(&self) -> char {
        '!'
    }

    fn find<'a>(
        &'a self,
        head: &'a str,
        _base: &'a str,
    ) -> BoxFuture<'a, Result<Option<Request>, ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("looking for the merge request of branch \"{head}\" in"));
            let query = format!("state=all&source_branch={}", segment(head));
            let path = format!("/merge_requests?{query}&order_by=created_at&sort=desc&per_page=100");
            let all: Vec<RequestAnswer> = self.api.read(&doing, &self.path(&path)).await?;
            // A fork may have a branch of this name.
            let own = all.into_iter().filter(|one| one.source_project_id == one.target_project_id);
            Ok(best(own.map(RequestAnswer::read).collect(), Request::is_open))
        })
    }

    fn look(&self, number: u64) -> BoxFuture<'_, Result<Request, ForgeError>> {
        Box::pin(async move { Ok(self.answer(number).await?.read()) })
    }

    fn open<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<Request, ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("opening a merge request in");
            let mark = if wanted.draft { DRAFT } else { "" };
            let body = json!({
                "source_branch": wanted.head, "target_branch": wanted.base,
                "title": format!("{mark}{}", wanted.title), "description": wanted.body,
            });
            let made: RequestAnswer = self.api.create(&doing, &self.path("/merge_requests"), body).await?;
            Ok(made.read())
        })
    }

    fn edit<'a>(
        &'a self,
        present: &'a Request,
        wanted: &'a Proposal,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("changing merge request !{} of", present.number));
            let is_draft = self.answer(present.number).await?.title.starts_with(DRAFT);
            let mark = if is_draft { DRAFT } else { "" };
            let mut body = json!({"title": format!("{mark}{}", wanted.title), "description": wanted.body});
            if present.base != wanted.base {
                body["target_branch"] = json!(wanted.base);
            }
            self.change_request(&doing, present.number, body).await
        })
    }

    fn label<'a>(
        &'a self,
        present: &'a Request,
        labels: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("labelling merge request !{} of", present.number));
            self.change_request(&doing, present.number, json!({"add_labels": labels.join(",")})).await
        })
    }

    fn ask_review<'a>(
        &'a self,
        present: &'a Request,
        reviewers: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let number = present.number;
            let doing = self.target.doing(&format!("asking for reviews of merge request !{number} of"));
            let asked = self.answer(number).await?.reviewers.unwrap_or_default();
            let mut ids: Vec<u64> = asked.iter().map(|user| user.id).collect();
            for name in reviewers {
                let looking = looking_for(name);
                let user = self.user(&looking, name).await?.ok_or_else(|| ForgeError::Denied {
                    doing: looking,
                    reason: NO_USER.to_owned(),
                    hint: Some(REVIEWERS.to_owned()),
                })?;
                ids.push(user.id);
            }
            self.change_request(&doing, number, json!({"reviewer_ids": ids})).await
        })
    }

    fn when_left_out(&self) -> &'static str {
        "give them access to the project, and run the command again; without Premium, a merge request has one reviewer"
    }

    fn merge_when_ready<'a>(&'a self, present: &'a Request) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let number = present.number;
            let doing = self.target.doing(&format!("asking for merge request !{number} to be merged in"));
            // Before 17.11 it was the second field; without one that it knows, a server merges at once.
            let body = json!({"auto_merge": true, "merge_when_pipeline_succeeds": true});
            let path = self.request_path(number, "/merge");
            let hint = "leave out --pr-auto-merge where approvals or pipelines are missing, and merge the request by hand";
            let asked = self.api.change(&doing, Method::PUT, &path, Some(body)).await;
            asked.map_err(|error| error.or_hint(hint))
        })
    }
}
