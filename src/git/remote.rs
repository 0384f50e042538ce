//! A repository somewhere else, and what it takes to speak to it: URL, credentials, certificate authority, proxy, host keys.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::watch;

use super::GitError;
use super::GitUrl;
use super::Scheme;
use super::ssh::PrivateKey;
use super::transport;
use crate::net::Proxy;
use crate::text::Secret;

/// How we identify ourselves.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Nothing but what the URL itself carries.
    #[default]
    None,
    /// User and password or token, over HTTP.
    Basic { username: String, password: Secret },
    /// A bearer token, over HTTP.
    Bearer(Secret),
    /// A key, over SSH.
    Ssh(SshAuth),
}

/// What an SSH connection needs.
#[derive(Clone, Debug, Default)]
pub struct SshAuth {
    /// The key to authenticate with; without one the agent is asked.
    pub key: Option<PrivateKey>,
    /// The socket of an SSH agent (`SSH_AUTH_SOCK`).
    pub agent: Option<PathBuf>,
    /// The text of a `known_hosts` file. A host that it does not hold is refused.
    pub known_hosts: String,
    /// Host-key algorithms to accept, the preferred first; empty means those of Go's SSH client.
    pub host_key_algorithms: Vec<String>,
}

/// A remote repository. Cheap to clone; holds no connection.
#[derive(Clone, Debug)]
pub struct Remote {
    pub url: GitUrl,
    pub auth: Auth,
    /// PEM certificates of authorities trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
    /// SSH connections do not use them.
    pub proxy: Proxy,
}

/// What a remote says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advertised {
    /// The branch `HEAD` stands for. None for an empty repository.
    pub default_branch: Option<String>,
    /// Every branch with the commit it points to, by name.
    pub branches: Vec<(String, String)>,
}

impl Remote {
    /// A remote with these credentials and neither a CA nor a proxy.
    pub fn new(url: GitUrl, auth: Auth) -> Self {
        Self { url, auth, ca: None, proxy: Proxy::default() }
    }

    /// Asks which branches there are; the cheapest way to see that URL and credentials are good.
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
        let link = transport::Link::new(self)?;
        let session = Session::open(Core {
            link,
            url: self.url.clone(),
            stop: Stop(watched),
            runtime: tokio::runtime::Handle::current(),
            failure: Mutex::new(None),
        })?;
        let done = tokio::task::spawn_blocking(move || work(&session)).await;
        drop(alive);
        done.map_err(|error| GitError::other("Git operation", error))?
    }

    /// Whether this remote is spoken to over SSH.
    pub fn is_ssh(&self) -> bool {
        self.url.scheme() == Scheme::Ssh
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

/// Tells whether whoever waits for an operation has gone away.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<()>);

impl Stop {
    pub(super) fn is_requested(&self) -> bool {
        // The sending half lives in the caller's future: it is gone exactly when that future is.
        self.0.has_changed().is_err()
    }

    async fn requested(&self) {
        let mut watched = self.0.clone();
        while watched.changed().await.is_ok() {}
    }
}

/// What the transports of one operation share.
pub(super) struct Core {
    pub(super) link: transport::Link,
    pub(super) url: GitUrl,
    pub(super) stop: Stop,
    pub(super) runtime: tokio::runtime::Handle,
    failure: Mutex<Option<GitError>>,
}

impl Core {
    /// Waits for a future on this blocking thread, unless the operation is given up first.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, GitError> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.requested() => Err(GitError::Stopped),
                done = future => Ok(done),
            }
        })
    }

    /// Keeps the cause of a failure: libgit2 only carries its text from the transport to the caller.
    pub(super) fn fail(&self, error: GitError) -> String {
        let text = error.to_string();
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        text
    }
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

    /// An empty repository for operations that need one but leave nothing behind.
    fn scratch(&self) -> Result<Scratch, GitError> {
        let dir = super::clone::private_directory()?;
        let repository = git2::Repository::init_bare(dir.path())
            .map_err(|error| GitError::other("temporary repository", error.message()))?;
        Ok(Scratch { repository, _dir: dir })
    }

    /// The cause of a failed libgit2 call: what the transport reported, otherwise libgit2's own words.
    pub(super) fn explain(&self, doing: &str, error: &git2::Error) -> GitError {
        if let Some(cause) = self.core.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
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

struct Scratch {
    repository: git2::Repository,
    _dir: tempfile::TempDir,
}

impl std::ops::Deref for Scratch {
    type Target = git2::Repository;
    fn deref(&self) -> &git2::Repository {
        &self.repository
    }
}
