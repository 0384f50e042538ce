//! Signing commits, so that `git verify-commit` accepts them.

mod openpgp;
mod ssh;

pub use openpgp::OpenPgpKey;

use super::GitError;
use super::ssh::PrivateKey;
use crate::text::Secret;

/// A key to sign commits with.
#[derive(Clone, Debug)]
pub enum Signer {
    OpenPgp(OpenPgpKey),
    Ssh(PrivateKey),
}

impl Signer {
    /// A private SSH key from its text. `what` is what errors begin with.
    ///
    /// # Errors
    /// [`GitError::Key`]: not a private key, a missing or wrong passphrase, a kind or size that OpenSSH does not verify.
    pub fn ssh(text: &str, passphrase: &Secret, what: &str) -> Result<Self, GitError> {
        ssh::load(text, passphrase, what).map(Self::Ssh)
    }

    /// The armored signature over the text of a commit made at a time.
    pub(super) fn sign(&self, text: &[u8], at: &jiff::Zoned) -> Result<String, GitError> {
        match self {
            Self::OpenPgp(key) => key.sign(text, at),
            Self::Ssh(key) => ssh::sign(key, text),
        }
    }
}
