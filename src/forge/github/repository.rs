//! One repository at GitHub. Answers are read into small structs of the fields that matter; fields that GitHub adds are ignored.

use super::refusal::DIALECT;
use crate::forge::ForgeError;
use crate::forge::Hosted;
use crate::forge::Opening;
use crate::forge::RepositoryAddress;
use crate::forge::Team;
use crate::forge::Word;
use crate::forge::api::Api;
use crate::forge::api::found;
use crate::forge::api::parse;
use crate::forge::api::segment;
use crate::forge::github_like::GitHubLike;
use futures::future::BoxFuture;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

/// One repository at GitHub.
#[derive(Debug)]
pub struct GitHub {
    pub(super) api: Api,
    /// How to open its other API, GraphQL.
    pub(super) opening: Opening,
}

#[derive(Deserialize)]
struct TeamRepositoryAnswer {
    #[serde(default)]
    permissions: std::collections::BTreeMap<String, bool>,
}

impl GitHub {
    fn team_path(&self, team: &str) -> String {
        let owner = segment(self.opening.target.owner.path());
        format!("/orgs/{owner}/teams/{}/repos/{owner}/{}", segment(team), segment(&self.opening.target.name))
    }
}

impl Hosted for GitHub {
    const NAME: &'static str = "GitHub";
    const COMMAND: &'static str = "github";
    const HOST: &'static str = "github.com";
    const HOST_HELP: &'static str = "Host of a GitHub Enterprise Server";
    const GROUP: &'static str = "organization";
    const ACCESS: &'static [Word] = &["pull", "triage", "push", "maintain", "admin"];
    const DEFAULT_ACCESS: Word = "maintain";
    const TOKEN: &'static str = "GITHUB_TOKEN";
    const PUBLIC: &'static [&'static str] = &["github.com"];
    const RIGHTS: &'static str = "the scope repo, or with administration and contents when fine-grained";

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let base = api_base(&opening.target.domain);
        Ok(Self { api: api(&opening, &base)?, opening })
    }
}

impl GitHubLike for GitHub {
    const PAGE: (&'static str, usize) = ("per_page", 100);

    fn api(&self) -> &Api {
        &self.api
    }

    fn at(&self) -> &RepositoryAddress {
        &self.opening.target
    }

    fn field_of_new(&self, _branch: &str) -> (&'static str, Value) {
        ("auto_init", json!(false))
    }

    fn team_has_access<'a>(
        &'a self,
        team: &'a Team,
        exactly: bool,
    ) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            let doing = format!("looking at the access of team \"{}\"", team.name);
            let answer = self.api.call(&doing, Method::GET, &self.team_path(&team.name), None).await;
            let Some(answer) = found(answer)? else { return Ok(false) };
            if answer.body.is_empty() {
                // Without a special media type, GitHub only says whether there is access.
                return Ok(!exactly || team.access == "pull");
            }
            let given: TeamRepositoryAnswer = parse(&doing, &answer)?;
            let is_given = |word: &&Word| given.permissions.get(**word).copied().unwrap_or(false);
            let strongest = Self::ACCESS.iter().rev().find(is_given);
            Ok(strongest.is_some_and(|word| !exactly || *word == team.access))
        })
    }

    fn grant_team<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{}\" access", team.name);
            let body = json!({"permission": team.access});
            self.api.change(&doing, Method::PUT, &self.team_path(&team.name), Some(body)).await
        })
    }
}

/// The API at a base address.
pub(super) fn api(opening: &Opening, base: &str) -> anyhow::Result<Api> {
    let headers = [
        (http::header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28")),
    ];
    Api::open(opening, base, &headers, DIALECT)
}

/// The API of github.com has a host of its own; an Enterprise Server has it below `/api/v3`.
pub(super) fn api_base(hostname: &str) -> String {
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
    use crate::forge::github_like::RepositoryAnswer;
    use crate::net::Retryable;

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
