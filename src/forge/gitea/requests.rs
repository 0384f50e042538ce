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
use crate::forge::requests::NO_USER;
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
struct User {
    login: String,
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

    /// The numbers of labels.
    async fn label_numbers(&self, wanted: &[String]) -> Result<Vec<u64>, ForgeError> {
        let doing = self.at().doing("looking for the labels of");
        let known = self.labels(&doing).await?;
        let (mut numbers, mut unknown) = (Vec::new(), Vec::new());
        for name in wanted {
            match known.iter().find(|label| label.name == *name) {
                Some(label) => numbers.push(label.id),
                None => unknown.push(format!("there is no label \"{name}\"")),
            }
        }
        if unknown.is_empty() {
            return Ok(numbers);
        }
        let hint = "create the label at the forge first, or leave it out of --pr-label";
        Err(ForgeError::Denied { doing, reason: unknown.join("; "), hint: Some(hint.to_owned()) })
    }

    /// Why someone cannot review. A user whose profile is hidden is in the list of those who can.
    async fn cannot_review(&self, name: &str) -> Result<Option<&'static str>, ForgeError> {
        let doing = self.at().doing(&format!("looking for the reviewer \"{name}\" of"));
        if shared::is_user(self, &doing, name).await? {
            return Ok(None);
        }
        let all: Option<Vec<User>> = found(self.api.read(&doing, &self.path("/reviewers")).await)?;
        let is_known = all.into_iter().flatten().any(|user| user.login.eq_ignore_ascii_case(name));
        Ok((!is_known).then_some(NO_USER))
    }

    /// The newest request of a branch in a state that is newer than this number, or has it.
    async fn newest(
        &self,
        doing: &str,
        (head, base): (&str, &str),
        state: &str,
        oldest: u64,
    ) -> Result<Option<RequestAnswer>, ForgeError> {
        let (parameter, size) = Self::PAGE;
        for page in 1.. {
            // The newest come first.
            let query = format!("state={state}&base_branch={}&{parameter}={size}&page={page}", segment(base));
            let all: Vec<RequestAnswer> =
                self.api.read(doing, &self.path(&format!("/pulls?{query}"))).await?;
            let is_last = all.len() < size || all.iter().any(|other| other.number <= oldest);
            let found = all.into_iter().find(|other| other.head.name == head && other.is_own());
            if found.is_some() || is_last {
                return Ok(found.filter(|found| found.number >= oldest));
            }
        }
        Ok(None)
    }
}

fn title(wanted: &Proposal, is_draft: bool) -> String {
    if is_draft { format!("{DRAFT}{}", wanted.title) } else { wanted.title.clone() }
}

impl Requests for Gitea {
    fn check<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let labels = async {
                if wanted.labels.is_empty() {
                    Ok(())
                } else {
                    self.label_numbers(&wanted.labels).await.map(drop)
                }
            };
            let reviewers = shared::check_reviewers(self, wanted, |name| self.cannot_review(name));
            tokio::try_join!(labels, reviewers).map(drop)
        })
    }

    fn author(&self) -> BoxFuture<'_, Result<Option<String>, ForgeError>> {
        Box::pin(shared::author(self))
    }

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
            if known.is_open() {
                return Ok(Some(known.read(DRAFT)));
            }
            // Of several, Gitea returns any.
            let (ends, number) = ((head, base), known.number);
            let best = match self.newest(&doing, ends, "open", 0).await? {
                Some(open) => Some(open),
                None => self.newest(&doing, ends, "closed", number).await?,
            };
            Ok(Some(best.unwrap_or(known).read(DRAFT)))
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
        Box::pin(async move { shared::label(self, present, json!(self.label_numbers(labels).await?)).await })
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
