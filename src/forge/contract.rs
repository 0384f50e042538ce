//! What bootstrap asks of a forge, in terms that GitHub, GitLab, Gitea and Bitbucket Server share.

use super::ForgeError;
use super::Requests;
use crate::net::Proxy;
use crate::text::Secret;
use futures::future::BoxFuture;
use std::time::Duration;

/// A term of the forge: who sees a repository (`private`), what a team may do with it (`maintain`).
pub type Word = &'static str;

/// The owner of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A user, by login name.
    User(String),
    /// An organization, group or project; sub-groups follow after slashes.
    Group(String),
}

impl Owner {
    /// The name, or the path of a group.
    pub fn path(&self) -> &str {
        match self {
            Self::User(path) | Self::Group(path) => path,
        }
    }
}

/// Which repository, and at which host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryAddress {
    pub domain: String,
    pub owner: Owner,
    pub name: String,
}

impl RepositoryAddress {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner.path(), self.name)
    }

    /// What is being done with the repository, for errors: the text and its name.
    pub(super) fn doing(&self, words: &str) -> String {
        format!("{words} \"{}\"", self.full_name())
    }

    /// `https://host/owner/name`.
    pub fn url(&self) -> String {
        format!("https://{}/{}", self.domain, self.full_name())
    }
}

/// A repository as the forge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    pub visibility: Word,
}

/// A key with access to one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployKey {
    /// Its ID at the forge; empty for one that does not exist yet.
    pub id: String,
    pub title: String,
    /// The public key as in `authorized_keys`.
    pub key: String,
    pub read_only: bool,
}

impl DeployKey {
    /// Whether both are the same key, whatever follows it as a comment.
    pub fn is_same_key(&self, other: &str) -> bool {
        let bare = |key: &str| key.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
        bare(&self.key) == bare(other)
    }
}

/// A team or group, and what it may do: one of [`Hosted::ACCESS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    pub access: Word,
}

/// One repository at a forge, seen with one token.
pub trait Forge: Send + Sync {
    /// Which repository this is.
    fn target(&self) -> &RepositoryAddress;
    /// The forge as messages name it.
    fn place(&self) -> String {
        self.target().domain.clone()
    }
    /// Its address for Git over HTTPS.
    fn https_url(&self) -> String {
        format!("{}.git", self.target().url())
    }
    /// Its address for Git over SSH.
    fn ssh_url(&self, host: &str) -> String {
        format!("ssh://git@{host}/{}", self.target().full_name())
    }
    /// The account that the token belongs to.
    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>>;
    /// The repository, if it exists and the token may see it.
    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>>;
    /// Creates an empty repository. `branch` is the one that will be pushed, for forges that ask for it.
    fn create_repository<'a>(
        &'a self,
        visibility: Word,
        branch: &'a str,
    ) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Changes who sees the repository.
    fn set_visibility(&self, visibility: Word) -> BoxFuture<'_, Result<(), ForgeError>>;
    /// All deploy keys.
    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>>;
    /// Registers a deploy key.
    fn add_deploy_key<'a>(&'a self, key: &'a DeployKey) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Removes a deploy key; one that is gone already is not an error.
    fn delete_deploy_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Whether a team has access to the repository; with `exactly`, the access that it is to have, where the forge has more than one.
    fn has_access<'a>(&'a self, team: &'a Team, exactly: bool) -> BoxFuture<'a, Result<bool, ForgeError>>;
    /// Gives a team access to the repository.
    fn grant<'a>(&'a self, team: &'a Team) -> BoxFuture<'a, Result<(), ForgeError>>;
    /// Its pull or merge requests.
    fn requests(&self) -> &dyn Requests;
    /// Its deploy tokens, if the forge has them.
    fn deploy_tokens(&self) -> Option<&dyn DeployTokens> {
        None
    }
}

/// A user name and a password that only read one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployToken {
    /// Its ID at the forge.
    pub id: String,
    pub name: String,
    pub username: String,
}

/// The deploy tokens of one repository. Their passwords are shown once, when they are created.
pub trait DeployTokens: Send + Sync {
    /// Those that are valid.
    fn list(&self) -> BoxFuture<'_, Result<Vec<DeployToken>, ForgeError>>;
    /// Creates one; several may have the same name. Returns its user name and password.
    fn create<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(String, Secret), ForgeError>>;
    /// Removes one; a token that is gone already is not an error.
    fn delete<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), ForgeError>>;
}

/// What is needed to call a forge.
#[derive(Debug)]
pub struct Opening {
    pub target: RepositoryAddress,
    pub token: Secret,
    /// PEM certificates of authorities trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
    pub proxy: Proxy,
    /// For how long calls are repeated.
    pub limit: Duration,
}

/// A kind of forge, before any is called: what help, flags and messages say about it.
pub trait Hosted: Forge + Sized + 'static {
    const NAME: &'static str;
    /// The word after `bootstrap`.
    const COMMAND: &'static str;
    /// The host without `--hostname`; empty if there is none.
    const HOST: &'static str;
    /// What `--hostname` is.
    const HOST_HELP: &'static str;
    /// What owns a repository that no user owns.
    const GROUP: &'static str;
    /// The flag that names the teams which get access.
    const TEAM_FLAG: &'static str = "team";
    /// Whether `--private-key-file` counts. (Upstream ignores it at GitHub and Gitea.)
    const TAKES_KEY_FILE: bool = false;
    /// The levels of access of a team, from least to most.
    const ACCESS: &'static [Word];
    /// The default level of access of a team.
    const DEFAULT_ACCESS: Word;
    /// The variable that holds the token.
    const TOKEN: &'static str;
    /// Hosts that are known to be this forge, no matter who names them.
    const PUBLIC: &'static [&'static str] = &[];
    /// The folder of its repositories in addresses over HTTP, with a slash; empty if there is none.
    const FOLDER: &'static str = "";
    /// Whether Git sends its token alone: as a password it is taken with the name of its owner only.
    const TAKES_BEARER: bool = false;
    /// The permissions that the token needs.
    const RIGHTS: &'static str;

    /// Prepares the calls. A forge whose addresses are not known from names alone may ask for them here.
    ///
    /// # Errors
    /// An unusable CA file, proxy or token; what the forge answers.
    fn open(opening: Opening) -> impl Future<Output = anyhow::Result<Self>> + Send;
}
