//! One repository at GitHub. Answers are read into small structs of the fields that matter; fields that GitHub adds are ignored.

use super::refusal::DIALECT;
use crate::forge::DeployKey;
use crate::forge::Forge;
use crate::forge::ForgeError;
use crate::forge::Hosted;
use crate::forge::Opening;
use crate::forge::Owner;
use crate::forge::Repository;
use crate::forge::Target;
use crate::forge::Team;
use crate::forge::Word;
use crate::forge::api::Api;
use crate::forge::api::found;
use crate::forge::api::parse;
use crate::forge::api::segment;
use futures::future::BoxFuture;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Deploy keys are listed in pages of this size.
const PAGE: usize = 100;

/// One repository at GitHub.
#[derive(Debug)]
pub struct GitHub {
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
    #[serde(default)]
    title: String,
    key: String,
    #[serde(default)]
    read_only: bool,
}

#[derive(Deserialize)]
struct TeamRepositoryAnswer {
    #[serde(default)]
    permissions: std::collections::BTreeMap<String, bool>,
}

impl GitHub {
    fn path(&self, below: &str) -> String {
        format!("/repos/{}/{}{below}", segment(self.target.owner.path()), segment(&self.target.name))
    }

    fn team_path(&self, team: &str) -> String {
        let owner = segment(self.target.owner.path());
        format!("/orgs/{owner}/teams/{}/repos/{owner}/{}", segment(team), segment(&self.target.name))
    }
}

impl Hosted for GitHub {
    const NAME: &'static str = "GitHub";
    const COMMAND: &'static str = "github";
    const HOST: &'static str = "github.com";
    const HOST_HELP: &'static str = "Host of a GitHub Enterprise Server";
    const GROUP: &'static str = "organisation";
    const ACCESS: &'static [Word] = &["pull", "triage", "push", "maintain", "admin"];
    const DEFAULT_ACCESS: Word = "maintain";
    const TOKEN: &'static str = "GITHUB_TOKEN";
    const RIGHTS: &'static str = "the scope repo, or with administration and contents when fine-grained";

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let headers = [
            (http::header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28")),
        ];
        let base = api_base(&opening.target.domain);
        Ok(Self { api: Api::open::<Self>(&opening, &base, &headers, DIALECT)?, target: opening.target })
    }
}

impl Forge for GitHub {
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
        _branch: &'a str,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("creating the repository \"{}\"", self.target.full_name());
            let path = match &self.target.owner {
                Owner::User(_) => "/user/repos".to_owned(),
                Owner::Group(organisation) => format!("/orgs/{}/repos", segment(organisation)),
            };
            let private = visibility == "private";
            let body = json!({"name": self.target.name, "private": private, "auto_init": false});
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
            let path = |page| self.path(&format!("/keys?per_page={PAGE}&page={page}"));
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

    fn has_access<'a>(&'a self, team: &'a Team, exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            let doing = format!("looking at the access of team \"{}\"", team.name);
            let answer = self.api.call(&doing, Method::GET, &self.team_path(&team.name), None).await;
            let Some(answer) = found(answer)? else { return Ok(false) };
            if answer.body.is_empty() {
                // Without a special media type GitHub only says that there is access.
                return Ok(!exactly || team.access == "pull");
            }
            let given: TeamRepositoryAnswer = parse(&doing, &answer)?;
            let is_given = |word: &&Word| given.permissions.get(**word).copied().unwrap_or(false);
            let strongest = Self::ACCESS.iter().rev().find(is_given);
            Ok(strongest.is_some_and(|word| !exactly || *word == team.access))
        })
    }

    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{}\" access", team.name);
            let body = json!({"permission": team.access});
            self.api.call(&doing, Method::PUT, &self.team_path(&team.name), Some(body)).await.map(drop)
        })
    }
}

/// The API of github.com has a host of its own; an Enterprise Server has it below `/api/v3`.
fn api_base(hostname: &str) -> String {
    let host = hostname.trim_start_matches("https://").trim_end_matches('/');
    match host {
        "github.com" | "www.github.com" | "api.github.com" | "" => "https://api.github.com".to_owned(),
        host => format!("https://{host}/api/v3"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal::tests::answer;
    use super::*;

    #[test]
    fn the_api_of_an_enterprise_server_is_below_its_own_host() {
        assert_eq!(api_base("github.com"), "https://api.github.com");
        assert_eq!(api_base("git.example.com:8443"), "https://git.example.com:8443/api/v3");
        assert_eq!(api_base("https://git.example.com/"), "https://git.example.com/api/v3");
    }

    #[test]
    fn fields_that_github_adds_do_no_harm_and_a_cut_answer_is_named() {
        let added = answer(
            200,
            &[],
            r#"{"html_url":"https://x/o/r","custom_properties":{"a":["b"]},"private":true}"#,
        );
        assert!(parse::<RepositoryAnswer>("asking", &added).unwrap().private);
        let cut =
            parse::<RepositoryAnswer>("asking", &answer(200, &[], r#"{"html_url":"https"#)).err().unwrap();
        assert!(matches!(cut, ForgeError::Garbage { .. }) && cut.is_transient());
    }
}
