//! Signatures with SSH keys: the `git` namespace over SHA-512, as OpenSSH's PROTOCOL.sshsig says.

use russh::keys::ssh_key::HashAlg;
use russh::keys::ssh_key::LineEnding;

use crate::git::GitError;
use crate::git::ssh::PrivateKey;

pub(super) fn sign(key: &PrivateKey, text: &[u8]) -> Result<String, GitError> {
    let signed =
        key.0.sign("git", HashAlg::Sha512, text).and_then(|signature| signature.to_pem(LineEnding::LF));
    signed.map_err(|error| GitError::Key { what: "SSH signing key".to_owned(), reason: error.to_string() })
}
