//! One project at GitLab.

use crate::forge::DeployKey;
use crate::forge::DeployToken;
use crate::forge::DeployTokens;
use crate::forge::Forge;
use crate::forge::ForgeError;
use crate::forge::Hosted;
use crate::forge::Opening;
use crate::forge::Owner;
use crate::forge::Repository;
use crate::forge::RepositoryAddress;
use crate::forge::Requests;
use crate::forge::Team;
use crate::forge::Word;
use crate::forge::api::Api;
use crate::forge::api::Dialect;
use crate::forge::api::Refusal;
use crate::forge::api::found;
use crate::forge::api::segment;
use crate::forge::api::unless_granted;
use crate::net;
use crate::text::Secret;
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

/// The size of a page of a list, the largest possible.
const PAGE: usize = 100;
const DIALECT: Dialect = Dialect { wait: net::retry_after, meaning };
/// Who may see a project.
pub const VISIBILITIES: [Word; 3] = ["public", "internal", "private"];
/// The numbers of the words in [`Hosted::ACCESS`]: guest, reporter, developer, maintainer, owner.
const LEVELS: [u64; 5] = [10, 20, 30, 40, 50];

/// One project at GitLab.
#[derive(Debug)]
pub struct GitLab {
    pub(super) api: Api,
    pub(super) target: RepositoryAddress,
}

#[derive(Deserialize)]
struct Account {
    username: String,
}

#[derive(Deserialize)]
struct Group {
    id: u64,
}

#[derive(Deserialize)]
struct Project {
    visibility: String,
    #[serde(default)]
    shared_with_groups: Vec<Share>,
}

#[derive(Deserialize)]
struct Share {
    group_id: u64,
    group_access_level: u64,
}

#[derive(Deserialize)]
struct KeyAnswer {
    id: u64,
    title: String,
    key: String,
    #[serde(default)]
    can_push: bool,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id: u64,
    name: String,
    username: String,
    #[serde(default)]
    revoked: bool,
    #[serde(default)]
    expired: bool,
}

#[derive(Deserialize)]
struct NewToken {
    username: String,
    token: String,
}

fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let doing = refusal.doing.to_owned();
    let says = |words: &str| refusal.reason.contains(words);
    let posts = |path: &str| *refusal.method == Method::POST && refusal.path.ends_with(path);
    match refusal.status {
        400 if posts("/projects") && says("has already been taken") => Some(ForgeError::NameTaken { doing }),
        400 if posts("/deploy_keys") && says("has already been taken") => {
            Some(ForgeError::KeyInUse { doing })
        }
        409 if posts("/merge_requests") => Some(ForgeError::RequestExists { doing }),
        403 if says("insufficient_scope") => Some(refusal.denied(
            format!("not allowed: {}", refusal.reason),
            format!("create a token with {}", GitLab::RIGHTS),
        )),
        403 => Some(refusal.denied(
            format!("not allowed: {}", refusal.reason),
            format!(
                "the account of the token needs the role maintainer in the project or the group, and the token {}",
                GitLab::RIGHTS
            ),
        )),
        _ => None,
    }
}

impl GitLab {
    pub(super) fn path(&self, below: &str) -> String {
        format!("/projects/{}{below}", segment(&self.target.full_name()))
    }

    async fn project(&self, doing: &str) -> Result<Project, ForgeError> {
        self.api.read(doing, &self.path("")).await
    }

    async fn group(&self, path: &str) -> Result<Group, ForgeError> {
        let doing = format!("looking for the group \"{path}\"");
        let answer = self.api.read(&doing, &format!("/groups/{}?with_projects=false", segment(path))).await;
        found(answer)?.ok_or_else(|| ForgeError::Denied {
            doing,
            reason: "not found".to_owned(),
            hint: Some(
                "create the group first, give the account of the token access to it, or pass --personal when the owner is a user"
                    .to_owned(),
            ),
        })
    }

    /// What a team may do with the project, by GitLab's number.
    async fn level_of(&self, team: &Team) -> Result<Option<(u64, u64)>, ForgeError> {
        let doing = format!("looking at the access of team \"{}\"", team.name);
        let path = format!("/groups/{}?with_projects=false", segment(&team.name));
        let Some(group): Option<Group> = found(self.api.read(&doing, &path).await)? else { return Ok(None) };
        let shares = self.project(&doing).await?.shared_with_groups;
        let share = shares.iter().find(|share| share.group_id == group.id);
        Ok(share.map(|share| (share.group_id, share.group_access_level)))
    }
}

fn level(access: Word) -> u64 {
    let position = GitLab::ACCESS.iter().position(|word| *word == access);
    position.and_then(|position| LEVELS.get(position)).copied().unwrap_or_default()
}

impl Hosted for GitLab {
    const NAME: &'static str = "GitLab";
    const COMMAND: &'static str = "gitlab";
    const HOST: &'static str = "gitlab.com";
    const HOST_HELP: &'static str = "Host of the GitLab server";
    const GROUP: &'static str = "group";
    const TAKES_KEY_FILE: bool = true;
    const ACCESS: &'static [Word] = &["pull", "triage", "push", "maintain", "admin"];
    const DEFAULT_ACCESS: Word = "maintain";
    const TOKEN: &'static str = "GITLAB_TOKEN";
    const PUBLIC: &'static [&'static str] = &["gitlab.com"];
    const RIGHTS: &'static str = "the scopes api, read_api, read_repository and write_repository";

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let base = format!("https://{}/api/v4", opening.target.domain);
        Ok(Self { api: Api::open(&opening, &base, &[], DIALECT)?, target: opening.target })
    }
}

impl Forge for GitLab {
    fn target(&self) -> &RepositoryAddress {
        &self.target
    }

    fn place(&self) -> String {
        format!("https://{}", self.target.domain)
    }

    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>> {
        Box::pin(async {
            Ok(self.api.read::<Account>("asking whose token this is", "/user").await?.username)
        })
    }

    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>> {
        Box::pin(async {
            let doing = self.target.doing("looking for the repository");
            let Some(project) = found(self.project(&doing).await)? else { return Ok(None) };
            let known = VISIBILITIES.iter().find(|word| **word == project.visibility);
            Ok(Some(Repository { visibility: known.copied().unwrap_or_default() }))
        })
    }

    fn create_repository<'a>(
        &'a self,
        visibility: Word,
        branch: &'a str,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("creating the repository");
            let name = &self.target.name;
            let mut body = json!({"name": name, "visibility": visibility, "default_branch": branch});
            // Without a path, GitLab derives it from the name in lower case.
            if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
                body["path"] = json!(name);
            }
            if let Owner::Group(path) = &self.target.owner {
                body["namespace_id"] = json!(self.group(path).await?.id);
            }
            self.api.create::<Project>(&doing, "/projects", body).await.map(drop)
        })
    }

    fn set_visibility(&self, visibility: Word) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("changing the visibility of");
            let body = json!({"visibility": visibility});
            self.api.change(&doing, Method::PUT, &self.path(""), Some(body)).await
        })
    }

    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>> {
        Box::pin(async {
            let doing = self.target.doing("listing the deploy keys of");
            let path = |page| self.path(&format!("/deploy_keys?per_page={PAGE}&page={page}"));
            let keys: Vec<KeyAnswer> = self.api.pages(&doing, PAGE, path).await?;
            let read = |KeyAnswer { id, title, key, can_push }| DeployKey {
                id: id.to_string(),
                title,
                key,
                read_only: !can_push,
            };
            Ok(keys.into_iter().map(read).collect())
        })
    }

    fn add_deploy_key<'a>(&'a self, key: &'a DeployKey) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("adding the deploy key \"{}\" to", key.title));
            let body = json!({"title": key.title, "key": key.key.trim_end(), "can_push": !key.read_only});
            self.api.change(&doing, Method::POST, &self.path("/deploy_keys"), Some(body)).await
        })
    }

    fn delete_deploy_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("deleting a deploy key of");
            let path = self.path(&format!("/deploy_keys/{}", segment(id)));
            self.api.delete(&doing, &path).await
        })
    }

    fn has_access<'a>(&'a self, team: &'a Team, exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            let given = self.level_of(team).await?;
            Ok(given.is_some_and(|(_, given)| !exactly || given == level(team.access)))
        })
    }

    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving team \"{}\" access", team.name);
            let group = self.group(&team.name).await?;
            // There is no call that changes an access.
            if let Some((id, _)) = self.level_of(team).await? {
                let path = self.path(&format!("/share/{id}"));
                self.api.delete(&doing, &path).await?;
            }
            let body = json!({"group_id": group.id, "group_access": level(team.access)});
            let outcome = self.api.change(&doing, Method::POST, &self.path("/share"), Some(body)).await;
            unless_granted(self, team, true, outcome).await
        })
    }

    fn requests(&self) -> &dyn Requests {
        self
    }

    fn deploy_tokens(&self) -> Option<&dyn DeployTokens> {
        Some(self)
    }
}

impl DeployTokens for GitLab {
    fn list(&self) -> BoxFuture<'_, Result<Vec<DeployToken>, ForgeError>> {
        Box::pin(async {
            let doing = self.target.doing("listing the deploy tokens of");
            let path = |page| self.path(&format!("/deploy_tokens?per_page={PAGE}&page={page}"));
            let all: Vec<TokenAnswer> = self.api.pages(&doing, PAGE, path).await?;
            let valid = all.into_iter().filter(|token| !token.revoked && !token.expired);
            let read =
                |TokenAnswer { id, name, username, .. }| DeployToken { id: id.to_string(), name, username };
            Ok(valid.map(read).collect())
        })
    }

    fn create<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(String, Secret), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("creating the deploy token \"{name}\" of"));
            let body: Value = json!({"name": name, "scopes": ["read_repository"]});
            let made: NewToken = self.api.create(&doing, &self.path("/deploy_tokens"), body).await?;
            Ok((made.username, Secret::new(made.token)))
        })
    }

    fn delete<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("deleting a deploy token of");
            let path = self.path(&format!("/deploy_tokens/{}", segment(id)));
            self.api.delete(&doing, &path).await
        })
    }
}
