//! Pull requests as GitHub's API v3 has them, which Gitea's v1 follows: the same paths, bodies and answers.

use super::Forge;
use super::ForgeError;
use super::Progress;
use super::Proposal;
use super::Request;
use super::api::found;
use super::api::segment;
use super::github_like::GitHubLike;
use super::requests;
use super::requests::NO_USER;
use super::requests::REVIEWERS;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

#[derive(Deserialize)]
pub(super) struct RequestAnswer {
    pub(super) number: u64,
    pub(super) html_url: String,
    title: String,
    body: Option<String>,
    state: String,
    merged_at: Option<String>,
    merge_commit_sha: Option<String>,
    /// `None` while the forge is finding out, and in lists.
    mergeable: Option<bool>,
    #[serde(default)]
    labels: Vec<Label>,
    requested_reviewers: Option<Vec<Reviewer>>,
    /// `None` if the account is gone.
    user: Option<Reviewer>,
    pub(super) head: Branch,
    pub(super) base: Branch,
    #[serde(default)]
    pub(super) node_id: String,
    auto_merge: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Branch {
    #[serde(rename = "ref")]
    pub(super) name: String,
    /// The repository that it is in, at Gitea.
    #[serde(default)]
    repo_id: u64,
    /// `None` if it is gone.
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
}

impl Branch {
    fn repository(&self) -> Option<u64> {
        Some(self.repo_id).filter(|id| *id != 0).or_else(|| self.repo.as_ref().map(|found| found.id))
    }
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
struct Reviewer {
    login: String,
}

#[derive(Deserialize)]
struct Review {
    /// `None` if the account is gone.
    user: Option<Reviewer>,
    #[serde(default)]
    state: String,
}

impl RequestAnswer {
    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }

    /// Whether it proposes a branch of the repository itself, not one of a fork.
    pub(super) fn is_own(&self) -> bool {
        self.head.repository() == self.base.repository()
    }

    /// Whether the title begins with the prefix of a draft.
    pub(super) fn is_marked(&self, mark: &str) -> bool {
        self.title.starts_with(mark)
    }

    /// The request; the title of a draft begins with `mark`.
    pub(super) fn read(self, mark: &str) -> Request {
        // Where a mark makes the draft, the forge calls it unfit to be merged for that alone.
        let mergeable = self.mergeable.filter(|_| mark.is_empty() || !self.is_marked(mark));
        let progress = match (self.merged_at.is_some(), self.state.as_str(), mergeable) {
            (true, ..) => Progress::Merged(self.merge_commit_sha),
            (false, "open", Some(false)) => Progress::Conflicting,
            (false, "open", _) => Progress::Open,
            _ => Progress::Closed,
        };
        Request {
            number: self.number,
            url: self.html_url,
            base: self.base.name,
            title: self.title.strip_prefix(mark).unwrap_or(&self.title).to_owned(),
            body: self.body.unwrap_or_default(),
            progress,
            labels: self.labels.into_iter().map(|label| label.name).collect(),
            author: self.user.map(|user| user.login).unwrap_or_default(),
            reviewers: self.requested_reviewers.into_iter().flatten().map(|user| user.login).collect(),
            auto_merge: self.auto_merge.is_some_and(|value| !value.is_null()),
        }
    }
}

/// The path of a request, or of something that belongs to it.
pub(super) fn path(forge: &impl GitHubLike, number: u64, below: &str) -> String {
    forge.path(&format!("/pulls/{number}{below}"))
}

pub(super) async fn look(forge: &impl GitHubLike, number: u64) -> Result<RequestAnswer, ForgeError> {
    let doing = forge.at().doing(&format!("looking at pull request #{number} of"));
    forge.api().read(&doing, &path(forge, number, "")).await
}

/// Opens a request with this title and these further fields.
pub(super) async fn open(
    forge: &impl GitHubLike,
    wanted: &Proposal,
    title: &str,
    further: &[(&str, Value)],
) -> Result<RequestAnswer, ForgeError> {
    let doing = forge.at().doing("opening a pull request in");
    let mut body = json!({"title": title, "body": wanted.body, "head": wanted.head, "base": wanted.base});
    for (field, value) in further {
        body[field] = value.clone();
    }
    forge.api().create(&doing, &forge.path("/pulls"), body).await
}

/// Changes title, body and base, as far as they differ.
pub(super) async fn edit(
    forge: &impl GitHubLike,
    present: &Request,
    wanted: &Proposal,
    title: &str,
) -> Result<(), ForgeError> {
    let doing = forge.at().doing(&format!("changing pull request #{} of", present.number));
    let mut body = json!({"title": title, "body": wanted.body});
    if present.base != wanted.base {
        body["base"] = json!(wanted.base);
    }
    forge.api().change(&doing, Method::PATCH, &path(forge, present.number, ""), Some(body)).await
}

/// Adds labels, by the names or IDs that the forge expects.
pub(super) async fn label(
    forge: &impl GitHubLike,
    present: &Request,
    labels: Value,
) -> Result<(), ForgeError> {
    let doing = forge.at().doing(&format!("labelling pull request #{} of", present.number));
    let path = forge.path(&format!("/issues/{}/labels", present.number));
    forge.api().change(&doing, Method::POST, &path, Some(json!({"labels": labels}))).await
}

/// Refuses reviewers that are not known, for the reason that `look` finds.
pub(super) async fn check_reviewers<'a, F>(
    forge: &impl GitHubLike,
    wanted: &'a Proposal,
    look: impl Fn(&'a str) -> F,
) -> Result<(), ForgeError>
where
    F: Future<Output = Result<Option<&'static str>, ForgeError>>,
{
    let doing = forge.at().doing("preparing a pull request in");
    requests::check_reviewers(doing, &wanted.reviewers, look).await
}

/// Whether there is a user of this name, as far as the token may see.
pub(super) async fn is_user(forge: &impl GitHubLike, doing: &str, name: &str) -> Result<bool, ForgeError> {
    let path = format!("/users/{}", segment(name));
    Ok(found(forge.api().call(doing, Method::GET, &path, None).await)?.is_some())
}

/// As [`Requests::author`](super::Requests::author): neither forge lets an author review.
pub(super) async fn author(forge: &impl GitHubLike) -> Result<Option<String>, ForgeError> {
    requests::if_told(forge.identity().await.map(Some))
}

pub(super) async fn ask_review(
    forge: &impl GitHubLike,
    present: &Request,
    reviewers: &[String],
) -> Result<(), ForgeError> {
    let names = reviewers.join(", ");
    let doing = forge.at().doing(&format!("asking {names} to review pull request #{} of", present.number));
    let path = path(forge, present.number, "/requested_reviewers");
    let asked = forge.api().change(&doing, Method::POST, &path, Some(json!({"reviewers": reviewers}))).await;
    asked.map_err(|error| match error {
        ForgeError::NotFound { doing } => {
            ForgeError::Denied { doing, reason: NO_USER.to_owned(), hint: Some(REVIEWERS.to_owned()) }
        }
        other => other.or_hint(REVIEWERS),
    })
}

/// Those whose review counts. Forges no longer list them as reviewers.
pub(super) async fn reviewed<F: GitHubLike>(forge: &F, present: &Request) -> Result<Vec<String>, ForgeError> {
    let doing = forge.at().doing(&format!("reading the reviews of pull request #{} of", present.number));
    let (parameter, size) = F::PAGE;
    let path = |page| path(forge, present.number, &format!("/reviews?{parameter}={size}&page={page}"));
    let all: Vec<Review> = forge.api().pages(&doing, size, path).await?;
    let counted = all.into_iter().filter(|review| review.state != "DISMISSED");
    Ok(counted.filter_map(|review| review.user).map(|user| user.login).collect())
}
