//! One operation with a remote: blocking work of libgit2 beside the runtime, which ends when no one waits for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::watch;

use super::Advertised;
use super::GitError;
use super::Remote;
use super::core::Core;
use super::transport;

impl Remote {
    /// Lists the branches; the cheapest way to see that URL and credentials work.
    ///
    /// # Errors
    /// Those of a connection.
    pub async fn list(&self) -> Result<Advertised, GitError> {
        let url = self.url.to_string();
        self.run(move |session| {
            let repository = session.scratch()?;
            let mut remote = session.attach(&repository)?;
            let connection = remote
                .connect_auth(git2::Direction::Fetch, None, None)
                .map_err(|error| session.explain(&format!("listing \"{url}\""), &error))?;
            advertised(connection.list().map_err(|error| session.explain("listing branches", &error))?)
        })
        .await
    }

    /// Runs blocking repository work beside the runtime. Dropping the future tells the work to stop.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, GitError>
    where
        T: Send + 'static,
        F: FnOnce(&Session) -> Result<T, GitError> + Send + 'static,
    {
        let (alive, watched) = watch::channel(());
        let core = Core::new(transport::link_to(self)?, self.url.clone(), watched);
        let session = Session::open(core)?;
        let done = tokio::task::spawn_blocking(move || work(&session)).await;
        drop(alive);
        done.map_err(|error| GitError::other("Git operation", error))?
    }
}

/// Reads the branches out of what the server advertised.
pub(super) fn advertised(heads: &[git2::RemoteHead<'_>]) -> Result<Advertised, GitError> {
    let mut found = Advertised::default();
    for head in heads {
        if head.name() == "HEAD" {
            found.default_branch =
                head.symref_target().and_then(|target| target.strip_prefix("refs/heads/")).map(str::to_owned);
        } else if let Some(branch) = head.name().strip_prefix("refs/heads/") {
            found.branches.push((branch.to_owned(), head.oid().to_string()));
        }
    }
    found.branches.sort();
    Ok(found)
}

/// The private directories of this process, including removed ones.
static DIRECTORIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// How often the removal of a directory is tried while something is still written into it.
const TRIES: usize = 5;

/// Removes the directories of operations that were interrupted: a thread that waits for a server does not do it itself.
pub fn remove_private_directories() {
    let mut directories = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
    for directory in directories.drain(..) {
        for _ in 0..TRIES {
            if std::fs::remove_dir_all(&directory).is_ok() || !directory.exists() {
                break;
            }
        }
    }
}

/// A new directory that only this user can read: it may hold a private repository.
///
/// # Errors
/// A disk that cannot be written to.
pub fn private_directory() -> Result<tempfile::TempDir, GitError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("fluxr-git-");
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let directory =
        builder.tempdir().map_err(|error| GitError::File { path: std::env::temp_dir(), error })?;
    let mut directories = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
    directories.push(directory.path().to_owned());
    Ok(directory)
}

/// One operation under way; its transports find it by the URL given to libgit2.
pub(super) struct Session {
    pub(super) core: Arc<Core>,
    ticket: transport::Ticket,
}

impl Session {
    fn open(core: Core) -> Result<Self, GitError> {
        let core = Arc::new(core);
        let ticket = transport::Ticket::issue(Arc::clone(&core))?;
        Ok(Self { core, ticket })
    }

    /// The remote of this operation in a repository; nothing about it is written into the repository's configuration.
    pub(super) fn attach<'repo>(
        &self,
        repository: &'repo git2::Repository,
    ) -> Result<git2::Remote<'repo>, GitError> {
        repository
            .remote_anonymous(self.ticket.url())
            .map_err(|error| GitError::other("remote", error.message()))
    }

    /// The URL under which libgit2 finds the transport of this operation.
    pub(super) fn address(&self) -> &str {
        self.ticket.url()
    }

    /// An empty repository for operations that need one but leave nothing behind.
    pub(super) fn scratch(&self) -> Result<Scratch, GitError> {
        let dir = private_directory()?;
        let repository = git2::Repository::init_bare(dir.path())
            .map_err(|error| GitError::other("temporary repository", error.message()))?;
        Ok(Scratch { repository, _dir: dir })
    }

    /// The cause of a failed libgit2 call: what the transport reported, otherwise libgit2's own words.
    pub(super) fn explain(&self, doing: &str, error: &git2::Error) -> GitError {
        if let Some(cause) = self.core.take_failure() {
            return cause;
        }
        if self.core.stop.is_requested() {
            return GitError::Stopped;
        }
        let url = self.core.url.to_string();
        match error.class() {
            // A connection that ends inside the protocol reads as one of these.
            git2::ErrorClass::Net | git2::ErrorClass::Indexer | git2::ErrorClass::Zlib => {
                GitError::Unreachable { url, reason: format!("{doing}: {}", error.message()) }
            }
            _ => GitError::other(doing, error.message()),
        }
    }
}

pub(super) struct Scratch {
    repository: git2::Repository,
    _dir: tempfile::TempDir,
}

impl std::ops::Deref for Scratch {
    type Target = git2::Repository;
    fn deref(&self) -> &git2::Repository {
        &self.repository
    }
}
