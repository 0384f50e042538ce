//! One repository at GitHub. Answers are read into small structs of the fields that matter; fields that GitHub adds are ignored.

use super::refusal::check;
use crate::forge::DeployKey;
use crate::forge::Forge;
use crate::forge::ForgeAddress;
use crate::forge::ForgeError;
use crate::forge::NewRepository;
use crate::forge::Permission;
use crate::forge::Repository;
use crate::forge::connection::Answer;
use crate::forge::connection::Connection;
use crate::forge::retry::retry;
use crate::text::Secret;
use futures::future::BoxFuture;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// One repository at GitHub.
pub struct GitHub {
    connection: Connection,
    owner: String,
    repository: String,
    until: Instant,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
struct RepositoryAnswer {
    html_url: String,
    #[serde(default)]
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
    /// The repository `owner/repository`. Nothing is sent yet. Calls are repeated no longer than until `limit` from now.
    ///
    /// # Errors
    /// An unusable CA file or token.
    pub fn new(
        hostname: &str,
        ca: Option<Vec<u8>>,
        token: &Secret,
        owner: &str,
        repository: &str,
        limit: Duration,
    ) -> anyhow::Result<Self> {
        let address = ForgeAddress { base: api_base(hostname), ca };
        let headers = [
            (http::header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28")),
        ];
        Ok(Self {
            connection: Connection::open(&address, token, &headers)?,
            owner: owner.to_owned(),
            repository: repository.to_owned(),
            until: Instant::now() + limit,
        })
    }

    fn path(&self, below: &str) -> String {
        format!("/repos/{}/{}{below}", segment(&self.owner), segment(&self.repository))
    }

    fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.repository)
    }

    /// Sends, repeats what may be repeated, and sorts refusals into errors. 404 is an error like any other.
    async fn call(
        &self,
        doing: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, ForgeError> {
        retry(self.until, || async {
            let answer = self.connection.send(doing, method.clone(), path, body.as_ref()).await?;
            check(doing, &method, path, answer)
        })
        .await
    }

    async fn read<T: DeserializeOwned>(&self, doing: &str, path: &str) -> Result<T, ForgeError> {
        // Parsing stands inside the retry: an answer that was cut off may be whole the next time.
        retry(self.until, || async {
            let answer = self.connection.send(doing, Method::GET, path, None).await?;
            parse(doing, &check(doing, &Method::GET, path, answer)?)
        })
        .await
    }

    async fn list_keys(&self) -> Result<Vec<DeployKey>, ForgeError> {
        const PAGE: usize = 100;
        let doing = format!("listing the deploy keys of \"{}\"", self.full_name());
        let mut keys = Vec::new();
        for page in 1.. {
            let path = self.path(&format!("/keys?per_page={PAGE}&page={page}"));
            let answers: Vec<KeyAnswer> = self.read(&doing, &path).await?;
            let last = answers.len() < PAGE;
            keys.extend(answers.into_iter().map(|answer| DeployKey {
                id: answer.id.to_string(),
                title: answer.title,
                key: answer.key,
                read_only: answer.read_only,
            }));
            if last {
                break;
            }
        }
        Ok(keys)
    }

    fn team_path(&self, team: &str) -> String {
        let owner = segment(&self.owner);
        format!("/orgs/{owner}/teams/{}/repos/{owner}/{}", segment(team), segment(&self.repository))
    }
}

impl Forge for GitHub {
    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>> {
        Box::pin(async { Ok(self.read::<Account>("asking whose token this is", "/user").await?.login) })
    }

    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>> {
        Box::pin(async {
            let doing = format!("looking for the repository \"{}\"", self.full_name());
            match self.read::<RepositoryAnswer>(&doing, &self.path("")).await {
                Ok(answer) => Ok(Some(Repository { html_url: answer.html_url, private: answer.private })),
                Err(ForgeError::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn create_repository(&self, wanted: NewRepository) -> BoxFuture<'_, Result<Repository, ForgeError>> {
        Box::pin(async move {
            let doing = format!("creating the repository \"{}\"", self.full_name());
            let path = if wanted.personal {
                "/user/repos".to_owned()
            } else {
                format!("/orgs/{}/repos", segment(&self.owner))
            };
            let body = json!({"name": self.repository, "private": wanted.private, "auto_init": false});
            match self.call(&doing, Method::POST, &path, Some(body)).await {
                Ok(answer) => {
                    let made: RepositoryAnswer = parse(&doing, &answer)?;
                    Ok(Repository { html_url: made.html_url, private: made.private })
                }
                // A request whose answer was lost may have been obeyed, and another run may have come first.
                Err(error @ (ForgeError::NameTaken { .. } | ForgeError::Garbage { .. })) => {
                    self.repository().await?.ok_or(error)
                }
                Err(error) => Err(error),
            }
        })
    }

    fn set_private(&self, private: bool) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("changing the visibility of \"{}\"", self.full_name());
            self.call(&doing, Method::PATCH, &self.path(""), Some(json!({"private": private}))).await?;
            Ok(())
        })
    }

    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>> {
        Box::pin(self.list_keys())
    }

    fn add_deploy_key(&self, key: DeployKey) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("adding the deploy key \"{}\" to \"{}\"", key.title, self.full_name());
            let body = json!({"title": key.title, "key": key.key.trim_end(), "read_only": key.read_only});
            match self.call(&doing, Method::POST, &self.path("/keys"), Some(body)).await {
                Ok(_) => Ok(()),
                Err(error @ ForgeError::KeyInUse { .. }) => {
                    // It is in use by this very repository when the answer to our first attempt was lost.
                    let present = self.list_keys().await?;
                    let ours =
                        |there: &DeployKey| there.is_same_key(&key.key) && there.read_only == key.read_only;
                    if present.iter().any(ours) { Ok(()) } else { Err(error) }
                }
                Err(error) => Err(error),
            }
        })
    }

    fn delete_deploy_key(&self, id: String) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("deleting a deploy key of \"{}\"", self.full_name());
            let path = self.path(&format!("/keys/{}", segment(&id)));
            match self.call(&doing, Method::DELETE, &path, None).await {
                Ok(_) | Err(ForgeError::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn team_permission(&self, team: String) -> BoxFuture<'_, Result<Option<Permission>, ForgeError>> {
        Box::pin(async move {
            let doing = format!("looking at the access of team \"{team}\"");
            let answer = match self.call(&doing, Method::GET, &self.team_path(&team), None).await {
                Ok(answer) => answer,
                Err(ForgeError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            if answer.body.is_empty() {
                // Without a special media type GitHub only says that there is access.
                return Ok(Some(Permission::Pull));
            }
            let given: TeamRepositoryAnswer = parse(&doing, &answer)?;
            let strongest = ["admin", "maintain", "push", "triage", "pull"]
                .into_iter()
                .find(|word| given.permissions.get(*word).copied().unwrap_or(false));
            Ok(strongest.and_then(Permission::from_word))
        })
    }

    fn set_team_permission(
        &self,
        team: String,
        permission: Permission,
    ) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{team}\" access");
            let body = json!({"permission": permission.word()});
            self.call(&doing, Method::PUT, &self.team_path(&team), Some(body)).await?;
            Ok(())
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

/// One segment of a path, so that no name can reach another endpoint.
fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn parse<T: DeserializeOwned>(doing: &str, answer: &Answer) -> Result<T, ForgeError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| ForgeError::Garbage { doing: doing.to_owned(), reason: error.to_string() })
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
    fn a_name_cannot_reach_another_endpoint() {
        assert_eq!(segment("../../user?x=1#y"), "..%2F..%2Fuser%3Fx%3D1%23y");
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
