//! Pull requests at Bitbucket Server. There are no labels; drafts and automatic merging came with later versions.

use super::answers::Place;
use super::answers::PullRequest;
use super::answers::Server;
use super::answers::User;
use super::repository::BitbucketServer;
use super::repository::pages;
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
use crate::forge::requests::if_told;
use futures::future::BoxFuture;
use http::Method;
use serde_json::Value;
use serde_json::json;

/// The first versions with automatic merging and with drafts.
const AUTO_MERGE: (u64, u64) = (8, 15);
const DRAFTS: (u64, u64) = (8, 18);
/// Others may change a request at the same time.
const ATTEMPTS: usize = 3;

impl PullRequest {
    fn read(self) -> Request {
        let conflicts =
            self.properties.merge_result.as_ref().is_some_and(|result| result.outcome == "CONFLICTED");
        let progress = match self.state.as_str() {
            "MERGED" => Progress::Merged(self.properties.merge_commit.map(|commit| commit.id)),
            "OPEN" if conflicts => Progress::Conflicting,
            "OPEN" => Progress::Open,
            _ => Progress::Closed,
        };
        Request {
            number: self.id,
            url: self.links.own.into_iter().next().map(|link| link.href).unwrap_or_default(),
            base: self.to.id.trim_start_matches("refs/heads/").to_owned(),
            title: self.title,
            body: self.description,
            progress,
            labels: Vec::new(),
            author: self.author.map(|author| author.user.name).unwrap_or_default(),
            reviewers: self.reviewers.into_iter().map(|reviewer| reviewer.user.name).collect(),
            auto_merge: false,
        }
    }
}

/// A version by its first two numbers.
fn version(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

impl BitbucketServer {
    fn request_path(&self, number: u64, below: &str) -> String {
        self.path(&format!("/pull-requests/{number}{below}"))
    }

    async fn answer(&self, number: u64) -> Result<PullRequest, ForgeError> {
        let doing = self.target.doing(&format!("looking at pull request #{number} of"));
        self.api.read(&doing, &self.request_path(number, "")).await
    }

    fn branch(&self, name: &str) -> Value {
        json!({
            "id": format!("refs/heads/{name}"),
            "repository": {"slug": self.slug, "project": {"key": self.key}},
        })
    }

    /// Changes fields of a request. Reviewers that are left out would be removed.
    async fn change_request(
        &self,
        doing: &str,
        number: u64,
        change: impl Fn(&PullRequest, &mut Value),
    ) -> Result<(), ForgeError> {
        let mut attempts = 0;
        loop {
            let present = self.answer(number).await?;
            let reviewers: Vec<Value> =
                present.reviewers.iter().map(|one| reviewer(&one.user.name)).collect();
            let mut body = json!({
                "id": number, "version": present.version, "title": present.title,
                "description": present.description, "reviewers": reviewers,
            });
            if present.draft {
                body["draft"] = json!(true);
            }
            change(&present, &mut body);
            let path = self.request_path(number, "");
            attempts += 1;
            match self.api.change(doing, Method::PUT, &path, Some(body)).await {
                Err(ForgeError::Denied { .. }) if attempts < ATTEMPTS => {}
                done => return done,
            }
        }
    }
}

fn reviewer(name: &str) -> Value {
    json!({"user": {"name": name}})
}

impl BitbucketServer {
    fn preparing(&self) -> String {
        self.target.doing("preparing a pull request in")
    }

    /// Refuses what this version of the server does not have.
    async fn check_version(&self, wanted: &Proposal) -> Result<(), ForgeError> {
        let refused = |reason: String, flag: &str| {
            let hint = Some(format!("leave out {flag}"));
            Err(ForgeError::Denied { doing: self.preparing(), reason, hint })
        };
        if !wanted.labels.is_empty() {
            return refused("Bitbucket Server has no labels".to_owned(), "--pr-label");
        }
        if !wanted.draft && !wanted.auto_merge {
            return Ok(());
        }
        let doing = "asking for the version of the server";
        let server: Server = self.api.read(doing, "/api/1.0/application-properties").await?;
        let lacks = |what: &str| format!("version {} of the server has no {what}", server.version);
        match version(&server.version) {
            old if wanted.draft && old < DRAFTS => refused(lacks("drafts: 8.18 has"), "--pr-draft"),
            old if wanted.auto_merge && old < AUTO_MERGE => {
                refused(lacks("automatic merging: 8.15 has"), "--pr-auto-merge")
            }
            _ => Ok(()),
        }
    }

    /// Why someone cannot review.
    async fn cannot_review(&self, name: &str) -> Result<Option<&'static str>, ForgeError> {
        let doing = format!("looking for the user \"{name}\"");
        // The filter also finds users whose name, or address, only contains the word.
        let query = format!("filter={}&", segment(name));
        let all: Vec<User> = pages(&self.api, &doing, "/api/1.0/users", &query).await?;
        let is_known = all.iter().any(|user| user.name.eq_ignore_ascii_case(name));
        Ok((!is_known).then_some(NO_USER))
    }
}

impl Requests for BitbucketServer {
    fn check<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let look = |name: &'a str| self.cannot_review(name);
            let reviewers = check_reviewers(self.preparing(), &wanted.reviewers, look);
            tokio::try_join!(self.check_version(wanted), reviewers).map(drop)
        })
    }

    fn author(&self) -> BoxFuture<'_, Result<Option<String>, ForgeError>> {
        Box::pin(async { if_told(self.login().await) })
    }

    fn find<'a>(
        &'a self,
        head: &'a str,
        _base: &'a str,
    ) -> BoxFuture<'a, Result<Option<Request>, ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("looking for the pull request of branch \"{head}\" in"));
            let at = segment(&format!("refs/heads/{head}"));
            // The newest come first.
            let query = format!("direction=OUTGOING&state=ALL&at={at}&");
            let all: Vec<PullRequest> =
                pages(&self.api, &doing, &self.path("/pull-requests"), &query).await?;
            // A fork may propose a branch of its own.
            let is_own = |place: &Place| place.slug == self.slug && place.project.key == self.key;
            let own = all.into_iter().filter(|one| is_own(&one.to.repository));
            Ok(best(own.map(PullRequest::read).collect(), Request::is_open))
        })
    }

    fn look(&self, number: u64) -> BoxFuture<'_, Result<Request, ForgeError>> {
        Box::pin(async move { Ok(self.answer(number).await?.read()) })
    }

    fn open<'a>(&'a self, wanted: &'a Proposal) -> BoxFuture<'a, Result<Request, ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("opening a pull request in");
            let mut body = json!({
                "title": wanted.title, "description": wanted.body,
                "fromRef": self.branch(&wanted.head), "toRef": self.branch(&wanted.base),
            });
            if wanted.draft {
                body["draft"] = json!(true);
            }
            let made: PullRequest = self.api.create(&doing, &self.path("/pull-requests"), body).await?;
            Ok(made.read())
        })
    }

    fn edit<'a>(
        &'a self,
        present: &'a Request,
        wanted: &'a Proposal,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("changing pull request #{} of", present.number));
            self.change_request(&doing, present.number, |_, body| {
                body["title"] = json!(wanted.title);
                body["description"] = json!(wanted.body);
                body["toRef"] = self.branch(&wanted.base);
            })
            .await
        })
    }

    fn label<'a>(
        &'a self,
        _present: &'a Request,
        labels: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            self.check_version(&Proposal { labels: labels.to_vec(), ..Proposal::default() }).await
        })
    }

    fn ask_review<'a>(
        &'a self,
        present: &'a Request,
        reviewers: &'a [String],
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let names = reviewers.join(", ");
            let doing =
                self.target.doing(&format!("asking {names} to review pull request #{} of", present.number));
            let asked = self.change_request(&doing, present.number, |present, body| {
                let mut all: Vec<&str> = present.reviewers.iter().map(|one| one.user.name.as_str()).collect();
                all.extend(reviewers.iter().map(String::as_str));
                body["reviewers"] = all.into_iter().map(reviewer).collect();
            });
            asked.await.map_err(|error| error.or_hint(REVIEWERS))
        })
    }

    fn merge_when_ready<'a>(&'a self, present: &'a Request) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let number = present.number;
            let doing = self.target.doing(&format!("asking for pull request #{number} to be merged in"));
            let version = self.answer(number).await?.version;
            let path = self.request_path(number, &format!("/merge?version={version}"));
            let body = json!({"autoMerge": true, "version": version});
            let hint = "allow auto-merge in the settings of the repository, or leave out --pr-auto-merge";
            let asked = self.api.change(&doing, Method::POST, &path, Some(body)).await;
            asked.map_err(|error| error.or_hint(hint))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::AUTO_MERGE;
    use super::DRAFTS;
    use super::version;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("8.9.1") < AUTO_MERGE && version("8.15") >= AUTO_MERGE);
        assert!(version("8.17.9") < DRAFTS && version("10.0.0") >= DRAFTS);
    }
}
