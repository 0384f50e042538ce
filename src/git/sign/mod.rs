//! Signing commits, so that `git verify-commit` accepts them.

mod openpgp;
mod ssh;

pub use openpgp::OpenPgpKey;

use super::GitError;
use super::ssh::PrivateKey;

/// A key to sign commits with.
#[derive(Clone, Debug)]
pub enum Signer {
    OpenPgp(OpenPgpKey),
    Ssh(PrivateKey),
}

impl Signer {
    /// The armored signature over the text of a commit made at a time.
    pub(super) fn sign(&self, text: &[u8], at: &jiff::Zoned) -> Result<String, GitError> {
        match self {
            Self::OpenPgp(key) => key.sign(text, at),
            Self::Ssh(key) => ssh::sign(key, text),
        }
    }
}
