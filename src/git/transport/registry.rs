//! The one door between libgit2 and our transports. libgit2 knows transports per URL scheme and process; ours are per operation: each
//! operation gets a URL of its own under a private scheme, and its transport finds the settings behind that number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use git2::transport::Transport;

use super::https;
use super::pipe::Subtransport;
use super::ssh;
use crate::git::GitError;
use crate::git::Remote;
use crate::git::Scheme;
use crate::git::core::Core;
use crate::git::core::Link;

const SCHEME: &str = "fluxr-operation";

/// The operations under way, and the number of the next one.
static OPERATIONS: Mutex<(u64, BTreeMap<u64, Arc<Core>>)> = Mutex::new((0, BTreeMap::new()));

/// How a remote is reached. Nothing is opened yet.
///
/// # Errors
/// Settings that cannot work: a CA file without certificates, credentials of the wrong kind.
pub(in crate::git) fn link_to(remote: &Remote) -> Result<Box<dyn Link>, GitError> {
    Ok(match remote.url.scheme() {
        Scheme::Http | Scheme::Https => Box::new(Arc::new(https::Link::new(remote)?)),
        Scheme::Ssh => Box::new(ssh::Link::new(remote)?),
    })
}

/// An operation's place in the registry, left when dropped.
pub(in crate::git) struct Ticket {
    number: u64,
    url: String,
}

impl Ticket {
    pub(in crate::git) fn issue(core: Arc<Core>) -> Result<Self, GitError> {
        register()?;
        let mut operations = OPERATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        operations.0 += 1;
        let number = operations.0;
        operations.1.insert(number, core);
        Ok(Self { number, url: format!("{SCHEME}://{number}") })
    }

    /// What libgit2 is told to connect to.
    pub(in crate::git) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        OPERATIONS.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.number);
    }
}

fn find(url: &str) -> Option<Arc<Core>> {
    let number = url.strip_prefix(SCHEME)?.strip_prefix("://")?.parse::<u64>().ok()?;
    OPERATIONS.lock().unwrap_or_else(PoisonError::into_inner).1.get(&number).cloned()
}

fn plug(remote: &git2::Remote<'_>) -> Result<Transport, git2::Error> {
    let core =
        remote.url().ok().and_then(find).ok_or_else(|| git2::Error::from_str("operation has ended"))?;
    Transport::smart(remote, core.link.is_stateless(), Subtransport(core))
}

#[expect(
    unsafe_code,
    reason = "git2 marks registration unsafe because it must not run beside the creation of other transports; the cell runs it once, before any operation gets its URL"
)]
fn register() -> Result<(), GitError> {
    static REGISTERED: OnceLock<Result<(), String>> = OnceLock::new();
    REGISTERED
        .get_or_init(|| {
            // SAFETY: the first operation waits here until registration is done, and no transport is created outside an operation.
            unsafe { git2::transport::register(SCHEME, plug) }.map_err(|error| error.message().to_owned())
        })
        .clone()
        .map_err(|reason| GitError::other("Git transport", reason))
}
