//! Repositories as GitHub's API v3 has them, which Gitea's v1 follows: the same paths, bodies and answers.

use super::DeployKey;
use super::Forge;
use super::ForgeError;
use super::Owner;
use super::Repository;
use super::RepositoryAddress;
use super::Requests;
use super::Team;
use super::Word;
use super::api::Api;
use super::api::found;
use super::api::segment;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
pub(super) struct RepositoryAnswer {
    pub(super) private: bool,
}

#[derive(Deserialize)]
struct KeyAnswer {
    id: u64,
    #[serde(default)]
    title: String,
    key: String,
    #[serde(default)]
    read_only: bool,
}

/// One repository at a forge with this API, and where these forges differ.
pub(super) trait GitHubLike: Requests {
    /// The largest page, and the parameter that asks for it.
    const PAGE: (&'static str, usize);

    fn api(&self) -> &Api;
    fn at(&self) -> &RepositoryAddress;
    /// A further field of a new repository, besides its name and visibility.
    fn field_of_new(&self, branch: &str) -> (&'static str, Value);
    /// As [`Forge::has_access`].
    fn team_has_access<'a>(
        &'a self,
        team: &'a Team,
        exactly: bool,
    ) -> BoxFuture<'a, Result<bool, ForgeError>>;
    /// As [`Forge::grant`].
    fn grant_team<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>>;

    /// The path of something that belongs to the repository.
    fn path(&self, below: &str) -> String {
        let RepositoryAddress { owner, name, .. } = self.at();
        format!("/repos/{}/{}{below}", segment(owner.path()), segment(name))
    }
}

impl<F: GitHubLike> Forge for F {
    fn target(&self) -> &RepositoryAddress {
        self.at()
    }

    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>> {
        Box::pin(async { Ok(self.api().read::<Account>("asking whose token this is", "/user").await?.login) })
    }

    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>> {
        Box::pin(async {
            let doing = self.at().doing("looking for the repository");
            let answer: Option<RepositoryAnswer> = found(self.api().read(&doing, &self.path("")).await)?;
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
            let doing = self.at().doing("creating the repository");
            let path = match &self.at().owner {
                Owner::User(_) => "/user/repos".to_owned(),
                Owner::Group(organization) => format!("/orgs/{}/repos", segment(organization)),
            };
            let mut body = json!({"name": self.at().name, "private": visibility == "private"});
            let (field, value) = self.field_of_new(branch);
            body[field] = value;
            self.api().create::<RepositoryAnswer>(&doing, &path, body).await.map(drop)
        })
    }

    fn set_visibility(&self, visibility: Word) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.at().doing("changing the visibility of");
            let body = json!({"private": visibility == "private"});
            self.api().change(&doing, Method::PATCH, &self.path(""), Some(body)).await
        })
    }

    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>> {
        Box::pin(async {
            let doing = self.at().doing("listing the deploy keys of");
            let (parameter, size) = F::PAGE;
            let path = |page| self.path(&format!("/keys?{parameter}={size}&page={page}"));
            let keys: Vec<KeyAnswer> = self.api().pages(&doing, size, path).await?;
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
            let doing = self.at().doing(&format!("adding the deploy key \"{}\" to", key.title));
            let body = json!({"title": key.title, "key": key.key.trim_end(), "read_only": key.read_only});
            self.api().change(&doing, Method::POST, &self.path("/keys"), Some(body)).await
        })
    }

    fn delete_deploy_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.at().doing("deleting a deploy key of");
            self.api().delete(&doing, &self.path(&format!("/keys/{}", segment(id)))).await
        })
    }

    fn has_access<'a>(&'a self, team: &'a Team, exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>> {
        self.team_has_access(team, exactly)
    }

    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        self.grant_team(team)
    }

    fn requests(&self) -> &dyn Requests {
        self
    }
}
