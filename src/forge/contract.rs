//! What bootstrap asks of a forge.

use super::ForgeError;
use futures::future::BoxFuture;

/// A repository as the forge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its page, e.g. `https://github.com/owner/name`.
    pub html_url: String,
    pub private: bool,
}

/// What a new repository shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRepository {
    pub private: bool,
    /// Whether it belongs to the person of the token; otherwise to the organisation that owns it.
    pub personal: bool,
}

/// A key with access to one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployKey {
    /// How the forge calls it; empty for one that is to be made.
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

/// What a team may do with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Pull,
    Triage,
    Push,
    Maintain,
    Admin,
}

impl Permission {
    /// The word of the API and of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Triage => "triage",
            Self::Push => "push",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The permission of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Pull, Self::Triage, Self::Push, Self::Maintain, Self::Admin]
            .into_iter()
            .find(|permission| permission.word() == word)
    }
}

/// One repository at a forge, seen with one token.
pub trait Forge: Send + Sync {
    /// The account that the token belongs to.
    fn identity(&self) -> BoxFuture<'_, Result<String, ForgeError>>;
    /// The repository, if it is there and the token may see it.
    fn repository(&self) -> BoxFuture<'_, Result<Option<Repository>, ForgeError>>;
    /// Makes the repository, empty.
    fn create_repository(&self, wanted: NewRepository) -> BoxFuture<'_, Result<Repository, ForgeError>>;
    /// Makes the repository private or public.
    fn set_private(&self, private: bool) -> BoxFuture<'_, Result<(), ForgeError>>;
    /// All deploy keys.
    fn deploy_keys(&self) -> BoxFuture<'_, Result<Vec<DeployKey>, ForgeError>>;
    /// Registers a deploy key.
    fn add_deploy_key(&self, key: DeployKey) -> BoxFuture<'_, Result<(), ForgeError>>;
    /// Removes a deploy key; one that is gone already is not an error.
    fn delete_deploy_key(&self, id: String) -> BoxFuture<'_, Result<(), ForgeError>>;
    /// What a team may do with the repository; `None` when it has no access.
    fn team_permission(&self, team: String) -> BoxFuture<'_, Result<Option<Permission>, ForgeError>>;
    /// Gives a team access to the repository.
    fn set_team_permission(
        &self,
        team: String,
        permission: Permission,
    ) -> BoxFuture<'_, Result<(), ForgeError>>;
}
