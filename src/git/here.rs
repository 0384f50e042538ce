//! What the user's own Git knows: the checkout that the working directory is in, and stored credentials. Nothing is written.

use std::path::Path;

use super::Files;
use super::GitError;
use super::GitUrl;
use super::settings::Settings;
use crate::text::Secret;

/// The checkout around a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The address of the remote that the branch follows, else of `origin`.
    pub url: Option<String>,
    /// `None` while no branch is checked out.
    pub branch: Option<String>,
    /// The folder in the repository, empty for its root; `None` in a bare repository.
    pub folder: Option<String>,
}

/// The checkout around a folder; `None` outside of one.
///
/// # Errors
/// A repository that cannot be read.
pub fn checkout_around(folder: &Path) -> Result<Option<Checkout>, GitError> {
    let broken = |error: git2::Error| GitError::other("reading the checkout", error.message());
    let repository = match git2::Repository::discover(folder) {
        Ok(repository) => repository,
        Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    let config = repository.config().map_err(broken)?;
    // A branch without a commit has a name as well.
    let head = repository.find_reference("HEAD").map_err(broken)?;
    let target = head.symbolic_target().ok().flatten();
    let branch = target.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned);
    let followed = branch.as_ref().and_then(|name| config.get_string(&format!("branch.{name}.remote")).ok());
    let remote = followed.unwrap_or_else(|| "origin".to_owned());
    let url = repository.find_remote(&remote).ok().and_then(|remote| remote.url().ok().map(str::to_owned));
    let here = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = repository.workdir().and_then(|root| root.canonicalize().ok());
    let below = root.and_then(|root| Some(here.strip_prefix(root).ok()?.to_str()?.to_owned()));
    Ok(Some(Checkout { url, branch, folder: below }))
}

/// The paths of all files of this name in the last commit of the checkout around a folder; none where there is no commit.
///
/// # Errors
/// A repository that cannot be read.
pub fn committed_around(folder: &Path, name: &str) -> Result<Vec<String>, GitError> {
    let Ok(repository) = git2::Repository::discover(folder) else { return Ok(Vec::new()) };
    let head = repository.head().and_then(|head| head.peel_to_tree()).map(|tree| tree.id());
    head.map_or_else(|_| Ok(Vec::new()), |tree| Files::of(repository, tree).named(name))
}

/// User and password that one of Git's credential helpers has for an address. Blocks while the helper runs.
pub fn stored_credentials(settings: &Settings, url: &GitUrl) -> Option<(String, Secret)> {
    let config = settings.open().ok()?;
    let mut helper = git2::CredentialHelper::new(url.base().as_str());
    helper.config(&config);
    if let Some(user) = url.user() {
        helper.username(Some(&user));
    }
    helper.execute().map(|(user, password)| (user, Secret::new(password)))
}
