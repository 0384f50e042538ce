//! The files of one commit, read straight from the objects of a private repository.

use std::collections::BTreeMap;
use std::path::Path;

use super::GitError;
use super::Remote;
use super::ResolvedCommit;
use super::checkout::fetch_commit;
use super::session::private_directory;

/// A commit with its files, in a directory of its own that goes away with it.
#[derive(Debug)]
pub struct Snapshot {
    dir: tempfile::TempDir,
    commit: git2::Oid,
}

/// What is at a path of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    File,
    Folder,
    /// A link, and its target.
    Link(String),
    /// A commit of another repository.
    Module,
}

/// A snapshot opened for reading, on one thread.
pub struct Files {
    repository: git2::Repository,
    tree: git2::Oid,
}

impl Remote {
    /// Fetches one commit, without those before it.
    ///
    /// # Errors
    /// A commit that the server does not send; those of a connection; a full disk.
    pub async fn snapshot(&self, found: &ResolvedCommit) -> Result<Snapshot, GitError> {
        let found = found.clone();
        self.run(move |session| {
            let dir = private_directory()?;
            let broken = |error: git2::Error| GitError::other("temporary repository", error.message());
            let repository = git2::Repository::init_bare(dir.path()).map_err(broken)?;
            let commit = fetch_commit(session, &found, &repository)?;
            Ok(Snapshot { dir, commit })
        })
        .await
    }
}

impl Snapshot {
    /// Opens it for reading.
    ///
    /// # Errors
    /// A snapshot that cannot be read.
    pub fn open(&self) -> Result<Files, GitError> {
        let broken = |error: git2::Error| GitError::other("reading a commit", error.message());
        let repository = git2::Repository::open_bare(self.dir.path()).map_err(broken)?;
        let tree = repository.find_commit(self.commit).map_err(broken)?.tree_id();
        Ok(Files { repository, tree })
    }
}

impl Files {
    /// The files of a tree in a bare repository.
    pub(super) fn open(dir: &Path, tree: git2::Oid) -> Result<Self, GitError> {
        let repository = git2::Repository::open_bare(dir)
            .map_err(|error| GitError::other("opening the clone", error.message()))?;
        Ok(Self { repository, tree })
    }

    /// The files of a tree.
    pub(super) fn of(repository: git2::Repository, tree: git2::Oid) -> Self {
        Self { repository, tree }
    }

    /// The files of the last commit of a bare repository; no files while it is empty.
    pub(super) fn at_head(dir: &Path) -> Result<Self, GitError> {
        let read = || {
            let repository = git2::Repository::open_bare(dir)?;
            let tree = match repository.head() {
                Ok(head) => head.peel_to_tree()?.id(),
                Err(_) => repository.treebuilder(None)?.write()?,
            };
            Ok(Self { repository, tree })
        };
        read().map_err(|error: git2::Error| GitError::other("opening the clone", error.message()))
    }

    pub(super) fn tree(&self) -> git2::Oid {
        self.tree
    }

    pub(super) fn repository(&self) -> &git2::Repository {
        &self.repository
    }

    /// The last commit of the repository.
    pub(super) fn head(&self) -> Option<git2::Oid> {
        self.repository.head().ok()?.target()
    }

    /// What is at a path, which has neither `.` nor `..`; links are not followed.
    ///
    /// # Errors
    /// Objects that cannot be read.
    pub fn look(&self, path: &str) -> Result<Option<Item>, GitError> {
        if path.is_empty() {
            return Ok(Some(Item::Folder));
        }
        self.entry(path)?.map(|entry| self.item(path, &entry)).transpose()
    }

    /// The name of the content at a path, as [`super::PastCommit`] has it; `None` where there is nothing.
    ///
    /// # Errors
    /// Objects that cannot be read.
    pub fn name(&self, path: &str) -> Result<Option<String>, GitError> {
        if path.is_empty() {
            return Ok(Some(self.tree.to_string()));
        }
        Ok(self.entry(path)?.map(|entry| entry.id().to_string()))
    }

    /// The content of a file.
    ///
    /// # Errors
    /// A path that does not exist.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, GitError> {
        let read = || {
            let entry = self.repository.find_tree(self.tree)?.get_path(Path::new(path))?;
            Ok(self.repository.find_blob(entry.id())?.content().to_vec())
        };
        read().map_err(|error: git2::Error| broken(path, &error))
    }

    /// Whether a file is one that can be run.
    ///
    /// # Errors
    /// A path where there is none.
    pub fn is_executable(&self, path: &str) -> Result<bool, GitError> {
        let find =
            || Ok(self.repository.find_tree(self.tree)?.get_path(Path::new(path))?.filemode() & 0o100 != 0);
        find().map_err(|error: git2::Error| broken(path, &error))
    }

    /// What is in a folder, by name. Names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// A path that does not exist.
    pub fn list(&self, folder: &str) -> Result<BTreeMap<String, Item>, GitError> {
        let find = || {
            let root = self.repository.find_tree(self.tree)?;
            if folder.is_empty() {
                return Ok(root);
            }
            self.repository.find_tree(root.get_path(Path::new(folder))?.id())
        };
        let tree = find().map_err(|error: git2::Error| broken(folder, &error))?;
        let mut found = BTreeMap::new();
        for entry in &tree {
            let Ok(name) = entry.name() else { continue };
            found.insert(name.to_owned(), self.item(name, &entry)?);
        }
        Ok(found)
    }

    /// The paths of all files of this name.
    ///
    /// # Errors
    /// Objects that cannot be read.
    pub fn named(&self, name: &str) -> Result<Vec<String>, GitError> {
        let mut found = Vec::new();
        let tree = self.repository.find_tree(self.tree).map_err(|error| broken(name, &error))?;
        let walked = tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if entry.name() == Ok(name) {
                found.push(format!("{folder}{name}"));
            }
            git2::TreeWalkResult::Ok
        });
        walked.map_err(|error| broken(name, &error))?;
        Ok(found)
    }

    fn entry(&self, path: &str) -> Result<Option<git2::TreeEntry<'static>>, GitError> {
        let tree = self.repository.find_tree(self.tree).map_err(|error| broken(path, &error))?;
        match tree.get_path(Path::new(path)) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(broken(path, &error)),
        }
    }

    fn item(&self, path: &str, entry: &git2::TreeEntry<'_>) -> Result<Item, GitError> {
        const LINK: i32 = 0o120_000;
        Ok(match entry.kind() {
            Some(git2::ObjectType::Tree) => Item::Folder,
            Some(git2::ObjectType::Commit) => Item::Module,
            _ if entry.filemode() == LINK => {
                let blob = self.repository.find_blob(entry.id()).map_err(|error| broken(path, &error))?;
                Item::Link(String::from_utf8_lossy(blob.content()).into_owned())
            }
            _ => Item::File,
        })
    }
}

fn broken(path: &str, error: &git2::Error) -> GitError {
    GitError::other(format!("reading \"{path}\""), error.message())
}
