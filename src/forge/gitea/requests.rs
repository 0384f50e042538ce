//! Pull requests at Gitea. The title of a draft begins with a prefix, and labels are identified by numbers.

use super::repository::Gitea;
use crate::forge::ForgeError;
use crate::forge::Owner;
use crate::forge::Progress;
use crate::forge::Proposal;
use crate::forge::Request;
use crate::forge::Requests;
use crate::forge::api::found;
use crate::forge::api::segment;
use crate::forge::github_like::GitHubLike;
use crate::forge::github_like_requests as shared;
use crate::forge::github_like_requests::RequestAnswer;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// The prefix in the title of a draft, unless the server is configured otherwise.
const DRAFT: &str = "WIP: ";

/// Gitea looks for conflicts after it has answered, and until then says that a request cannot be merged: how often it is asked again, and
/// after how long.
const LOOKS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct Label {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Merging {
    #[serde(default)]
    default_merge_style: String,
}

impl Gitea {
    /// A request, after Gitea has looked for conflicts.
    async fn settled(&self, number: u64) -> Result<Request, ForgeError> {
        let mut looks = LOOKS;
        loop {
            let request = shared::look(self, number).await?.read(DRAFT);
            if request.progress != Progress::Conflicting || looks == 0 {
                return Ok(request);
            }
            looks -= 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The labels of the repository, and of the organization that it belongs to.
    async fn labels(&self, doing: &str) -> Result<Vec<Label>, ForgeError> {
        let (parameter, size) = Self::PAGE;
        let page = |path: String| move |page: usize| format!("{path}?{parameter}={size}&page={page}");
        let mut all: Vec<Label> = self.api.pages(doing, size, page(self.path("/labels"))).await?;
        if let Owner::Group(organization) = &self.target.owner {
            let path = format!("/orgs/{}/labels", segment(organization));
            all.extend(found(self.api.pages(doing, size, page(path)).await)?.unwrap_or_default());
        }
        Ok(all)
    }

    /// The open request of a branch, among all that are open.
    async fn open_one(
        &self,
        doing: &str,
        head: &str,
        base: &str,
    ) -> Result<Option<RequestAnswer>, ForgeError> {
        let (parameter, size) = Self::PAGE;
        let query = format!("state=open&base_branch={}&{parameter}={size}", segment(base));
        let path = |page| self.path(&format!("/pulls?{query}&page={page}"));
        let all: Vec<RequestAnswer> = self.api.pages(doing, size, path).await?;
        Ok(all.into_iter().find(|other| other.head.name == head && other.is_own()))
    }
}

fn title(wanted: &Proposal, is_draft: bool) -> String {
    if is_draft { format!("{DRAFT}{}", wanted.title) } else { wanted.title.clone() }
}

impl Requests for Gitea {
    fn find<'a>(
        &'a self,
        head: &'a str,
        base: &'a str,
    ) -> BoxFuture<'a, Result<Option<Request>, ForgeError>> {
        Box::pin(async move {
            let doing = self.at().doing(&format!("looking for the pull request of branch \"{head}\" in"));
            let path = self.path(&format!("/pulls/{}/{}", segment(base), segment(head)));
            let known: Option<RequestAnswer> = found(self.api.read(&doing, &path).await)?;
            let Some(known) = known else { return Ok(None) };
            // With several open requests, Gitea may return any of them.
            let best = match known.is_open() {
                true => known,
                false => self.open_one(&doing, head, base).await?.unwrap_or(known),
            };
            Ok(Some(best.read(DRAFT)))
        })
    }

    fn look(&self, number: u64) -> BoxFuture<'_, Result<Request, ForgeError>> {
        Box::pin(self.settled(number))
    }

    fn open<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<Request, ForgeError>> {
        Box::pin(async move {
            Ok(shared::open(self, wanted, &title(wanted, wanted.draft), &[]).await?.read(DRAFT))
        })
    }

    fn edit<'a>(
        &'a self,
        present: &'a Request,
        wanted: &'a Proposal,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let is_draft = shared::look(self, present.number).await?.is_marked(DRAFT);
            shared::edit(self, present, wanted, &title(wanted, is_draft)).await
        })
    }

    fn label<'a>(
        &'a self,
        present: &'a Request,
        labels: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.at().doing("looking for the labels of");
            let known = self.labels(&doing).await?;
            let mut ids = Vec::new();
            for wanted in labels {
                let label = known.iter().find(|label| label.name == *wanted);
                let label = label.ok_or_else(|| ForgeError::Denied {
                    doing: doing.clone(),
                    reason: format!("there is no label \"{wanted}\""),
                    hint: Some(
                        "create the label at the forge first, or leave it out of --pr-label".to_owned(),
                    ),
                })?;
                ids.push(label.id);
            }
            shared::label(self, present, json!(ids)).await
        })
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
            self.settled(number).await?;
            let merging: Merging = self.api.read(&doing, &self.path("")).await?;
            let style = match merging.default_merge_style.as_str() {
                "" => "merge",
                style => style,
            };
            let body = json!({"do": style, "merge_when_checks_succeed": true});
            let path = shared::path(self, number, "/merge");
            match self.api.change(&doing, Method::POST, &path, Some(body)).await {
                // Automatic merging is on already.
                Err(ForgeError::Denied { reason, .. }) if reason.contains("already") => Ok(()),
                done => done.map_err(|error| {
                    error.or_hint("leave out --pr-auto-merge, and merge the request by hand")
                }),
            }
        })
    }
}
