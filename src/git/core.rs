//! What the transports of one operation share, and what they are to libgit2.

use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use git2::transport::Service;
use tokio::sync::watch;

use super::GitError;
use super::GitUrl;

/// How the remote of an operation is reached.
pub(super) trait Link: Send + Sync {
    /// Asks for a service and returns the other end. Blocks.
    fn open(&self, core: &Arc<Core>, service: Service) -> Result<Box<dyn End>, GitError>;
    /// Whether each request is independent of the others, as over HTTP.
    fn is_stateless(&self) -> bool;
}

/// The other end of a pipe. Both calls block.
pub(super) trait End: Send {
    /// The next bytes; none are left when it returns an empty list.
    fn receive(&mut self) -> Result<Vec<u8>, GitError>;
    fn send(&mut self, bytes: &[u8]) -> Result<(), GitError>;
}

/// Tells whether the caller of an operation has given it up.
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
    pub(super) link: Box<dyn Link>,
    pub(super) url: GitUrl,
    pub(super) stop: Stop,
    pub(super) runtime: tokio::runtime::Handle,
    failure: Mutex<Option<GitError>>,
}

impl Core {
    /// An operation that stops when the sender of `alive` is dropped.
    pub(super) fn new(link: Box<dyn Link>, url: GitUrl, alive: watch::Receiver<()>) -> Self {
        let runtime = tokio::runtime::Handle::current();
        Self { link, url, stop: Stop(alive), runtime, failure: Mutex::new(None) }
    }

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

    /// The cause that was kept, if one was.
    pub(super) fn take_failure(&self) -> Option<GitError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
