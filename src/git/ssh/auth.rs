//! What an SSH connection needs.

use super::PrivateKey;
use std::path::PathBuf;

/// A key or an agent, and the hosts that are known.
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
