//! The algorithms of host keys.

use crate::git::GitError;
use russh::keys::Algorithm;

/// The host-key algorithms asked for when none are configured, the preferred first: the order of Go's SSH client, so that the key
/// found is the one Flux finds.
const HOST_KEY_ALGORITHMS: [&str; 6] = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ssh-ed25519",
];

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
