//! One repository at Gitea.

use crate::forge::ForgeError;
use crate::forge::Hosted;
use crate::forge::Opening;
use crate::forge::RepositoryAddress;
use crate::forge::Team;
use crate::forge::Word;
use crate::forge::api::Api;
use crate::forge::api::Dialect;
use crate::forge::api::Refusal;
use crate::forge::api::found;
use crate::forge::api::segment;
use crate::forge::api::unless_granted;
use crate::forge::github_like::GitHubLike;
use crate::net;
use futures::future::BoxFuture;
use http::Method;
use serde_json::Value;
use serde_json::json;

const DIALECT: Dialect = Dialect { wait: net::retry_after, meaning };

/// One repository at Gitea.
#[derive(Debug)]
pub struct Gitea {
    pub(super) api: Api,
    pub(super) target: RepositoryAddress,
}

fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let doing = refusal.doing.to_owned();
    let says = |words: &str| refusal.reason.to_lowercase().contains(words);
    let creates = *refusal.method == Method::POST && refusal.path.ends_with("/repos");
    let is_key = refusal.path.ends_with("/keys");
    match refusal.status {
        409 if refusal.path.ends_with("/pulls") => Some(ForgeError::RequestExists { doing }),
        409 if creates => Some(ForgeError::NameTaken { doing }),
        404 if creates => Some(refusal.denied(
            "the organization does not exist",
            "create the organization first, or pass --personal when the owner is a user",
        )),
        422 if is_key && says("key") => Some(ForgeError::KeyInUse { doing }),
        403 if says("scope") => Some(refusal.denied(
            format!("not allowed: {}", refusal.reason),
            format!("create a token with {}", Gitea::RIGHTS),
        )),
        403 => Some(refusal.denied(
            format!("not allowed: {}", refusal.reason),
            format!(
                "the account of the token needs admin rights on the repository or the right to create some in the \
                 organization, and the token {}",
                Gitea::RIGHTS
            ),
        )),
        _ => None,
    }
}

impl Hosted for Gitea {
    const NAME: &'static str = "Gitea";
    const COMMAND: &'static str = "gitea";
    const HOST: &'static str = "gitea.com";
    const HOST_HELP: &'static str = "Host of the Gitea server";
    const GROUP: &'static str = "organization";
    const ACCESS: &'static [Word] = &["pull", "triage", "push", "maintain", "admin"];
    const DEFAULT_ACCESS: Word = "maintain";
    const TOKEN: &'static str = "GITEA_TOKEN";
    const PUBLIC: &'static [&'static str] = &["gitea.com", "codeberg.org"];
    const RIGHTS: &'static str = "the scopes write:repository, write:organization and read:user";

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let base = format!("https://{}/api/v1", opening.target.domain);
        Ok(Self { api: Api::open(&opening, &base, &[], DIALECT)?, target: opening.target })
    }
}

impl GitHubLike for Gitea {
    // The largest page, unless the server is configured otherwise.
    const PAGE: (&'static str, usize) = ("limit", 50);

    fn api(&self) -> &Api {
        &self.api
    }

    fn at(&self) -> &RepositoryAddress {
        &self.target
    }

    fn field_of_new(&self, branch: &str) -> (&'static str, Value) {
        ("default_branch", json!(branch))
    }

    fn team_has_access<'a>(
        &'a self,
        team: &'a Team,
        _exactly: bool,
    ) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            // A team has the same permissions in all its repositories.
            let doing = format!("looking at the access of team \"{}\"", team.name);
            let path = self.path(&format!("/teams/{}", segment(&team.name)));
            Ok(found(self.api.call(&doing, Method::GET, &path, None).await)?.is_some())
        })
    }

    fn grant_team<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{}\" access", team.name);
            let path = self.path(&format!("/teams/{}", segment(&team.name)));
            let outcome = self.api.change(&doing, Method::PUT, &path, None).await;
            unless_granted(self, team, false, outcome).await
        })
    }
}
