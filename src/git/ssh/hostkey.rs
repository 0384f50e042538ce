//! Asking a host for its key, as `known_hosts` of a source secret wants it.

use std::time::Duration;

use super::algorithms::parse_algorithms;
use super::connection;
use super::known_hosts::normalize;
use crate::git::GitError;

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
