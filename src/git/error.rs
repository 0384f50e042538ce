//! What can go wrong with a remote repository, by what a caller can do about it.

use crate::net::Retryable;
use std::path::PathBuf;
use std::time::Duration;

/// A failed Git operation. No variant ever carries a credential: URLs come from [`super::GitUrl`]'s `Display`, which leaves them out.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The text is not the URL of a repository, or has an unsupported scheme.
    #[error("invalid Git URL \"{url}\": {reason}")]
    Url { url: String, reason: String },
    /// The server does not accept the credentials, or requires some.
    #[error("authentication failed for \"{url}\": {reason}")]
    Unauthorized { url: String, reason: String },
    /// The credentials are good, but do not allow this.
    #[error("access to \"{url}\" denied: {reason}")]
    Forbidden { url: String, reason: String },
    /// The repository does not exist, or is not visible with these credentials.
    #[error("repository \"{url}\" not found: {reason}")]
    NotFound { url: String, reason: String },
    /// The server answered with an error of its own.
    #[error("\"{url}\" answered {status}: {reason}")]
    Server { url: String, status: u16, reason: String, retry_after: Option<Duration> },
    /// The server's certificate is not trusted, or TLS failed otherwise.
    #[error("TLS connection to \"{url}\" failed: {reason}")]
    Tls { url: String, reason: String },
    /// A CA file or a proxy that cannot be used.
    #[error(transparent)]
    Client(#[from] crate::net::Unusable),
    /// There was no connection, or it broke.
    #[error("connection to \"{url}\" failed: {reason}")]
    Unreachable { url: String, reason: String },
    /// Something answered, but it does not speak Git.
    #[error("\"{url}\" is not a Git repository: {reason}")]
    NotGit { url: String, reason: String },
    /// The server's host key is unknown, different from the expected one, or revoked.
    #[error("host key of \"{host}\" not accepted: {reason}")]
    HostKey { host: String, reason: String },
    /// A private key or key ring cannot be used.
    #[error("{what}: {reason}")]
    Key { what: String, reason: String },
    /// The remote has branches, but not this one.
    #[error("branch \"{branch}\" not found in \"{url}\", which has {}", listed(.existing))]
    BranchMissing { branch: String, url: String, existing: Vec<String> },
    /// The repository does not have the commit, or no longer has it.
    #[error("commit {} is not in \"{url}\"", commit.get(..12).unwrap_or(commit))]
    CommitMissing { commit: String, url: String },
    /// The remote has commits that the clone does not have.
    #[error("push to \"{branch}\" refused: the remote has newer commits ({reason})")]
    NonFastForward { branch: String, reason: String },
    /// The server received the commits but refuses to move the branch: a protected branch, a hook.
    #[error("push to \"{branch}\" declined by the server: {reason}")]
    Declined { branch: String, reason: String },
    /// The path leaves the clone, or leads through a link.
    #[error("path \"{path}\" is not inside the repository: {reason}")]
    OutsideClone { path: String, reason: String },
    /// A file of the clone cannot be read or written.
    #[error("file \"{}\": {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    /// The operation was given up, by a timeout or an interrupt.
    #[error("interrupted")]
    Stopped,
    /// Anything else libgit2 reports.
    #[error("{doing}: {reason}")]
    Other { doing: String, reason: String },
}

impl Retryable for GitError {
    /// The network, an overloaded or failing server.
    fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Server { status, .. } => *status == 429 || *status == 408 || *status >= 500,
            _ => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl GitError {
    pub(super) fn other(doing: impl Into<String>, reason: impl ToString) -> Self {
        Self::Other { doing: doing.into(), reason: reason.to_string() }
    }
}

fn listed(branches: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut text =
        branches.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    if branches.len() > SHOWN {
        text.push_str(&format!(" and {} more", branches.len() - SHOWN));
    }
    if text.is_empty() { "no branches".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_branch_names_those_that_are_there() {
        let existing = (0..12).map(|n| format!("b{n}")).collect();
        let error = GitError::BranchMissing { branch: "main".into(), url: "https://h/r".into(), existing };
        let text = error.to_string();
        assert!(
            text.starts_with("branch \"main\" not found in \"https://h/r\", which has \"b0\", \"b1\""),
            "{text}"
        );
        assert!(text.ends_with("\"b9\" and 2 more"), "{text}");
    }

    #[test]
    fn only_the_network_and_the_servers_own_troubles_are_transient() {
        let server = |status| GitError::Server {
            url: String::new(),
            status,
            reason: String::new(),
            retry_after: Some(Duration::from_secs(3)),
        };
        assert!(server(503).is_transient() && server(429).is_transient());
        assert!(!server(418).is_transient());
        assert_eq!(server(429).retry_after(), Some(Duration::from_secs(3)));
        assert!(!GitError::Unauthorized { url: String::new(), reason: String::new() }.is_transient());
        assert!(!GitError::Stopped.is_transient());
    }
}
