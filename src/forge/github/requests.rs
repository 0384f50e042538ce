//! Pull requests at GitHub. Only its other API, GraphQL, has automatic merging.

use super::repository::GitHub;
use super::repository::api;
use super::repository::api_base;
use crate::forge::ForgeError;
use crate::forge::Proposal;
use crate::forge::Request;
use crate::forge::Requests;
use crate::forge::api::Api;
use crate::forge::api::found;
use crate::forge::api::segment;
use crate::forge::github_like::GitHubLike;
use crate::forge::github_like_requests as shared;
use crate::forge::github_like_requests::RequestAnswer;
use crate::forge::requests::NO_USER;
use crate::forge::requests::best;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

const MERGE_WHEN_READY: &str = "mutation($id: ID!, $method: PullRequestMergeMethod!) { \
     enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: $method}) { pullRequest { number } } }";

#[derive(Deserialize)]
struct Merging {
    #[serde(default)]
    allow_merge_commit: Option<bool>,
    #[serde(default)]
    allow_squash_merge: Option<bool>,
}

#[derive(Deserialize)]
struct GraphAnswer {
    #[serde(default)]
    errors: Vec<GraphError>,
}

#[derive(Deserialize)]
struct GraphError {
    message: String,
}

impl GitHub {
    /// How requests are merged: with a merge commit if that is allowed.
    async fn method(&self, doing: &str) -> Result<&'static str, ForgeError> {
        let allowed: Merging = self.api.read(doing, &self.path("")).await?;
        Ok(match (allowed.allow_merge_commit, allowed.allow_squash_merge) {
            (Some(true) | None, _) => "merge",
            (_, Some(true)) => "squash",
            _ => "rebase",
        })
    }

    fn graph(&self) -> Result<Api, ForgeError> {
        let base = graph_base(&api_base(&self.opening.target.domain));
        api(&self.opening, &base).map_err(|error| ForgeError::Denied {
            doing: "preparing to ask GitHub's GraphQL API".to_owned(),
            reason: format!("{error:#}"),
            hint: None,
        })
    }
}

/// Where GraphQL is, beside REST.
fn graph_base(rest: &str) -> String {
    rest.strip_suffix("/v3").unwrap_or(rest).to_owned()
}

impl GitHub {
    /// Why someone cannot review.
    async fn cannot_review(&self, name: &str) -> Result<Option<&'static str>, ForgeError> {
        let doing = self.at().doing(&format!("looking for the reviewer \"{name}\" of"));
        let path = self.path(&format!("/collaborators/{}", segment(name)));
        if found(self.api.call(&doing, Method::GET, &path, None).await)?.is_some() {
            return Ok(None);
        }
        let is_user = shared::is_user(self, &doing, name).await?;
        Ok(Some(if is_user { "this user has no access to the repository" } else { NO_USER }))
    }
}

impl Requests for GitHub {
    // Labels that do not exist are created.
    fn check<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(shared::check_reviewers(self, wanted, |name| self.cannot_review(name)))
    }

    fn author(&self) -> BoxFuture<'_, Result<Option<String>, ForgeError>> {
        Box::pin(shared::author(self))
    }

    fn find<'a>(
        &'a self,
        head: &'a str,
        _base: &'a str,
    ) -> BoxFuture<'a, Result<Option<Request>, ForgeError>> {
        Box::pin(async move {
            let target = self.at();
            let doing = target.doing(&format!("looking for the pull request of branch \"{head}\" in"));
            let query = format!("state=all&head={}:{}", segment(target.owner.path()), segment(head));
            // The newest come first.
            let path = self.path(&format!("/pulls?{query}&sort=created&direction=desc&per_page=100"));
            let all: Vec<RequestAnswer> = self.api.read(&doing, &path).await?;
            // If the filter finds nothing, some versions of the server return all requests, including those of forks.
            let own = all.into_iter().filter(|found| found.head.name == head && found.is_own());
            let Some(found) = best(own.collect(), RequestAnswer::is_open) else { return Ok(None) };
            let found = found.read("");
            // Lists do not tell of conflicts.
            if found.is_open() { self.look(found.number).await.map(Some) } else { Ok(Some(found)) }
        })
    }

    fn look(&self, number: u64) -> BoxFuture<'_, Result<Request, ForgeError>> {
        Box::pin(async move { Ok(shared::look(self, number).await?.read("")) })
    }

    fn open<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<Request, ForgeError>> {
        Box::pin(async move {
            let made = shared::open(self, wanted, &wanted.title, &[("draft", json!(wanted.draft))]).await;
            made.map(|made| made.read("")).map_err(|error| match error {
                // Private repositories of free accounts.
                ForgeError::Denied { ref reason, .. } if wanted.draft && reason.contains("raft") => {
                    error.or_hint("leave out --pr-draft: this repository has no drafts")
                }
                other => other,
            })
        })
    }

    fn edit<'a>(
        &'a self,
        present: &'a Request,
        wanted: &'a Proposal,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(shared::edit(self, present, wanted, &wanted.title))
    }

    fn label<'a>(
        &'a self,
        present: &'a Request,
        labels: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(shared::label(self, present, json!(labels)))
    }

    fn ask_review<'a>(
        &'a self,
        present: &'a Request,
        reviewers: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(shared::ask_review(self, present, reviewers))
    }

    fn reviewed<'a>(&'a self, present: &'a Request) -> BoxFuture<'a, Result<Vec<String>, ForgeError>> {
        Box::pin(shared::reviewed(self, present))
    }

    fn merge_when_ready<'a>(&'a self, present: &'a Request) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let number = present.number;
            let doing = self.at().doing(&format!("asking for pull request #{number} to be merged in"));
            let id = shared::look(self, number).await?.node_id;
            let method = self.method(&doing).await?;
            let body = json!({
                "query": MERGE_WHEN_READY, "variables": {"id": id, "method": method.to_uppercase()},
            });
            let answer: GraphAnswer = self.graph()?.create(&doing, "/graphql", body).await?;
            let Some(error) = answer.errors.into_iter().next() else { return Ok(()) };
            let says = |words: &str| error.message.to_lowercase().contains(words);
            if says("clean status") {
                // Nothing is missing, so there is nothing to wait for.
                let path = shared::path(self, number, "/merge");
                let body: Value = json!({"merge_method": method});
                return self.api.change(&doing, Method::PUT, &path, Some(body)).await;
            }
            let hint = if says("not allowed") {
                "allow auto-merge in the settings of the repository, or leave out --pr-auto-merge"
            } else {
                "leave out --pr-auto-merge, and merge the request by hand"
            };
            Err(ForgeError::Denied { doing, reason: error.message, hint: Some(hint.to_owned()) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::graph_base;

    #[test]
    fn graphql_is_beside_rest() {
        assert_eq!(graph_base("https://api.github.com"), "https://api.github.com");
        assert_eq!(graph_base("https://git.example.com:8443/api/v3"), "https://git.example.com:8443/api");
    }
}
