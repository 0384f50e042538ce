//! Signatures with SSH keys: the `git` namespace over SHA-512, as OpenSSH's PROTOCOL.sshsig says.

use russh::keys::ssh_key::HashAlg;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::KeypairData;

use crate::git::GitError;
use crate::git::ssh::PrivateKey;
use crate::text::Secret;

/// OpenSSH verifies no signature of a smaller RSA key.
const SMALLEST_RSA: usize = 2048;

/// Reads a key to sign with; the passphrase is looked at for an encrypted key only. `what` is what errors begin with, which are worded as
/// the Flux CLI words them.
pub(super) fn load(text: &str, passphrase: &Secret, what: &str) -> Result<PrivateKey, GitError> {
    let refuse = |reason: String| GitError::Key { what: what.to_owned(), reason };
    let is_encrypted = PrivateKey::is_encrypted(text);
    if is_encrypted && passphrase.is_empty() {
        return Err(refuse("SSH signing key is encrypted; passphrase required".to_owned()));
    }
    let key = match PrivateKey::parse(text, is_encrypted.then_some(passphrase), "") {
        Ok(key) => key,
        Err(GitError::Key { reason, .. }) => {
            return Err(refuse(format!("could not parse SSH signing key: {reason}")));
        }
        Err(other) => return Err(other),
    };
    match key.0.key_data() {
        KeypairData::Ed25519(_) | KeypairData::Ecdsa(_) => Ok(key),
        KeypairData::Rsa(pair) => {
            let bits = pair.public().n().as_positive_bytes().map_or(0, |number| number.len() * 8);
            if bits >= SMALLEST_RSA {
                return Ok(key);
            }
            Err(refuse(format!(
                "RSA key size {bits} bits is below the minimum supported by NewSSHSigner; must be at least {SMALLEST_RSA}"
            )))
        }
        _ => Err(refuse(format!("unsupported SSH signing key algorithm: {}", key.algorithm()))),
    }
}

pub(super) fn sign(key: &PrivateKey, text: &[u8]) -> Result<String, GitError> {
    let signed =
        key.0.sign("git", HashAlg::Sha512, text).and_then(|signature| signature.to_pem(LineEnding::LF));
    signed.map_err(|error| GitError::Key { what: "SSH signing key".to_owned(), reason: error.to_string() })
}
