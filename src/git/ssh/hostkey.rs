//! Asking a host for its key, as `known_hosts` of a source secret wants it.

use std::time::Duration;

use russh::keys::Algorithm;

use super::connection;
use super::known_hosts::normalize;
use crate::git::GitError;

/// The host-key algorithms asked for when none are configured, the preferred first: the order of Go's SSH client, so that the key
/// found is the one Flux finds.
pub const HOST_KEY_ALGORITHMS: [&str; 6] = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ssh-ed25519",
];

/// Connects to a host, takes the key it shows without authenticating, and returns the line for `known_hosts`, with its newline.
///
/// # Errors
/// [`GitError::Unreachable`] when the host does not answer within the timeout, [`GitError::HostKey`] when it has no key of the wanted
/// algorithms, [`GitError::Key`] for an algorithm that is not known.
pub async fn scan_host_key(
    host: &str,
    port: u16,
    algorithms: &[String],
    timeout: Duration,
) -> Result<String, GitError> {
    let key = connection::host_key(host, port, parse_algorithms(algorithms)?, timeout).await?;
    // The comment would be ours, not the host's.
    let line = key
        .to_openssh()
        .map_err(|error| GitError::HostKey { host: normalize(host, port), reason: error.to_string() })?;
    Ok(format!("{} {}\n", normalize(host, port), line.trim_end()))
}

/// The algorithms by name, or the default ones.
pub(super) fn parse_algorithms(names: &[String]) -> Result<Vec<Algorithm>, GitError> {
    let parse = |name: &str| match name.parse::<Algorithm>() {
        Ok(Algorithm::Other(_)) | Err(_) => Err(GitError::Key {
            what: format!("host key algorithm \"{name}\""),
            reason: format!("not known, use some of {}", HOST_KEY_ALGORITHMS.join(", ")),
        }),
        Ok(algorithm) => Ok(algorithm),
    };
    if names.is_empty() {
        return HOST_KEY_ALGORITHMS.iter().copied().map(parse).collect();
    }
    names.iter().map(|name| parse(name.trim())).collect()
}
