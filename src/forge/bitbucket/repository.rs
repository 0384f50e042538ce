//! One repository at Bitbucket Server. It belongs to a project, which has a name and, in addresses, a key; or to a user, whose key
//! is the login after a tilde.

use super::answers::GroupPermission;
use super::answers::KeyAnswer;
use super::answers::Page;
use super::answers::Project;
use super::answers::RepositoryAnswer;
use super::refusal;
use super::refusal::DIALECT;
use crate::forge::DeployKey;
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
use crate::forge::api::found;
use crate::forge::api::segment;
use futures::future::BoxFuture;
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

const PAGE: usize = 100;
/// What the server calls the words in [`Hosted::ACCESS`].
const PERMISSIONS: [(Word, &str); 3] =
    [("pull", "REPO_READ"), ("push", "REPO_WRITE"), ("admin", "REPO_ADMIN")];

/// One repository at Bitbucket Server.
#[derive(Debug)]
pub struct BitbucketServer {
    pub(super) api: Api,
    pub(super) target: RepositoryAddress,
    /// The key of the project.
    pub(super) key: String,
    /// The name of the repository in addresses.
    pub(super) slug: String,
}

impl BitbucketServer {
    fn project_path(&self, below: &str) -> String {
        format!("/api/1.0/projects/{}{below}", segment(&self.key))
    }

    pub(super) fn path(&self, below: &str) -> String {
        self.project_path(&format!("/repos/{}{below}", segment(&self.slug)))
    }

    fn keys_path(&self, below: &str) -> String {
        format!("/keys/1.0/projects/{}/repos/{}/ssh{below}", segment(&self.key), segment(&self.slug))
    }

    async fn permission(&self, team: &Team, path: String) -> Result<Option<String>, ForgeError> {
        let doing = format!("looking at the access of group \"{}\"", team.name);
        // The filter also finds groups whose name only contains the word.
        let (path, query) =
            (format!("{path}/permissions/groups"), format!("filter={}&", segment(&team.name)));
        let answer = pages(&self.api, &doing, &path, &query).await;
        let all: Vec<GroupPermission> = found(answer)?.unwrap_or_default();
        let own = all.into_iter().find(|given| given.group.name.eq_ignore_ascii_case(&team.name));
        Ok(own.map(|own| own.permission))
    }
}

/// Reads a list page by page. `query` is empty, or ends with `&`.
pub(super) async fn pages<T: DeserializeOwned>(
    api: &Api,
    doing: &str,
    path: &str,
    query: &str,
) -> Result<Vec<T>, ForgeError> {
    let mut all = Vec::new();
    let mut start = 0;
    loop {
        let page: Page<T> = api.read(doing, &format!("{path}?{query}limit={PAGE}&start={start}")).await?;
        all.extend(page.values);
        match page.next {
            Some(next) if !page.is_last && next > start => start = next,
            _ => return Ok(all),
        }
    }
}

/// The key of the project with this name or key.
async fn project_key(api: &Api, project: &str) -> Result<String, ForgeError> {
    let doing = format!("looking for the project \"{project}\"");
    let query = format!("name={}&", segment(project));
    let called: Vec<Project> = pages(api, &doing, "/api/1.0/projects", &query).await?;
    if let Some(exact) = called.into_iter().find(|known| known.name == project) {
        return Ok(exact.key);
    }
    let path = format!("/api/1.0/projects/{}", segment(project));
    let known: Option<Project> = found(api.read(&doing, &path).await)?;
    known.map(|known| known.key).ok_or_else(|| ForgeError::Denied {
        doing,
        reason: "not found".to_owned(),
        hint: Some(
            "create the project first, give the account of the token access to it, or pass --personal when the owner is a user"
                .to_owned(),
        ),
    })
}

/// The form of a name that the server uses in addresses.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        match letter {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '-' | '.' => slug.push(letter.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug
}

fn permission_of(access: Word) -> &'static str {
    PERMISSIONS.iter().find(|(word, _)| *word == access).map(|(_, own)| *own).unwrap_or_default()
}

impl Hosted for BitbucketServer {
    const NAME: &'static str = "Bitbucket";
    const COMMAND: &'static str = "bitbucket-server";
    const HOST: &'static str = "";
    const HOST_HELP: &'static str = "Host of the Bitbucket Server";
    const GROUP: &'static str = "project";
    const TEAM_FLAG: &'static str = "group";
    const TAKES_KEY_FILE: bool = true;
    const ACCESS: &'static [Word] = &["pull", "push", "admin"];
    const DEFAULT_ACCESS: Word = "push";
    const TOKEN: &'static str = "BITBUCKET_TOKEN";
    const FOLDER: &'static str = "scm/";
    const TAKES_BEARER: bool = true;
    const RIGHTS: &'static str = refusal::RIGHTS;

    async fn open(opening: Opening) -> anyhow::Result<Self> {
        let base = format!("https://{}/rest", opening.target.domain);
        let api = Api::open(&opening, &base, &[], DIALECT)?;
        let target = opening.target;
        let key = match &target.owner {
            Owner::User(login) => format!("~{}", login.trim_start_matches('~')),
            Owner::Group(project) => project_key(&api, project).await?,
        };
        Ok(Self { api, key, slug: slug_of(&target.name), target })
    }
}

impl BitbucketServer {
    /// The login name that the token belongs to, if it is that of a user.
    pub(super) async fn login(&self) -> Result<Option<String>, ForgeError> {
        let doing = "asking whose token this is";
        let answer = self.api.call(doing, Method::GET, "/api/1.0/projects?limit=1", None).await?;
        // There is no call for this; every answer of the server has it.
        let name = answer.headers.get("x-ausername").and_then(|name| name.to_str().ok());
        let name = name.and_then(|name| url::form_urlencoded::parse(name.as_bytes()).next());
        Ok(name.map(|(name, _)| name.into_owned()))
    }
}

impl Forge for BitbucketServer {
    fn target(&self) -> &RepositoryAddress {
        &self.target
    }

    fn https_url(&self) -> String {
        format!("https://{}/scm/{}/{}.git", self.target.domain, self.key, self.slug)
    }

    fn ssh_url(&self, host: &str) -> String {
        format!("ssh://git@{host}/{}/{}", self.key, self.slug)
    }

    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>> {
        Box::pin(async { Ok(self.login().await?.unwrap_or_else(|| self.target.owner.path().to_owned())) })
    }

    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>> {
        Box::pin(async {
            let doing = self.target.doing("looking for the repository");
            let answer: Option<RepositoryAnswer> = found(self.api.read(&doing, &self.path("")).await)?;
            Ok(answer
                .map(|answer| Repository { visibility: if answer.public { "public" } else { "private" } }))
        })
    }

    fn create_repository<'a>(
        &'a self,
        visibility: Word,
        branch: &'a str,
    ) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("creating the repository");
            let public = visibility == "public";
            let body =
                json!({"name": self.target.name, "scmId": "git", "public": public, "defaultBranch": branch});
            let made: RepositoryAnswer = self.api.create(&doing, &self.project_path("/repos"), body).await?;
            if made.slug != self.slug {
                return Err(ForgeError::Denied {
                    doing,
                    reason: format!("the server calls it \"{}\" in addresses", made.slug),
                    hint: Some(format!("run the command again with --repository={}", made.slug)),
                });
            }
            Ok(())
        })
    }

    fn set_visibility(&self, visibility: Word) -> BoxFuture<'_, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("changing the visibility of");
            let body = json!({"public": visibility == "public"});
            self.api.change(&doing, Method::PUT, &self.path(""), Some(body)).await
        })
    }

    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>> {
        Box::pin(async {
            let doing = self.target.doing("listing the access keys of");
            let keys: Vec<KeyAnswer> = pages(&self.api, &doing, &self.keys_path(""), "").await?;
            let read = |KeyAnswer { key, permission }| DeployKey {
                id: key.id.to_string(),
                title: key.label,
                key: key.text,
                read_only: permission == "REPO_READ",
            };
            Ok(keys.into_iter().map(read).collect())
        })
    }

    fn add_deploy_key<'a>(&'a self, key: &'a DeployKey) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing(&format!("adding the access key \"{}\" to", key.title));
            let bare: Vec<&str> = key.key.split_whitespace().take(2).collect();
            let permission = if key.read_only { "REPO_READ" } else { "REPO_WRITE" };
            let body = json!({
                // Some releases take the label from the comment.
                "key": {"text": format!("{} {}", bare.join(" "), key.title), "label": key.title},
                "permission": permission,
            });
            self.api.change(&doing, Method::POST, &self.keys_path(""), Some(body)).await
        })
    }

    fn delete_deploy_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = self.target.doing("deleting an access key of");
            let path = self.keys_path(&format!("/{}", segment(id)));
            self.api.delete(&doing, &path).await
        })
    }

    fn has_access<'a>(&'a self, team: &'a Team, exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>> {
        Box::pin(async move {
            let wanted = permission_of(team.access);
            if let Some(given) = self.permission(team, self.path("")).await? {
                return Ok(!exactly || given == wanted);
            }
            if exactly {
                return Ok(false);
            }
            match self.permission(team, self.project_path("")).await {
                Ok(given) => Ok(given.is_some()),
                // Permissions of the project are shown to its administrators only.
                Err(ForgeError::Denied { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>> {
        Box::pin(async move {
            let doing = format!("giving group \"{}\" access", team.name);
            let (name, permission) = (segment(&team.name), permission_of(team.access));
            let path = self.path(&format!("/permissions/groups?permission={permission}&name={name}"));
            self.api.change(&doing, Method::PUT, &path, None).await
        })
    }

    fn requests(&self) -> &dyn Requests {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses_as_the_server_makes_them() {
        assert_eq!(slug_of("Fleet of  Ada's"), "fleet-of-ada-s");
        assert_eq!(slug_of("fleet_1.x-y"), "fleet_1.x-y");
    }
}
