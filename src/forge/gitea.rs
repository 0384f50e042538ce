//! Gitea: REST API v1. (<https://docs.gitea.com/api>)

use super::DeployKey;
use super::Forge;
use super::ForgeError;
use super::Hosted;
use super::Opening;
use super::Owner;
use super::Repository;
use super::Target;
use super::Team;
use super::Word;
use super::api::Api;
use super::api::Dialect;
use super::api::Refusal;
use super::api::found;
use super::api::segment;
use crate::net;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// The most that a page holds unless the server was told otherwise.
const PAGE: usize = 50;
const DIALECT: Dialect = Dialect { wait: net::retry_after, meaning };

/// One repository at Gitea.
#[derive(Debug)]
pub struct Gitea {
    api: Api,
    target: Target,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
struct RepositoryAnswer {
    private: bool,
}

#[derive(Deserialize)]
struct KeyAnswer {
    id: u64,
    title: String,
    key: String,
    read_only: bool,
}

fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let doing = refusal.doing.to_owned();
    let says = |words: &str| refusal.reason.to_lowercase().contains(words);
    let creates = *refusal.method == Method::POST && refusal.path.ends_with("/repos");
    let is_key = refusal.path.ends_with("/keys");
    match refusal.status {
        409 if creates => Some(ForgeError::NameTaken { doing }),
        404 if creates => Some(refusal.denied(
            "there is no such organisation",
            "create the organisation first, or pass --personal when the owner is a user",
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
                 organisation, and the token {}",
                Gitea::RIGHTS
            ),
        )),
        _ => None,
    }
}

impl Gitea {
    fn path(&self, below: &str) -> String {
        format!("/repos/{}/{}{below}", segment(self.target.owner.path()), segment(&self.target.name))
    }
}

impl Hosted for Gitea {
    const NAME: &'static str = "Gitea";
    const COMMAND: &'static str = "gitea";
    const HOST: &'static str = "gitea.com";
    const HOST_HELP: &'static str = "Host of the Gitea server";
    const GROUP: &'static str = "organisation";
    const ACCESS: &'static [Word] = &["pull", "triage", "push", "maintain", "admin"];
    const DEFAULT_ACCESS: Word = "maintain";
    const TOKEN: &'static str = "GITEA_TOKEN";
    const RIGHTS: &'static str = "the scopes write:repository, write:organization and read:user";

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let base = format!("https://{}/api/v1", opening.target.domain);
        Ok(Self { api: Api::open::<Self>(&opening, &base, &[], DIALECT)?, target: opening.target })
    }
}

impl Forge for Gitea {
    fn target(&self) -> &Target {
        &self.target
    }

    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>> {
        Box::pin(async { Ok(self.api.read::<Account>("asking whose token this is", "/user").await?.login) })
    }

    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>> {
        Box::pin(async {
            let doing = format!("looking for the repository \"{}\"", self.target.full_name());
            let answer: Option<RepositoryAnswer> = found(self.api.read(&doing, &self.path("")).await)?;
            Ok(answer
                .map(|answer| Repository { visibility: if answer.private { "private" } else { "public" } }))
        })
    }

    fn create_repository<'a>(
        &'a self,
        visibility: Word,
        branch: &'a str,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("creating the repository \"{}\"", self.target.full_name());
            let path = match &self.target.owner {
                Owner::User(_) => "/user/repos".to_owned(),
                Owner::Group(organisation) => format!("/orgs/{}/repos", segment(organisation)),
            };
            let private = visibility == "private";
            let body = json!({"name": self.target.name, "private": private, "default_branch": branch});
            self.api.create::<RepositoryAnswer>(&doing, &path, body).await.map(drop)
        })
    }

    fn set_visibility(&self, visibility: Word) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("changing the visibility of \"{}\"", self.target.full_name());
            let body = json!({"private": visibility == "private"});
            self.api.call(&doing, Method::PATCH, &self.path(""), Some(body)).await.map(drop)
        })
    }

    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>> {
        Box::pin(async {
            let doing = format!("listing the deploy keys of \"{}\"", self.target.full_name());
            let path = |page| self.path(&format!("/keys?limit={PAGE}&page={page}"));
            let keys: Vec<KeyAnswer> = self.api.pages(&doing, PAGE, path).await?;
            let read = |KeyAnswer { id, title, key, read_only }| DeployKey {
                id: id.to_string(),
                title,
                key,
                read_only,
            };
            Ok(keys.into_iter().map(read).collect())
        })
    }

    fn add_deploy_key<'a>(&'a self, key: &'a DeployKey) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("adding the deploy key \"{}\" to \"{}\"", key.title, self.target.full_name());
            let body = json!({"title": key.title, "key": key.key.trim_end(), "read_only": key.read_only});
            self.api.call(&doing, Method::POST, &self.path("/keys"), Some(body)).await.map(drop)
        })
    }

    fn delete_deploy_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("deleting a deploy key of \"{}\"", self.target.full_name());
            let path = self.path(&format!("/keys/{}", segment(id)));
            found(self.api.call(&doing, Method::DELETE, &path, None).await).map(drop)
        })
    }

    fn has_access<'a>(&'a self, team: &'a Team, _exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            // A team has the rights that it was created with, in all its repositories.
            let doing = format!("looking at the access of team \"{}\"", team.name);
            let path = self.path(&format!("/teams/{}", segment(&team.name)));
            Ok(found(self.api.call(&doing, Method::GET, &path, None).await)?.is_some())
        })
    }

    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{}\" access", team.name);
            let path = self.path(&format!("/teams/{}", segment(&team.name)));
            match self.api.call(&doing, Method::PUT, &path, None).await {
                // A second request, after an answer that was lost, is refused.
                Err(error) => match self.has_access(team, false).await {
                    Ok(true) => Ok(()),
                    _ => Err(error),
                },
                Ok(_) => Ok(()),
            }
        })
    }
}
