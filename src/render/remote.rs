//! What a kustomization names by an address rather than by a path: files and repositories elsewhere.

use super::tree::Tree;
use crate::text::without_credentials;
use std::time::Duration;

/// Gets what is elsewhere. Who builds decides whether there is such a thing; this room speaks to no network.
pub trait Remote {
    /// The content of the file at an address.
    ///
    /// # Errors
    /// None is there, or nothing may be fetched.
    fn file(&self, url: &str) -> anyhow::Result<Vec<u8>>;

    /// The files of a repository.
    ///
    /// # Errors
    /// A repository or revision that is not there, or nothing may be fetched.
    fn repository(&self, repository: &Repository) -> anyhow::Result<Box<dyn Tree>>;
}

/// Which files of which repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repository {
    pub url: String,
    /// A branch, a tag or a commit; what `HEAD` is where there is none.
    pub revision: Option<String>,
    pub has_submodules: bool,
    /// How long fetching it may take.
    pub timeout: Duration,
}

/// Nothing is elsewhere.
pub struct Nowhere;

impl Remote for Nowhere {
    fn file(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        anyhow::bail!(refusal(url))
    }

    fn repository(&self, repository: &Repository) -> anyhow::Result<Box<dyn Tree>> {
        anyhow::bail!(refusal(&repository.url))
    }
}

fn refusal(url: &str) -> String {
    format!("\"{}\" is not in the tree of files, and nothing is fetched here", without_credentials(url))
}
